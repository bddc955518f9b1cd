//! What `config/` holds is compiled in: nothing is parsed at start. Packs are read by the library's own reading code, from
//! the same source files.

#![allow(dead_code, unused_imports)]
#![allow(clippy::disallowed_methods, reason = "a build script is told everything by its environment")]

#[path = "build/agents.rs"]
mod agents;
#[path = "build/look_alikes.rs"]
mod look_alikes;
#[path = "build/packs.rs"]
mod packs;
#[path = "build/pages.rs"]
mod pages;
#[path = "build/profiles.rs"]
mod profiles;
#[path = "build/secrets.rs"]
mod secrets;

#[path = "src/text"]
mod text {
    pub mod arrange;
    pub mod span;
    pub use arrange::Arrange;
    pub use span::Span;
}

#[path = "src/action"]
mod action {
    pub mod coverage;
    pub mod effect;
    pub mod tool;
    pub mod value;

    pub use coverage::Coverage;
    pub use effect::*;
    pub use value::*;

    pub type ActionId = u32;
}

#[path = "src/policy"]
mod policy {
    pub mod asking;
    pub mod blob;
    pub mod bucket;
    pub mod compile;
    pub mod document;
    pub mod example;
    pub mod file;
    pub mod notation;
    pub mod problem;
    pub mod profile;
    pub mod rule;
    pub mod rule_table;
    pub mod settings;
    pub mod tier;
    pub mod tool_table;
    pub mod when_table;

    pub use rule::*;
    pub use tier::Tier;
}

fn main() {
    let root = std::path::PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = std::path::PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    start_first(&root);
    agents::generate(&root.join("config"), &out);
    look_alikes::generate(&out);
    pages::generate(&root.join("config"), &out);
    profiles::generate(&root.join("config"), &out);
    secrets::generate(&root.join("config"), &out);
    packs::generate(&root.join("config/packs"), &out);
}

/// Puts the functions of a start beside one another in the static binary (`benches/order.sh` writes the list). Names that are
/// no longer there do no harm; another linker than the target's own may not know such scripts, and does without.
fn start_first(root: &std::path::Path) {
    let script = root.join("build/start.ld");
    println!("cargo::rerun-if-changed={}", script.display());
    let is_static = std::env::var_os("CARGO_CFG_TARGET_ENV").is_some_and(|env| env == "musl");
    if is_static && std::env::var_os("RUSTC_LINKER").is_none() {
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{},--no-eh-frame-hdr", script.display());
    }
}
