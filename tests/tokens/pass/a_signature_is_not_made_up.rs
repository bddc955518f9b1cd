use vetsh::approval::Basis;
use vetsh::approval::needs::Needs;
use vetsh::approval::request::Request;
use vetsh::approval::signed::{Signed, Verified};

fn count(request: &Request, needs: &Needs, one: Verified) -> Option<Basis> {
    Signed::of(request, needs, vec![one]).ok().map(Basis::Signed)
}

fn main() {
    let _ = count;
}
