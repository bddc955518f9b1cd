//! Users, as the user database knows them.

use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::OnceLock;

use nix::unistd::{Uid, User};

use super::file;

const LARGEST: usize = 1 << 20;

/// The user this process acts as: the same for its whole life.
#[must_use]
pub fn own() -> u32 {
    static OWN: OnceLock<u32> = OnceLock::new();
    *OWN.get_or_init(|| Uid::effective().as_raw())
}

/// Whether the real and the effective user are one.
#[must_use]
pub fn is_plain() -> bool {
    Uid::current() == Uid::effective()
}

/// Home of our user. `None` for an id without an entry.
///
/// `/etc/passwd` is where it nearly always stands, and one read of it costs a quarter of what the C library makes of it.
#[must_use]
pub fn home() -> Option<Vec<u8>> {
    const NAME: &[u8] = b"/etc/passwd";
    let mut buffer = [0; 4096];
    let listed = match file::read_at_once(NAME, &mut buffer) {
        Ok(text) => home_in(text, own()),
        Err(_) => file::read_small(NAME, LARGEST).ok().and_then(|text| home_in(&text, own())),
    };
    listed.or_else(|| User::from_uid(Uid::effective()).ok().flatten().and_then(directory))
}

/// Home of the first user with id `uid` in the text of a passwd file (passwd(5)).
fn home_in(text: &[u8], uid: u32) -> Option<Vec<u8>> {
    let uid = uid.to_string();
    let mut fields = text
        .split(|byte| *byte == b'\n')
        .map(|line| line.split(|byte| *byte == b':'))
        .find(|fields| fields.clone().nth(2) == Some(uid.as_bytes()))?;
    fields.nth(5).filter(|home| home.starts_with(b"/")).map(<[u8]>::to_vec)
}

/// Home of a user by name.
#[must_use]
pub fn home_of(name: &[u8]) -> Option<Vec<u8>> {
    User::from_name(std::str::from_utf8(name).ok()?).ok().flatten().and_then(directory)
}

/// Makes a directory of the user of that name, where it is missing. One that is there stays as it is.
pub fn give(directory: &Path, mode: u32, name: &str) -> io::Result<()> {
    let user = User::from_name(name)?.ok_or(ErrorKind::NotFound)?;
    match std::fs::create_dir(directory) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        made => made?,
    }
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(mode))?;
    std::os::unix::fs::chown(directory, Some(user.uid.as_raw()), Some(user.gid.as_raw()))
}

/// Becomes the user of that name, with its own group alone and for good.
pub fn become_user(name: &str) -> io::Result<()> {
    let user = User::from_name(name)?.ok_or(ErrorKind::NotFound)?;
    nix::unistd::setgroups(&[user.gid])?;
    nix::unistd::setgid(user.gid)?;
    Ok(nix::unistd::setuid(user.uid)?)
}

/// Our user's name.
#[must_use]
pub fn name() -> Option<String> {
    User::from_uid(Uid::effective()).ok().flatten().map(|user| user.name)
}

/// Our user's login shell.
#[must_use]
pub fn login_shell() -> Option<std::path::PathBuf> {
    User::from_uid(Uid::effective()).ok().flatten().map(|user| user.shell)
}

fn directory(user: User) -> Option<Vec<u8>> {
    Some(OsString::from(user.dir).into_vec()).filter(|home| home.starts_with(b"/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_with_the_id_counts() {
        let text = b"root:x:0:0:root:/root:/bin/sh\n+\n#u:x:7\nu:x:1000:1000::/home/u:/bin/sh\nv:x:1000:1::/home/v:\nw:x:9:9::rel:\n";
        assert_eq!(home_in(text, 0).as_deref(), Some(&b"/root"[..]));
        assert_eq!(home_in(text, 1000).as_deref(), Some(&b"/home/u"[..]));
        assert_eq!((home_in(text, 100), home_in(text, 7), home_in(text, 9)), (None, None, None));
        assert_eq!(home(), User::from_uid(Uid::effective()).ok().flatten().and_then(directory));
    }
}
