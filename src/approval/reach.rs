//! Keys that the session which asks could use by itself: what it can sign is no human's word. It runs as our user, so that it reaches
//! every ssh-agent of ours, and every private key that no passphrase keeps. A token is touched by a hand, wherever it is named.

use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, socket};

use super::signers::Signers;
use super::sshsig::{Fields, Key};
use crate::house::House;
use crate::sys::process::{self, FirstEnvironment};
use crate::sys::{file, user};
use crate::text::Arrange;

/// How long an agent has to say what it holds.
const PATIENCE: Duration = Duration::from_millis(500);
const LARGEST: usize = 256 * 1024;
/// More sockets or files than this are not looked at: then nothing can be told, and the key counts as open.
const MOST: usize = 2000;

/// Why the session that asks could sign with `key` by itself. `given` is a private key's file that a human named.
#[must_use]
pub fn of_session(house: &House, key: &Key, given: Option<&Path>) -> Option<String> {
    if key.is_token() {
        return None;
    }
    match open(house, given) {
        Ok(open) => open.into_iter().find(|(held, _)| held == key.bytes()).map(|(_, why)| why),
        Err(why) => Some(why),
    }
}

/// The fingerprints of listed keys that the session could sign with by itself at this moment: as a request binds them, so that what
/// was open when it was asked stays no human's word for it.
#[must_use]
pub fn listed(house: &House, signers: &Signers) -> String {
    let keys = signers.list.iter().map(|signer| &signer.key).filter(|key| !key.is_token());
    let open = open(house, None);
    let within = keys.filter(|key| open.as_ref().map_or(true, |open| open.iter().any(|(held, _)| held == key.bytes())));
    within.map(Key::fingerprint).collect::<Vec<_>>().join(" ")
}

type Open = Vec<(Vec<u8>, String)>;

/// All public keys whose private halves stand open, and where. An error: it cannot be told.
fn open(house: &House, given: Option<&Path>) -> Result<Open, String> {
    let (sockets, files) = (sockets(house), files(house, given));
    if sockets.len() > MOST || files.len() > MOST {
        return Err("there are too many ssh-agents or files in ~/.ssh to look at".into());
    }
    let mut found = Open::new();
    for socket in &sockets {
        let place = socket.display();
        // Where nobody listens nobody signs; one that listens and does not answer may hold anything.
        let keys = match connected(socket) {
            Ok(stream) => held(stream),
            Err(Errno::EAGAIN | Errno::EINTR) => None,
            Err(_) => continue,
        };
        let keys = keys.ok_or_else(|| format!("an ssh-agent does not say what it holds ({place})"))?;
        let why = format!("it stands open in an ssh-agent ({place}): whatever runs as you can sign with it");
        found.extend(keys.into_iter().map(|key| (key, why.clone())));
    }
    for file in &files {
        let why = || format!("it has no passphrase ({}): whatever runs as you can sign with it", file.display());
        found.extend(without_passphrase(file).map(|key| (key, why())));
    }
    Ok(found)
}

/// Where agents of ours listen: by the environments of all processes that we may look into, and in the usual places.
fn sockets(house: &House) -> Vec<PathBuf> {
    let named = |pid| Some(file::path(FirstEnvironment::read(pid)?.value(b"SSH_AUTH_SOCK")?).to_path_buf());
    let mut found: Vec<PathBuf> = process::all().iter().filter_map(|process| named(process.pid)).collect();
    let run = PathBuf::from(format!("/run/user/{}", user::own()));
    let usual = ["ssh-agent.socket", "openssh_agent", "keyring/ssh", "gcr/ssh", "gnupg/S.gpg-agent.ssh"];
    found.extend(usual.iter().map(|name| run.join(name)));
    let mut folders: Vec<PathBuf> = below(Path::new("/tmp"), |name| name.starts_with("ssh-"));
    folders.extend(house.home.as_deref().map(|home| file::path(home).join(".ssh/agent")));
    for folder in folders {
        found.extend(below(&folder, |_| true));
    }
    found.arrange();
    found.dedup();
    found
}

fn files(house: &House, given: Option<&Path>) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = given.map(Path::to_path_buf).into_iter().collect();
    if let Some(home) = &house.home {
        found.extend(below(&file::path(home).join(".ssh"), |name| !name.ends_with(".pub")));
    }
    found
}

fn below(folder: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    // What others have put there says nothing of our keys.
    let own = |entry: &std::fs::DirEntry| entry.metadata().is_ok_and(|meta| meta.uid() == user::own());
    let entries = entries.flatten().filter(|entry| own(entry) && wanted(&entry.file_name().to_string_lossy()));
    entries.map(|entry| entry.path()).take(MOST + 1).collect()
}

/// Connects without waiting for whoever listens.
fn connected(path: &Path) -> Result<UnixStream, Errno> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let socket = socket(AddressFamily::Unix, SockType::Stream, flags, None)?;
    connect(socket.as_raw_fd(), &UnixAddr::new(path)?)?;
    Ok(UnixStream::from(socket))
}

/// The keys an agent holds (draft-ietf-sshm-ssh-agent, 4.4).
fn held(mut stream: UnixStream) -> Option<Vec<Vec<u8>>> {
    let end = Instant::now() + PATIENCE;
    stream.set_nonblocking(false).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(&[0, 0, 0, 1, 11]).ok()?;
    let mut read = |mut wanted: &mut [u8]| {
        while !wanted.is_empty() {
            let left = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
            stream.set_read_timeout(Some(left)).ok()?;
            let count = stream.read(wanted).ok().filter(|count| *count > 0)?;
            wanted = wanted.get_mut(count..)?;
        }
        Some(())
    };
    let mut length = [0; 4];
    read(&mut length)?;
    let length = usize::try_from(u32::from_be_bytes(length)).ok().filter(|length| *length <= LARGEST)?;
    let mut answer = vec![0; length];
    read(&mut answer)?;
    let mut fields = Fields(answer.strip_prefix(&[12])?);
    fields.number()?;
    let mut keys = Vec::new();
    while let Some(key) = fields.string() {
        fields.string()?;
        keys.push(key.to_vec());
    }
    Some(keys)
}

/// The public half of the key that a file holds without a passphrase (PROTOCOL.key).
fn without_passphrase(path: &Path) -> Option<Vec<u8>> {
    let (text, _) = file::read_regular(path.as_os_str().as_encoded_bytes(), LARGEST).ok()?;
    let text = String::from_utf8(text).ok()?;
    let body = text.trim().strip_prefix("-----BEGIN OPENSSH PRIVATE KEY-----")?;
    let body = body.strip_suffix("-----END OPENSSH PRIVATE KEY-----")?;
    let bytes = STANDARD.decode(body.split_ascii_whitespace().collect::<String>()).ok()?;
    let mut fields = Fields(bytes.strip_prefix(b"openssh-key-v1\0")?);
    let is_open = fields.string()? == b"none";
    let (_, _, _) = (fields.string()?, fields.string()?, fields.number()?);
    let key = fields.string()?;
    is_open.then(|| key.to_vec())
}
