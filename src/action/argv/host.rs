//! Hosts and URLs as programs resolve them: no scheme, user, port or brackets, lower case.

use std::borrow::Cow;

use super::reader::tail;
use crate::action::{Part, Text, Value};

/// What a host, URL or remote operand names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Another machine (or this one, by a loopback name).
    Host(Value),
    /// A local path.
    Local(Value),
    /// A transport that runs a command (`ext::…`).
    Command(Value),
    /// A bare name.
    Name(Value),
}

/// The scheme before `://`, lower case.
fn scheme(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let colon = text.windows(3).position(|window| window == b"://")?;
    let name = text.get(..colon)?;
    let plain = name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte));
    (plain && !name.is_empty()).then(|| (name.to_ascii_lowercase(), colon + 3))
}

/// Whether a file operand is a URL: many programs fetch one where they read a file.
pub(super) fn is_url(value: &Value) -> bool {
    scheme(value.prefix()).is_some()
}

/// What a URL names. Without a scheme its first part is the host, as curl and wget take it.
pub(super) fn url(value: &Value) -> Place {
    let value = &literal(value);
    match scheme(value.prefix()) {
        Some((name, from)) if name == b"file" => {
            let rest = tail(value, from);
            let slash = rest.prefix().iter().position(|byte| *byte == b'/').unwrap_or(0);
            Place::Local(tail(&rest, slash))
        }
        Some((_, from)) => Place::Host(authority(&tail(value, from))),
        None => Place::Host(authority(value)),
    }
}

/// A URL whose one glob is the brackets of an IPv6 address: at worst it finds a file named by a single of its letters.
fn literal(value: &Value) -> Cow<'_, Value> {
    let text = |part: &Part| match part {
        Part::Known(text) => Some(text.clone()),
        Part::Glob(glob) if is_bracketed(glob) => Some(glob.clone()),
        Part::Glob(_) | Part::Hole(_) => None,
    };
    let parts: Option<Vec<Text>> = (value.parts.len() > 1).then(|| value.parts.iter().map(text).collect()).flatten();
    match parts {
        Some(parts) => Cow::Owned(Value { taint: value.taint.clone(), ..Value::known(parts.concat()).at(value.span) }),
        None => Cow::Borrowed(value),
    }
}

/// Whether a glob is an IPv6 address in brackets.
fn is_bracketed(glob: &[u8]) -> bool {
    let inner = glob.strip_prefix(b"[").and_then(|glob| glob.strip_suffix(b"]")).unwrap_or_default();
    inner.iter().filter(|byte| **byte == b':').count() > 1
        && inner.iter().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'))
}

/// What git takes for a remote: a URL, `host:path`, a path, or a name.
pub(super) fn remote(value: &Value) -> Place {
    let prefix = value.prefix();
    if prefix
        .windows(2)
        .position(|pair| pair == b"::")
        .is_some_and(|at| prefix.iter().take(at).all(|byte| byte.is_ascii_alphanumeric()))
    {
        return Place::Command(value.clone());
    }
    if scheme(prefix).is_some() {
        return url(value);
    }
    let slash = prefix.iter().position(|byte| *byte == b'/');
    match prefix.iter().position(|byte| *byte == b':') {
        Some(colon) if slash.is_none_or(|slash| colon < slash) => {
            let host = prefix.get(..colon).unwrap_or_default();
            Place::Host(authority(&Value::known(host).at(value.span)))
        }
        _ if slash.is_some() || prefix == b"." || prefix == b".." => Place::Local(value.clone()),
        _ => Place::Name(value.clone()),
    }
}

/// The host of `user:password@host:port/path`.
pub(super) fn authority(value: &Value) -> Value {
    let known = value.prefix();
    let ends = |byte: &u8| matches!(*byte, b'/' | b'?' | b'#');
    let end = known.iter().position(ends);
    let whole = end.is_some() || value.parts.len() <= 1 && matches!(value.parts.first(), Some(Part::Known(_)));
    if !whole {
        let mut host = value.clone();
        host.many = false;
        return host;
    }
    let authority = known.get(..end.unwrap_or(known.len())).unwrap_or_default();
    // Of `a\@b` a browser makes a, curl b: it is neither of them for certain.
    let torn = authority.contains(&b'\\');
    let at = authority.iter().rposition(|byte| *byte == b'@' && !torn).map_or(0, |at| at + 1);
    let host = authority.get(at..).unwrap_or_default();
    let host = if torn && !authority.contains(&b'@') {
        host.split(|byte| *byte == b'\\').next().unwrap_or_default()
    } else {
        host
    };
    let closes = |rest: &[u8]| {
        rest.iter().position(|byte| *byte == b']').and_then(|at| rest.get(at + 1)).is_none_or(|after| *after == b':')
    };
    let host = if let Some(rest) = host.strip_prefix(b"[").filter(|rest| closes(rest)) {
        rest.split(|byte| *byte == b']').next().unwrap_or_default()
    } else if host.iter().filter(|byte| **byte == b':').count() > 1 {
        host
    } else {
        host.split(|byte| *byte == b':').next().unwrap_or_default()
    };
    let mut host = host.to_ascii_lowercase();
    // What listens there hands out this machine: it stays named, so that it is no loopback.
    let port = authority.rsplit(|byte| *byte == b':').next().unwrap_or_default();
    if authority.len() > port.len()
        && GUARDED_PORTS.iter().any(|own| own.as_bytes() == port)
        && !authority.ends_with(b"]")
    {
        host.extend_from_slice(b":");
        host.extend_from_slice(port);
    }
    Value { taint: value.taint.clone(), span: value.span, ..Value::known(host) }
}

/// Ports of container engines, debuggers and cluster agents: Docker, Chrome's and Node's inspectors, kubelet, Vault, etcd.
const GUARDED_PORTS: &[&str] =
    &["2375", "2376", "4243", "9222", "9223", "9229", "9230", "10250", "10255", "6443", "8200", "2379"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_what_the_program_connects_to() {
        for (text, want) in [
            ("https://User:pw@Example.COM:8443/a@b", "example.com"),
            ("http://[::1]:80/", "::1"),
            ("example.com/x", "example.com"),
            ("http://localhost@evil.test/", "evil.test"),
            ("http://localhost#@x", "localhost"),
            ("http://localhost\\@x", "localhost\\@x"),
            ("http://localhost\\x", "localhost"),
        ] {
            assert_eq!(url(&Value::known(text)), Place::Host(Value::known(want)), "{text}");
        }
        assert_eq!(url(&Value::known("file:///etc/shadow")), Place::Local(Value::known("/etc/shadow")));
        assert_eq!(url(&Value::known("FILE://localhost/etc/x")), Place::Local(Value::known("/etc/x")));
    }

    #[test]
    fn remotes_are_names_paths_or_hosts() {
        assert_eq!(remote(&Value::known("origin")), Place::Name(Value::known("origin")));
        assert_eq!(remote(&Value::known("git@github.com:a/b")), Place::Host(Value::known("github.com")));
        assert_eq!(remote(&Value::known("../x")), Place::Local(Value::known("../x")));
        assert!(matches!(remote(&Value::known("ext::sh -c x")), Place::Command(_)));
    }
}
