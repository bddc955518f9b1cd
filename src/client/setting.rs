//! A client's own setting that names its shell: one string in one JSON file below home. Only that string changes; what was
//! there before is kept beside the guard's other state, and put back on demand.

use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::sys::file;

const LARGEST: usize = 4 << 20;

/// A setting, by its file and key.
#[derive(Debug)]
pub struct Setting {
    file: PathBuf,
    key: Vec<String>,
}

/// What was changed, as it is kept.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The file.
    pub file: PathBuf,
    /// The value before; absent where there was none.
    pub before: Option<String>,
    /// The value that was set.
    pub after: String,
    /// The file was not there before.
    pub made: bool,
}

/// The text of a setting.
///
/// # Errors
/// As [`Setting::get`]: how the client reads such a file is not known.
pub fn value(home: &Path, file: &str, key: &str) -> io::Result<Option<String>> {
    Setting::new(home, file, key).get()
}

impl Setting {
    /// The setting `key` (parts joined by dots) of `file` (`~/…`).
    #[must_use]
    pub fn new(home: &Path, file: &str, key: &str) -> Setting {
        let file = file.strip_prefix("~/").map_or_else(|| PathBuf::from(file), |rest| home.join(rest));
        Setting { file, key: key.split('.').map(str::to_owned).collect() }
    }

    /// Its file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Its value; `None` where it is not set.
    ///
    /// # Errors
    /// The file cannot be read or holds no JSON object.
    pub fn get(&self) -> io::Result<Option<String>> {
        let Some(whole) = self.read()? else { return Ok(None) };
        let found = self.key.iter().try_fold(&whole, |value, part| value.get(part));
        Ok(found.and_then(Value::as_str).map(str::to_owned))
    }

    /// The change that sets it, shown as it will stand in the file.
    #[must_use]
    pub fn shown(&self, value: &str) -> String {
        let inner = format!("{:?}: {}", self.key.last().map_or("", String::as_str), Value::from(value));
        let outer = self.key.iter().rev().skip(1);
        outer.fold(inner, |inner, part| format!("{part:?}: {{ {inner} }}"))
    }

    /// Sets it; every other value and their order stay. Written beside and renamed, so that a reader sees the old file or the new.
    ///
    /// # Errors
    /// The file is no JSON object, one of the key's parents is none, or it cannot be written.
    pub fn set(&self, value: &str) -> io::Result<Change> {
        let before = self.get()?;
        let was = self.read()?;
        let made = was.is_none();
        let mut whole = was.unwrap_or_else(|| Value::Object(Map::new()));
        put(&mut whole, &self.key, Some(value))?;
        self.write(&whole)?;
        Ok(Change { file: self.file.clone(), before, after: value.to_owned(), made })
    }

    /// Puts back what was there before `change`. `false`: somebody has set another value since, which stays.
    ///
    /// # Errors
    /// As [`Setting::set`].
    pub fn put_back(&self, change: &Change) -> io::Result<bool> {
        if self.get()?.as_deref() != Some(change.after.as_str()) {
            return Ok(false);
        }
        let Some(mut whole) = self.read()? else { return Ok(false) };
        put(&mut whole, &self.key, change.before.as_deref())?;
        if change.made && whole.as_object().is_some_and(Map::is_empty) {
            std::fs::remove_file(&self.file)?;
            return Ok(true);
        }
        self.write(&whole)?;
        Ok(true)
    }

