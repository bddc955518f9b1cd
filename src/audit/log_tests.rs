//! The log under fault: cut short anywhere, many writers, a stopped holder, a full disk, a clock that goes back.

#![allow(clippy::disallowed_methods, reason = "outside oracles and writers of their own are other programs")]

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;

use super::*;
use crate::audit::verify::verify;

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Place(tempfile::Builder::new().permissions(std::fs::Permissions::from_mode(0o700)).tempdir().unwrap())
    }
    fn path(&self) -> &Path {
        self.0.path()
    }
    fn audit(&self) -> PathBuf {
        self.path().join("audit")
    }
    fn today(&self) -> PathBuf {
        self.audit().join(format!("{}.jsonl", days(&self.audit()).unwrap().pop().unwrap()))
    }
    fn append(&self, kind: Kind, line: &str) -> Result<Receipt, Error> {
        Log::open(self.path())?.append(&Draft { line: Some(line.into()), ..Draft::new(kind) })
    }
    fn holds(&self) -> crate::audit::Report {
        let report = verify(&self.audit()).unwrap();
        assert!(report.holds(), "{report:?}");
        report
    }
}

#[test]
fn records_are_chained_and_a_stock_tool_agrees() {
    let place = Place::new();
    for number in 1..=5 {
        assert_eq!(place.append(Kind::Launch, "echo grüße").unwrap().seq, number);
    }
    place.holds();
    let script = r#"
import hashlib, json, sys
prev = "0" * 64
for n, line in enumerate(open(sys.argv[1], "rb"), 1):
    line = line.rstrip(b"\n"); record = json.loads(line)
    covered = line[:line.rindex(b',"hash":')]
    assert hashlib.sha256(covered).hexdigest() == record["hash"] and list(record)[-1] == "hash"
    assert record["prev"] == prev and record["seq"] == n
    prev = record["hash"]
print(n)
"#;
    let out = Command::new("python3").arg("-c").arg(script).arg(place.today()).output();
    let Ok(out) = out else { return eprintln!("SKIPPED: no python3 to check the chain with") };
    assert_eq!((String::from_utf8_lossy(&out.stdout).trim(), out.status.code()), ("5", Some(0)), "{out:?}");
}

#[test]
fn the_script_in_the_manual_agrees_and_finds_a_change() {
    let place = Place::new();
    for line in ["echo \\n 'x' \"y\"", "grüße", "a\nb"] {
        place.append(Kind::Launch, line).unwrap();
    }
    let manual = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/audit.md")).unwrap();
    let script = manual.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    if Command::new("jq").arg("--version").output().is_err() {
        return eprintln!("SKIPPED: no jq to run the manual's script with");
    }
    let run = || Command::new("bash").args(["-c", script, "verify"]).arg(place.today()).output().unwrap();
    let out = run();
    assert!(out.status.success(), "{out:?}");
    let text = std::fs::read_to_string(place.today()).unwrap();
    std::fs::write(place.today(), text.replace("grüße", "grüsse")).unwrap();
    assert!(!run().status.success());
}

#[test]
fn cut_short_at_any_byte_the_chain_goes_on_and_tells() {
    let place = Place::new();
    place.append(Kind::Launch, "first").unwrap();
    let whole = std::fs::read(place.today()).unwrap();
    let head = std::fs::read(place.audit().join("head")).unwrap();
    place.append(Kind::Launch, "second").unwrap();
    let both = std::fs::read(place.today()).unwrap();
    for cut in whole.len() + 1..both.len() {
        std::fs::write(place.today(), &both[..cut]).unwrap();
        std::fs::write(place.audit().join("head"), &head).unwrap();
        place.append(Kind::Launch, "third").unwrap();
        let report = place.holds();
        assert_eq!(report.incidents, 1, "cut at {cut}");
        let complete = cut == both.len() - 1;
        assert_eq!(report.records, if complete { 4 } else { 3 }, "cut at {cut}");
    }
    // Even the very first record may be the one that is cut.
    for cut in [0, 1, whole.len() / 2, whole.len() - 1] {
        std::fs::write(place.today(), &whole[..cut]).unwrap();
        std::fs::remove_file(place.audit().join("head")).unwrap();
        place.append(Kind::Launch, "again").unwrap();
        assert_eq!(place.holds().incidents, u64::from(cut > 0), "cut at {cut}");
    }
}

