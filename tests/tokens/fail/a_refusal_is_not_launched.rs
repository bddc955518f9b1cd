use vetsh::approval::Refused;
use vetsh::audit::Recorded;

fn go(recorded: Recorded<Refused>) {
    let _ = vetsh::exec::launch(recorded);
}

fn main() {
    let _ = go;
}
