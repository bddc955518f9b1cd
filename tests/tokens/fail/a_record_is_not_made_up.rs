use vetsh::audit::Recorded;

fn forge<T>(value: T) -> Recorded<T> {
    Recorded { value, id: String::new() }
}

fn main() {
    let _ = forge::<u8>;
}
