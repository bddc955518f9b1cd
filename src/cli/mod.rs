//! The command face.

/// The way in of the command face. `argv[0]` first.
#[must_use]
pub fn main(argv: Vec<Vec<u8>>) -> std::process::ExitCode {
    let verb = argv.get(1).map(|word| String::from_utf8_lossy(word).into_owned()).unwrap_or_default();
    eprintln!("vetsh: there is no verb {verb:?}");
    std::process::ExitCode::from(2)
}
