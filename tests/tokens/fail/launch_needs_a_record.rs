use vetsh::sandbox::Raised;

fn go(raised: Raised) {
    let _ = vetsh::exec::launch(raised);
}

fn main() {
    let _ = go;
}
