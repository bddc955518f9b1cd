use vetsh::audit::Recorded;
use vetsh::sandbox::Raised;

fn go(raised: Recorded<Raised>) {
    let _ = vetsh::exec::launch(raised);
}

fn main() {
    let _ = go;
}
