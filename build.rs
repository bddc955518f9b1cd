//! What `config/` holds is compiled in: nothing is parsed at start.

#[path = "build/agents.rs"]
mod agents;

fn main() {
    let root = std::path::PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = std::path::PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    agents::generate(&root.join("config"), &out);
}
