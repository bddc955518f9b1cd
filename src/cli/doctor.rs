//! `vetsh doctor`.

use super::answer::{Answer, Outcome, print};
use super::arguments::{Arguments, Doctor};
use crate::doctor::{State, examine};
use crate::house::House;

pub fn run(arguments: &Arguments, asked: &Doctor) -> Outcome {
    use std::os::unix::ffi::OsStrExt;
    let root = arguments.root.as_ref().map(|root| root.as_os_str().as_bytes().to_vec());
    let findings = examine(&House::open(root.as_deref()));
    let worst = findings.iter().map(|finding| finding.state).max().unwrap_or(State::Good);
    if asked.json {
        print(&serde_json::json!({ "schema": 1, "state": worst, "findings": findings }).to_string());
    } else {
        for finding in &findings {
            print(&format!("{:<9} {:<15} {}", finding.state.name(), finding.probe, finding.what));
            if let Some(instead) = &finding.instead {
                print(&format!("{:<25} do: {instead}", ""));
            }
        }
    }
    Ok(if worst == State::Broken { Answer::No } else { Answer::Yes })
}
