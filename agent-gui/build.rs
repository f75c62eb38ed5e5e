//! Leaves the tables for unwinding out of the agent as it is handed out (profile `agent`), and on
//! Windows gives it its icon.

#[path = "../desk/resources/embed.rs"]
mod embed;

use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=no-unwinding.ld");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let is_linux = std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux");
    if is_linux && profile(&out) == Some("agent") {
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{here}/no-unwinding.ld");
    }
    embed::embed("beckon-agent", "Beckon")
}

/// Cargo tells the name of a profile by its folder only: `<profile>/build/<package>/out`.
fn profile(out: &Path) -> Option<&str> {
    out.ancestors().nth(3)?.file_name()?.to_str()
}
