//! Every stage is made to fail in turn: no exec follows, and the run ends closed.
//!
//! The test runs itself again for each stage, as the way in of a shell whose command would leave a mark.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

use std::path::Path;
use std::process::{Command, ExitCode};

use vetsh::fault::{Stage, arm};
use vetsh::invocation::{Invocation, Shell};
use vetsh::pipeline::{Call, run};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, marker, stage, root] = arguments.as_slice()
        && marker == "--fault"
    {
        return one(stage, root);
    }
    let own = std::env::current_exe().expect("our own path");
    let mut failed = 0;
    for stage in Stage::ALL {
        let scratch = tempfile::tempdir().expect("a scratch directory");
        let output = Command::new(&own)
            .args(["--fault", &format!("{stage:?}")])
            .arg(scratch.path())
            .current_dir(scratch.path())
            .output()
            .expect("the test runs itself");
        let text = String::from_utf8_lossy(&output.stderr);
        let ran = scratch.path().join("ran").exists() || !output.stdout.is_empty();
        let closed = output.status.code() == Some(125) && text.contains("fault.injected");
        println!("{stage:?}: {} ({:?})", if closed && !ran { "ok" } else { "FAILED" }, output.status.code());
        if !closed || ran {
            println!("{text}");
            failed += 1;
        }
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn one(stage: &str, root: &str) -> ExitCode {
    let stage = Stage::ALL.into_iter().find(|known| format!("{known:?}") == stage).expect("a stage");
    arm(stage);
    let argv = ["bash", "-c", "echo ran"].map(|word| word.as_bytes().to_vec()).to_vec();
    let root = Path::new(root).as_os_str().as_encoded_bytes().to_vec();
    run(Call { root: Some(root), profile: None, invocation: Invocation::of_shell(Shell::Bash, argv) }).into()
}
