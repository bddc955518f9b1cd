use vetsh::audit::Recorded;
use vetsh::sandbox::Raised;
use vetsh::sys::feed::Spoon;

fn go(raised: Recorded<Raised>, spoon: &Spoon) {
    let _ = vetsh::exec::feed::hand(raised, None, true, 0, spoon);
}

fn main() {
    let _ = go;
}
