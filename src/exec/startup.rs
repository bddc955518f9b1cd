//! Start-up files: which ones the real shell will read, and whether a human has seen them as they are.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::Environment;
use crate::invocation::{Form, LONGEST, Options, Shell};
use crate::session::machine::join;
use crate::sys::file;
use crate::text::hexadecimal;

/// The files the real shell will read before the line, in order, whether they exist or not.
#[must_use]
pub fn predicted(shell: Shell, form: &Form, options: &Options, environment: &Environment) -> Vec<Vec<u8>> {
    let home = environment.value(b"HOME").filter(|home| home.starts_with(b"/"));
    let at_home = |name: &[u8]| home.map(|home| join(home, name));
    let mut files = Vec::new();
    if *form == Form::Report {
        return files;
    }
    match shell {
        Shell::Bash if options.login => {
            if !options.noprofile {
                files.push(b"/etc/profile".to_vec());
                let own: [&[u8]; 3] = [b".bash_profile", b".bash_login", b".profile"];
                files.extend(own.iter().filter_map(|name| at_home(name)).find(|path| file::path(path).exists()));
            }
        }
        Shell::Bash if options.interactive => {
            if !options.norc {
                files.push(b"/etc/bash.bashrc".to_vec());
                files.extend(options.rcfile.clone().or_else(|| at_home(b".bashrc")));
            }
        }
        Shell::Sh | Shell::Dash if options.login => {
            files.push(b"/etc/profile".to_vec());
            files.extend(at_home(b".profile"));
        }
        Shell::Bash | Shell::Sh | Shell::Dash => {}
        Shell::Zsh => {
            let etc: &[u8] = if Path::new("/etc/zsh").is_dir() { b"/etc/zsh" } else { b"/etc" };
            let mut both = |name: &[u8]| {
                files.push(join(etc, name));
                if !options.norc {
                    files.extend(at_home(&[b".", name].concat()));
                }
            };
            both(b"zshenv");
            if options.login {
                both(b"zprofile");
            }
            if options.interactive {
                both(b"zshrc");
            }
            if options.login {
                both(b"zlogin");
            }
        }
    }
    files
}

/// A start-up file that nobody has seen as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// Its path.
    pub path: Vec<u8>,
    /// Its text; `None` where it cannot be read whole.
    pub text: Option<Vec<u8>>,
}

/// Those of `files` that have changed since they were seen. Files that are there when the first of all is looked at count as
/// seen: they are the human's own from before.
#[must_use]
pub fn unseen(guard: &Path, files: &[Vec<u8>]) -> Vec<Unseen> {
    let mut unseen = Vec::new();
    if files.is_empty() {
        return unseen;
    }
    let folder = guard.join("startup");
    let first = !folder.is_dir();
    if first && std::fs::create_dir(&folder).is_err() && !folder.is_dir() {
        return files.iter().map(|path| Unseen { path: path.clone(), text: None }).collect();
    }
    for path in files {
        if std::fs::symlink_metadata(file::path(path)).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
        {
            continue;
        }
        let Ok((text, _)) = file::read_regular(path, LONGEST) else {
            unseen.push(Unseen { path: path.clone(), text: None });
            continue;
        };
        if folder.join(pin(path, &text)).exists() {
            continue;
        }
        if first {
            see(guard, path, &text);
        } else {
            unseen.push(Unseen { path: path.clone(), text: Some(text) });
        }
    }
    unseen
}

/// Remembers a start-up file as seen.
pub fn see(guard: &Path, path: &[u8], text: &[u8]) {
    let name = guard.join("startup").join(pin(path, text));
    let _ = OpenOptions::new().write(true).create_new(true).mode(0o600).open(name);
}

fn pin(path: &[u8], text: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update((path.len() as u64).to_le_bytes());
    hash.update(path);
    hash.update(text);
    hexadecimal(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(home: &str) -> Environment {
        Environment { entries: vec![format!("HOME={home}").into_bytes().into()], ..Environment::default() }
    }

    #[test]
    fn a_plain_command_reads_none() {
        let command = Form::Command { positional: Vec::new() };
        assert!(predicted(Shell::Bash, &command, &Options::default(), &at("/home/u")).is_empty());
        assert!(predicted(Shell::Sh, &command, &Options::default(), &at("/home/u")).is_empty());
    }

    #[test]
    fn a_login_shell_reads_the_profile() {
        let command = Form::Command { positional: Vec::new() };
        let login = Options { login: true, ..Options::default() };
        assert_eq!(
            predicted(Shell::Dash, &command, &login, &at("/home/u")),
            [&b"/etc/profile"[..], b"/home/u/.profile"]
        );
        let bare = Options { login: true, noprofile: true, ..Options::default() };
        assert!(predicted(Shell::Bash, &command, &bare, &at("/home/u")).is_empty());
    }

    #[test]
    fn a_change_after_the_first_look_is_unseen() {
        let scratch = tempfile::tempdir().expect("a scratch directory");
        let rc = scratch.path().join("rc");
        let path = rc.as_os_str().as_encoded_bytes().to_vec();
        std::fs::write(&rc, "alias l=ls").expect("a file");
        assert!(unseen(scratch.path(), std::slice::from_ref(&path)).is_empty());
        std::fs::write(&rc, "alias ls=evil").expect("a file");
        let found = unseen(scratch.path(), std::slice::from_ref(&path));
        assert_eq!(found.first().and_then(|unseen| unseen.text.as_deref()), Some(&b"alias ls=evil"[..]));
        see(scratch.path(), &path, b"alias ls=evil");
        assert!(unseen(scratch.path(), &[path]).is_empty());
    }
}
