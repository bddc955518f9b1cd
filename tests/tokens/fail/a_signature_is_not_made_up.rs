use vetsh::approval::Basis;
use vetsh::approval::needs::Needs;
use vetsh::approval::request::Request;
use vetsh::approval::signed::{Signed, Verified};

fn forge(request: &Request, needs: &Needs, name: String) -> Option<Basis> {
    let one = Verified { name, key: String::new(), text: String::new() };
    Signed::of(request, needs, vec![one]).ok().map(Basis::Signed)
}

fn main() {
    let _ = forge;
}
