//! What `config/` holds is compiled in: nothing is parsed at start. Packs are read by the library's own reading code, from
//! the same source files.

#![allow(dead_code, unused_imports)]
#![allow(clippy::disallowed_methods, reason = "a build script is told everything by its environment")]

#[path = "build/agents.rs"]
mod agents;
#[path = "build/packs.rs"]
mod packs;

#[path = "src/text"]
mod text {
    pub mod span;
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
    pub mod blob;
    pub mod bucket;
    pub mod compile;
    pub mod document;
    pub mod example;
    pub mod file;
    pub mod notation;
    pub mod problem;
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
    agents::generate(&root.join("config"), &out);
    packs::generate(&root.join("config/packs"), &out);
}
