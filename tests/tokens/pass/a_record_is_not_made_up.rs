use vetsh::audit::Recorded;

fn id<T>(recorded: &Recorded<T>) -> &str {
    recorded.id()
}

fn main() {
    let _ = id::<u8>;
}
