//! Answering by signing: `vetsh approve|deny ID --key FILE`, and `vetsh approvals export|import` for approvers elsewhere.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::answer::{Answer, Outcome, Problem, print};
use super::approvals::{Said, answer_to, nobody_here, spool, waits_not};
use super::arguments::Arguments;
use super::bench::Bench;
use crate::approval::signed::{self, Claims, Verified};
use crate::approval::signers::{FILE, Signers};
use crate::approval::spool::Waiting;
use crate::approval::statement::{NAMESPACE, statement};
use crate::house::House;
use crate::sys::file;
use crate::text::escape;

/// Longer is no signature.
const LARGEST: usize = 16 * 1024;

/// Signs a request with a human's key, and verifies that as the run that waits will.
pub fn by_key(house: &House, waiting: &Waiting, yes: bool, key: &Path) -> Result<Verified, String> {
    let signers = Signers::load(house)?;
    let text = signed::sign(house, &waiting.request, yes, key)?;
    signed::verify(house, &signers, &waiting.request, yes, &text, Some(key))
}

/// Writes what is to be signed, for machines where the keys are, with who may sign and who has.
pub fn export(arguments: &Arguments, id: &str, folder: &Path) -> Outcome {
    let house = Bench::open(arguments)?.house;
    let Some(waiting) = spool(&house)?.get(id) else { return Ok(waits_not(id)) };
    let request = &waiting.request;
    let failed = |error: std::io::Error| Problem(format!("{}: {error}", folder.display()));
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    let put = |name: &str, bytes: &[u8]| {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600).custom_flags(nix::libc::O_NOFOLLOW);
        options.open(folder.join(format!("{id}.{name}")))?.write_all(bytes)
    };
    for (answer, yes) in [("yes", true), ("no", false)] {
        put(answer, &statement(request, yes)).map_err(failed)?;
    }
    if let Ok(signers) = Signers::load(&house) {
        let lines: String = signers.list.iter().map(|signer| signer.line()).collect();
        put(FILE, lines.as_bytes()).map_err(failed)?;
        let claims = Claims::open(&house.guard()).map(|claims| claims.of(request)).unwrap_or_default();
        for by in signed::holding(&house, &signers, request, &claims).0 {
            put(&format!("yes.{}.sig", by.name()), by.text().as_bytes()).map_err(failed)?;
        }
    }
    let place = folder.join(id);
    print(&format!("to say yes: ssh-keygen -Y sign -n {NAMESPACE} -f KEY {}.yes", place.display()));
    print(&format!("to say no:  ssh-keygen -Y sign -n {NAMESPACE} -f KEY {}.no", place.display()));
    print(&format!("then, here: vetsh approvals import {}.yes.sig", place.display()));
    Ok(Answer::Yes)
}

/// Takes signatures that were made elsewhere. The name of each begins with the request's id and says yes or no, as exported.
pub fn import(arguments: &Arguments, files: &[PathBuf]) -> Outcome {
    let house = match super::approvals::for_a_human(arguments)? {
        Ok(house) => house,
        // Where root lists who signs, a signature proves itself, whoever brings it.
        Err(_) if Bench::open(arguments)?.house.is_ruled() => Bench::open(arguments)?.house,
        Err(why) => return Ok(nobody_here(why)),
    };
    let signers = Signers::load(&house).map_err(Problem)?;
    let mut all = Answer::Yes;
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (text, _) = file::read_regular(path.as_os_str().as_encoded_bytes(), LARGEST)
            .map_err(|error| Problem(format!("{}: {error}", path.display())))?;
        let (id, yes) = match name.split('.').collect::<Vec<_>>()[..] {
            [id, "yes", ..] => (id.to_owned(), true),
            [id, "no", ..] => (id.to_owned(), false),
            _ => return Err(Problem(format!("{}: name it as in ID.yes.sig or ID.no.sig", path.display()))),
        };
        let Some(waiting) = spool(&house)?.get(&id) else {
            all = waits_not(&id);
            continue;
        };
        let verified = signed::verify(&house, &signers, &waiting.request, yes, &String::from_utf8_lossy(&text), None);
        let answer = match verified {
            Ok(verified) => answer_to(&house, &waiting, &Said::signed(yes, None, verified), false)?,
            Err(why) => {
                eprintln!("vetsh: {}: {}", path.display(), escape(why.as_bytes()));
                Answer::No
            }
        };
        if !matches!(answer, Answer::Yes) {
            all = answer;
        }
    }
    Ok(all)
}
