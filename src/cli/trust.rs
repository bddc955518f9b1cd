//! `vetsh trust FILE`: what loosens in this file counts from now on, at exactly these bytes.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use super::answer::{Answer, Outcome, Problem, print};
use super::approvals::{meant, proven};
use super::arguments::{Arguments, Trust};
use super::bench::Bench;
use crate::approval::signers::{FILE, Signers};
use crate::house::House;
use crate::house::policies::trust_name;

pub fn run(arguments: &Arguments, asked: &Trust) -> Outcome {
    let bench = Bench::open(arguments)?;
    let house = &bench.house;
    if house.is_ruled() {
        return Err(Problem("root alone decides here what loosens: /etc/vetsh/policy.toml".to_owned()));
    }
    proven(house).map_err(|why| Problem(format!("trusting needs a human at a terminal of their own: {why}")))?;
    let path =
        std::path::absolute(&asked.file).map_err(|error| Problem(format!("{}: {error}", asked.file.display())))?;
    let bytes = std::fs::read(&path).map_err(|error| Problem(format!("{}: {error}", path.display())))?;
    // A file that does not load is never trusted.
    house.policies()?;
    if !meant()? {
        return Err(Problem("not confirmed; nothing is trusted".into()));
    }
    keep(house, &path, &bytes)?;
    if path.file_name().is_some_and(|name| name == FILE) {
        let signers = Signers::read(&bytes);
        signers
            .list
            .iter()
            .for_each(|signer| print(&format!("approver {}, {}", signer.name, signer.key.fingerprint())));
        signers.left_out.iter().for_each(|why| eprintln!("vetsh: no approver: {why}"));
    }
    print(&format!("trusted {} as it is now", path.display()));
    Ok(Answer::Yes)
}

/// Keeps what a human trusts of a policy file, and records it.
pub fn keep(house: &House, path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let folder = house.guard().join("trust");
    let broken = |error: std::io::Error| Problem(format!("{}: {error}", folder.display()));
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(broken)?;
    let name = folder.join(trust_name(path));
    let fresh = folder.join(format!("new.{}", std::process::id()));
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh).map_err(broken)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(broken)?;
    std::fs::rename(&fresh, &name).map_err(broken)?;
    crate::audit::record_trust(house, path, bytes)?;
    Ok(())
}
