//! On Windows, gives Control its icon.

#[path = "../desk/resources/embed.rs"]
mod embed;

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    embed::embed("beckon-control", "Beckon Control")
}
