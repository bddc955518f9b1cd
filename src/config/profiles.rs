//! The built-in profiles, from `config/profiles/*.toml`.

/// A profile as it is built in. What its parts mean: [`crate::policy::Profile`].
#[derive(Debug, PartialEq, Eq)]
pub struct Builtin {
    /// Its name.
    pub name: &'static str,
    /// In one sentence.
    pub what: &'static str,
    /// What may be read.
    pub readable: &'static [&'static str],
    /// What may be written.
    pub writable: &'static [&'static str],
    /// What may be run; empty: what may be read.
    pub executable: &'static [&'static str],
    /// Unix sockets that may be reached by their path.
    pub sockets: &'static [&'static str],
    /// TCP and UDP.
    pub network: bool,
    /// Signals and abstract sockets beyond what it started itself.
    pub signals: bool,
    /// New user namespaces.
    pub namespaces: bool,
    /// Looking into and changing processes it started itself.
    pub tracing: bool,
    /// A tool that a line runs reads the keys and settings that are its own.
    pub own_keys: bool,
}

/// All of them.
pub const PROFILES: &[Builtin] = include!(concat!(env!("OUT_DIR"), "/profiles.rs"));
