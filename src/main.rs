//! The binary: everything is in the library.

#![cfg_attr(target_os = "linux", no_main)]

#[cfg(target_os = "linux")]
vetsh::way_in!(vetsh::run::main);

#[cfg(not(target_os = "linux"))]
fn main() -> std::process::ExitCode {
    vetsh::elsewhere::main()
}
