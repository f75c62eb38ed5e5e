//! What a program of Beckon carries on Windows: its icon, what it is, and how it is to be run.
//! Included by the build scripts of both programs.

use std::io;
use std::path::Path;

/// In American English.
const LANGUAGE: u16 = 0x0409;

/// Puts the resources into the program `name`, which is called `title`, where it is built for
/// Windows. Needs windres (of mingw) or rc.exe (of the Windows SDK).
pub fn embed(name: &str, title: &str) -> io::Result<()> {
    let is_windows = std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "windows");
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let folder = Path::new(&here).join("../desk/resources");
    let [embed, icon, manifest] =
        ["embed.rs", "beckon.ico", "beckon.manifest"].map(|file| folder.join(file));
    for file in [&embed, &icon, &manifest] {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    if !is_windows {
        return Ok(());
    }
    if std::env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|kind| kind == "msvc") {
        // Libraries are taken from the folder of Windows alone (LOAD_LIBRARY_SEARCH_SYSTEM32);
        // elsewhere the manifest names them.
        println!("cargo::rustc-link-arg-bins=/DEPENDENTLOADFLAG:0x800");
    }
    winresource::WindowsResource::new()
        .set_language(LANGUAGE)
        .set_icon(&icon.to_string_lossy())
        .set_manifest_file(&manifest.to_string_lossy())
        .set("ProductName", "Beckon")
        .set("FileDescription", title)
        .set("CompanyName", "Beckon")
        .set("LegalCopyright", "MIT OR Apache-2.0")
        .set("InternalName", name)
        .set("OriginalFilename", &format!("{name}.exe"))
        .compile_for(name)
        .map_err(|error| {
            io::Error::other(format!(
                "the icon and the manifest need windres (package binutils-mingw-w64-x86-64) or \
                 rc.exe (Windows SDK): {error}"
            ))
        })
}
