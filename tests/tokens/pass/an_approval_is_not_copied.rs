use vetsh::approval::Approved;

fn look(approved: &Approved) -> &str {
    approved.basis().name()
}

fn main() {
    let _ = look;
}
