use vetsh::audit::Recorded;
use vetsh::sandbox::Raised;

fn go(recorded: Recorded<Raised>) {
    let _ = vetsh::exec::launch(recorded);
    let _ = vetsh::exec::launch(recorded);
}

fn main() {
    let _ = go;
}
