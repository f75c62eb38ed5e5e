//! The rules of the architecture that a machine can check.

mod crates;
mod edges;
mod events;
mod files;
mod texts;

use std::path::PathBuf;
use std::process::Command;

use beckon_tests::scratch::workspace;

/// A text file of the checkout: tracked, or new and not ignored.
struct Source {
    /// Relative to the root of the checkout.
    path: String,
    text: String,
}

impl Source {
    fn is_rust(&self) -> bool {
        std::path::Path::new(&self.path).extension().is_some_and(|extension| extension == "rs")
    }

    /// The lines that are code, with their numbers; a line of comment is not.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(at, line)| (at + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

/// All text files of the checkout.
fn sources() -> Vec<Source> {
    let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").args(arguments).current_dir(workspace()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).unwrap();
    let read = |path: &str| {
        let bytes = std::fs::read(workspace().join(path)).ok()?;
        Some(Source { path: path.to_owned(), text: String::from_utf8(bytes).ok()? })
    };
    let sources: Vec<_> = names.split_terminator('\0').filter_map(read).collect();
    assert!(sources.iter().any(Source::is_rust), "the checkout has sources");
    sources
}

/// The folders of the crates of the workspace.
fn members() -> Vec<PathBuf> {
    let folders = std::fs::read_dir(workspace()).unwrap().flatten().map(|entry| entry.path());
    let mut members: Vec<_> = folders.filter(|path| path.join("Cargo.toml").is_file()).collect();
    members.sort();
    assert!(members.len() >= 10, "{members:?}");
    members
}

/// Fails with one line a finding.
fn none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}
