//! Users, as the user database knows them.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use nix::unistd::{Uid, User};

/// The user this process acts as.
#[must_use]
pub fn own() -> u32 {
    Uid::effective().as_raw()
}

/// Whether the real and the effective user are one.
#[must_use]
pub fn is_plain() -> bool {
    Uid::current() == Uid::effective()
}

/// Home of our user. `None` for an id without an entry.
#[must_use]
pub fn home() -> Option<Vec<u8>> {
    User::from_uid(Uid::effective()).ok().flatten().and_then(directory)
}

/// Home of a user by name.
#[must_use]
pub fn home_of(name: &[u8]) -> Option<Vec<u8>> {
    User::from_name(std::str::from_utf8(name).ok()?).ok().flatten().and_then(directory)
}

/// Our user's name.
#[must_use]
pub fn name() -> Option<String> {
    User::from_uid(Uid::effective()).ok().flatten().map(|user| user.name)
}

fn directory(user: User) -> Option<Vec<u8>> {
    Some(OsString::from(user.dir).into_vec()).filter(|home| home.starts_with(b"/"))
}
