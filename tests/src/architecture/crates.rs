//! How crates introduce themselves.

use super::{members, none};

#[test]
fn every_crate_opens_with_a_sentence_and_its_invariant() {
    let mut findings = Vec::new();
    for member in members() {
        let files = ["src/lib.rs", "src/main.rs"].map(|file| member.join(file));
        let front = files.iter().find(|file| file.is_file()).expect("a crate has a front");
        let text = std::fs::read_to_string(front).unwrap();
        let doc: Vec<_> =
            text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
        let first = doc.split(|line| line.is_empty()).next().unwrap_or_default().join(" ");
        if first.len() < 10 || !first.ends_with('.') {
            findings.push(format!("{}: does not open with a sentence", front.display()));
        }
        if !doc.iter().any(|line| line.contains("**Invariant.**")) {
            findings.push(format!("{}: does not say its **Invariant.**", front.display()));
        }
    }
    none("crates that do not introduce themselves", &findings);
}

#[test]
fn every_crate_has_the_lints_of_the_workspace() {
    let mut findings = Vec::new();
    for member in members() {
        let manifest = std::fs::read_to_string(member.join("Cargo.toml")).unwrap();
        if !manifest.contains("[lints]\nworkspace = true") {
            findings.push(member.display().to_string());
        }
    }
    none("crates with lints of their own", &findings);
}
