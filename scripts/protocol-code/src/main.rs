//! Makes `server/src/face/generated` from `server/src/face/proto`:
//! `cargo run --manifest-path scripts/protocol-code/Cargo.toml`, from the checkout's root.

use std::path::Path;

const HEADER: &str = "\
// @generated from server/src/face/proto by scripts/protocol-code. Do not edit.
";

fn main() -> anyhow::Result<()> {
    let face = Path::new("server/src/face");
    let (proto, generated) = (face.join("proto"), face.join("generated"));
    let mut files: Vec<_> = std::fs::read_dir(&proto)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|ending| ending == "proto"));
    files.sort();
    let set = protox::compile(&files, [&proto])?;
    let mut prost = prost_build::Config::new();
    prost.bytes(["."]).btree_map(["."]);
    tonic_build::configure()
        .build_client(false)
        .emit_rerun_if_changed(false)
        .out_dir(&generated)
        .compile_fds_with_config(prost, set)?;
    for entry in std::fs::read_dir(&generated)? {
        let path = entry?.path();
        let text = std::fs::read_to_string(&path)?;
        if !text.starts_with(HEADER) && path.file_name().is_some_and(|name| name != "mod.rs") {
            std::fs::write(&path, format!("{HEADER}{text}"))?;
        }
        println!("{}", path.display());
    }
    Ok(())
}
