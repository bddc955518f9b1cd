use vetsh::approval::Approved;

fn copy(approved: &Approved) -> Approved {
    approved.clone()
}

fn main() {
    let _ = copy;
}
