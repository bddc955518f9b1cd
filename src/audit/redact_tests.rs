//! Redaction, with its cases as data.

use super::*;

#[derive(serde::Deserialize)]
struct Case {
    text: Option<String>,
    argv: Option<Vec<String>>,
    #[serde(default)]
    hidden: Vec<String>,
}

#[derive(serde::Deserialize)]
struct Cases {
    case: Vec<Case>,
}

/// Secrets are written in the case files with a `~` inside that is taken out here, so that no scanner of repositories
/// takes them for real ones.
fn joined(text: &str) -> String {
    text.replace("~|", "")
}

#[test]
fn secrets_go_and_everything_else_stays() {
    let key = || Ok([7; 32]);
    let redactor = Redactor::new(&key);
    for file in ["secrets.toml", "near-misses.toml"] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/audit").join(file);
        let cases: Cases = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert!(cases.case.len() > 20);
        for case in cases.case {
            let hidden: Vec<String> = case.hidden.iter().map(|text| joined(text)).collect();
            let (before, after) = match (case.text, case.argv) {
                (Some(text), _) => {
                    let text = joined(&text);
                    let redacted = redactor.text(&text.clone().into()).unwrap();
                    (text, String::from_utf8(redacted.bytes).unwrap())
                }
                (None, Some(argv)) => {
                    let argv: Vec<String> = argv.iter().map(|word| joined(word)).collect();
                    let words: Vec<Option<Unredacted>> = argv.iter().map(|word| Some(word.clone().into())).collect();
                    let words = redactor.words(&words).unwrap();
                    let words = words.into_iter().flatten().map(|word| String::from_utf8(word.bytes).unwrap());
                    (argv.join("\n"), words.collect::<Vec<_>>().join("\n"))
                }
                (None, None) => panic!("a case without text"),
            };
            if hidden.is_empty() {
                assert_eq!(before, after, "{file}: nothing here is secret");
            }
            for secret in &hidden {
                assert!(before.contains(secret.as_str()), "{file}: {secret} is not in {before}");
                assert!(!after.contains(secret.as_str()), "{file}: {secret} is still in {after}");
            }
            assert_eq!(after.matches("[redacted:").count(), hidden.len(), "{file}: {before} became {after}");
        }
    }
}

#[test]
fn redaction_is_total_linear_and_stable() {
    let key = || Ok([7; 32]);
    let redactor = Redactor::new(&key);
    let nasty: [&[u8]; 8] =
        [b"=", b"://", b"eyJ.", b"-----BEGIN ", b"password=", b"--password", b"Bearer ", b"\xff:\xfe="];
    let mut state = 9_u64;
    for _ in 0..20_000 {
        let mut text = Vec::new();
        for _ in 0..6 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text.extend_from_slice(nasty[(state >> 40) as usize % nasty.len()]);
            text.push((state >> 33) as u8);
        }
        let once = redactor.text(&text.clone().into()).unwrap();
        assert!(once.bytes.len() < text.len() + 400);
    }
    let long = [b"password = ".repeat(20_000), b"://".repeat(20_000), b"-----BEGIN PRIVATE KEY".repeat(2000)].concat();
    assert!(!secrets(&long).is_empty());
}
