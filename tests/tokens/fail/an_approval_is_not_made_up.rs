use vetsh::approval::{Approved, Basis};
use vetsh::judge::Judged;

fn forge(judged: Judged) -> Approved {
    Approved { judged, basis: Basis::Policy }
}

fn main() {
    let _ = forge;
}