    fn read(&self) -> io::Result<Option<Value>> {
        // A fifo is not waited for, and what is larger is no setting.
        let text = match file::read_regular(self.file.as_os_str().as_encoded_bytes(), LARGEST) {
            Ok((text, _)) => String::from_utf8(text).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if text.trim().is_empty() {
            return Ok(None);
        }
        let whole: Value = serde_json::from_str(&text)
            .map_err(|error| io::Error::new(ErrorKind::InvalidData, format!("it is no plain JSON ({error})")))?;
        if whole.is_object() { Ok(Some(whole)) } else { Err(no_object()) }
    }

    fn write(&self, whole: &Value) -> io::Result<()> {
        // What the file is a link to is the file: a rename would leave the link's target as it was.
        let file = std::fs::canonicalize(&self.file).unwrap_or_else(|_| self.file.clone());
        let folder = file.parent().ok_or_else(|| io::Error::from(ErrorKind::InvalidInput))?;
        std::fs::create_dir_all(folder)?;
        let mode = std::fs::metadata(&file).map_or(0o600, |meta| meta.permissions().mode() & 0o777);
        let fresh = folder.join(format!(".vetsh.{}", std::process::id()));
        let mut out = std::fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&fresh)?;
        let mut text = serde_json::to_string_pretty(whole)?;
        text.push('\n');
        let written =
            out.write_all(text.as_bytes()).and_then(|()| out.sync_all()).and_then(|()| std::fs::rename(&fresh, &file));
        if written.is_err() {
            let _ = std::fs::remove_file(&fresh);
        }
        written
    }
}

/// Sets or takes away a value; objects on the way are made, and taken away again once they are empty.
fn put(whole: &mut Value, key: &[String], value: Option<&str>) -> io::Result<()> {
    let object = whole.as_object_mut().ok_or_else(no_object)?;
    match (key, value) {
        ([], _) => {}
        ([last], Some(value)) => {
            object.insert(last.clone(), Value::from(value));
        }
        ([last], None) => {
            object.shift_remove(last);
        }
        ([first, rest @ ..], value) => {
            let inner = object.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
            put(inner, rest, value)?;
            if value.is_none() && inner.as_object().is_some_and(Map::is_empty) {
                object.shift_remove(first);
            }
        }
    }
    Ok(())
}

fn no_object() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "it holds no object where one is due")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_value_changes_and_comes_back() {
        let home = tempfile::tempdir().expect("a directory");
        let setting = Setting::new(home.path(), "~/.claude/settings.json", "env.CLAUDE_CODE_SHELL");
        assert_eq!(setting.shown("/s/bash"), r#""env": { "CLAUDE_CODE_SHELL": "/s/bash" }"#);
        let change = setting.set("/s/bash").expect("it is made");
        assert!(change.made && change.before.is_none());
        assert_eq!(setting.get().expect("it reads").as_deref(), Some("/s/bash"));
        assert!(setting.put_back(&change).expect("it is put back"));
        assert!(!setting.file().exists(), "what was made is gone");

        let before = "{\n  \"z\": 1,\n  \"env\": {\n    \"B\": \"2\",\n    \"CLAUDE_CODE_SHELL\": \"/bin/zsh\"\n  },\n  \"a\": [\n    3\n  ]\n}\n";
        std::fs::write(setting.file(), before).expect("written");
        let change = setting.set("/s/bash").expect("it is set");
        assert_eq!(change.before.as_deref(), Some("/bin/zsh"));
        let now = std::fs::read_to_string(setting.file()).expect("it reads");
        assert_eq!(now, before.replace("/bin/zsh", "/s/bash"));
        assert!(setting.put_back(&change).expect("it is put back"));
        assert_eq!(std::fs::read_to_string(setting.file()).expect("it reads"), before);

        setting.set("/other/bash").expect("somebody sets another");
        assert!(!setting.put_back(&change).expect("it reads"), "what another set stays");
    }

    #[test]
    fn what_is_not_understood_is_not_touched() {
        let home = tempfile::tempdir().expect("a directory");
        let setting = Setting::new(home.path(), "~/opencode.json", "shell");
        for text in ["{ // a comment\n \"a\": 1 }", "[1]", "{\"a\": "] {
            std::fs::write(setting.file(), text).expect("written");
            assert!(setting.set("/s/bash").is_err(), "{text}");
            assert_eq!(std::fs::read_to_string(setting.file()).expect("it reads"), text);
        }
        std::fs::remove_file(setting.file()).expect("taken away");
        nix::unistd::mkfifo(setting.file(), nix::sys::stat::Mode::S_IRWXU).expect("a fifo");
        assert!(setting.get().is_err(), "a fifo is not waited for");
        std::fs::remove_file(setting.file()).expect("taken away");
        let nested = Setting::new(home.path(), "~/opencode.json", "env.X");
        std::fs::write(nested.file(), "{\"env\": 3}").expect("written");
        assert!(nested.set("/s/bash").is_err());
    }
}