#[test]
fn a_changed_record_stops_everything_and_a_removed_one_is_told() {
    let place = Place::new();
    for line in ["one", "two", "three"] {
        place.append(Kind::Launch, line).unwrap();
    }
    let text = std::fs::read_to_string(place.today()).unwrap();
    // Before Linux 6.13 a change shows once the clock has ticked.
    std::thread::sleep(Duration::from_millis(20));
    std::fs::write(place.today(), text.replace("three", "thre3")).unwrap();
    assert!(matches!(place.append(Kind::Launch, "four"), Err(Error::Broken { fault: Fault::Hash, .. })));
    std::fs::write(place.today(), text.replace("two", "tvo")).unwrap();
    assert_eq!(verify(&place.audit()).unwrap().problems.len(), 1);
    let without_last: String = text.split_inclusive('\n').take(2).collect();
    std::fs::write(place.today(), &without_last).unwrap();
    assert!(!verify(&place.audit()).unwrap().holds(), "the head is ahead");
    place.append(Kind::Launch, "four").unwrap();
    assert_eq!(verify(&place.audit()).unwrap().incidents, 1);
    let without_middle: String =
        text.split_inclusive('\n').enumerate().filter(|(n, _)| *n != 1).map(|(_, l)| l).collect();
    std::fs::write(place.today(), without_middle).unwrap();
    assert!(!verify(&place.audit()).unwrap().holds());
}

#[test]
fn two_hundred_writers_keep_one_chain() {
    let place = Place::new();
    std::thread::scope(|scope| {
        for number in 0..200 {
            let place = &place;
            scope.spawn(move || place.append(Kind::Launch, &format!("writer {number}")).unwrap());
        }
    });
    assert_eq!(place.holds().records, 200);
}

#[test]
fn a_stopped_lock_holder_costs_two_seconds_and_an_error() {
    let place = Place::new();
    place.append(Kind::Launch, "x").unwrap();
    let head = File::options().read(true).write(true).open(place.audit().join("head")).unwrap();
    let _held = Lock::take(&head, PATIENCE).unwrap();
    let start = std::time::Instant::now();
    assert!(matches!(place.append(Kind::Launch, "y"), Err(Error::Locked)));
    assert!((2..10).contains(&start.elapsed().as_secs()));
}

#[test]
fn the_chain_runs_on_over_days_and_a_clock_that_goes_back() {
    let place = Place::new();
    place.append(Kind::Launch, "x").unwrap();
    // A day that ended before today.
    let old = place.audit().join("2020-01-01.jsonl");
    std::fs::rename(place.today(), &old).unwrap();
    std::fs::remove_file(place.audit().join("head")).unwrap();
    assert_eq!(place.append(Kind::Launch, "y").unwrap().seq, 2);
    // A day that has not come yet: the record goes into its file, in order.
    std::fs::rename(place.today(), place.audit().join("2999-01-01.jsonl")).unwrap();
    std::fs::remove_file(place.audit().join("head")).unwrap();
    assert_eq!(place.append(Kind::Launch, "z").unwrap().seq, 3);
    // The chain is whole; that a file of 2020 holds a record of today is seen all the same.
    let report = verify(&place.audit()).unwrap();
    assert_eq!((report.files, report.records, report.incidents), (2, 3, 0));
    assert_eq!(
        report.problems.iter().map(|p| p.what.as_str()).collect::<Vec<_>>(),
        ["the record is of a later day than its file"]
    );
}

#[test]
fn what_others_may_change_is_refused() {
    let place = Place::new();
    place.append(Kind::Launch, "x").unwrap();
    let mode = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    let unfit = || matches!(place.append(Kind::Launch, "y"), Err(Error::Unfit { .. }));
    mode(&place.audit(), 0o770);
    assert!(unfit());
    mode(&place.audit(), 0o700);
    mode(&place.today(), 0o606);
    assert!(unfit());
    mode(&place.today(), 0o600);
    let today = place.today();
    let aside = place.path().join("aside");
    std::fs::rename(&today, &aside).unwrap();
    symlink(&aside, &today).unwrap();
    assert!(unfit());
    std::fs::remove_file(&today).unwrap();
    std::fs::hard_link(&aside, &today).unwrap();
    assert!(unfit());
}

#[test]
fn a_full_disk_refuses_launches_and_still_records_refusals() {
    let place = Place::new();
    let disk = place.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=512k,mode=700", "none"]).arg(&disk).output();
    if !mounted.is_ok_and(|out| out.status.success()) {
        return eprintln!("SKIPPED: a full disk needs the right to mount a small one (root)");
    }
    let append =
        |kind| Log::open(&disk).and_then(|mut log| log.append(&Draft { line: Some("x".into()), ..Draft::new(kind) }));
    let outcome = std::panic::catch_unwind(|| {
        append(Kind::Launch).unwrap();
        let filler = File::create(disk.join("filler")).unwrap();
        let mut at = 0;
        while filler.write_all_at(&[1; 512], at).is_ok() {
            at += 512;
        }
        let mut launches = 0;
        while append(Kind::Launch).is_ok() {
            launches += 1;
            assert!(launches < 100, "the disk never got full");
        }
        assert!(matches!(append(Kind::Launch), Err(Error::Full)));
        for _ in 0..20 {
            append(Kind::Refusal).unwrap();
        }
        assert!(verify(&disk.join("audit")).unwrap().holds());
    });
    let _ = Command::new("umount").arg(&disk).status();
    outcome.unwrap();
}

#[test]
fn a_long_line_keeps_head_length_and_digest() {
    let place = Place::new();
    place.append(Kind::Launch, &"a\"".repeat(200_000)).unwrap();
    let text = std::fs::read_to_string(place.today()).unwrap();
    assert!(text.len() <= LONGEST);
    let record: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(record["line"]["bytes"], 400_000);
    assert_eq!(record["line"]["sha256"], hexadecimal(&Sha256::digest("a\"".repeat(200_000))));
    place.append(Kind::Launch, "next").unwrap();
    place.holds();
}

#[test]
fn the_cap_stops_launches_with_a_warning_before() {
    let place = Place::new();
    let mut log = Log::open(place.path()).unwrap().with(Some(2000), false);
    let draft = Draft { line: Some("x".into()), ..Draft::new(Kind::Launch) };
    let mut warned = false;
    let capped = loop {
        match log.append(&draft) {
            Ok(receipt) => warned |= receipt.nearly_full.is_some(),
            Err(error) => break error,
        }
    };
    assert!(matches!(capped, Error::Capped(2000)) && warned);
    log.append(&Draft::new(Kind::Refusal)).unwrap();
}

#[test]
fn a_secret_never_reaches_the_disk() {
    let place = Place::new();
    let secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    let draft = Draft {
        line: Some(format!("curl -H 'Authorization: Bearer {secret}' x").into()),
        intent: Some(secret.into()),
        assigned: vec![(b"GITHUB_TOKEN".to_vec(), Some("hunter2hunter2".into()))],
        detail: vec![("what", secret.into())],
        ..Draft::new(Kind::Launch)
    };
    assert!(!format!("{draft:?}").contains(secret));
    Log::open(place.path()).unwrap().append(&draft).unwrap();
    let text = std::fs::read_to_string(place.today()).unwrap();
    assert!(!text.contains(secret) && !text.contains("hunter2"), "{text}");
    assert!(text.contains("[redacted:github-token:") && text.contains("hmac-sha256:"), "{text}");
    let key = place.path().join(KEY).metadata().unwrap();
    assert_eq!((key.permissions().mode() & 0o777, key.len()), (0o600, 32));
}
