//! The programs of Beckon, built once and started as copies.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::scratch::workspace;

static HANDED_OUT: OnceLock<PathBuf> = OnceLock::new();
static BUILT: OnceLock<Programs> = OnceLock::new();

const NAMES: [&str; 4] = ["beckon-server", "beckon-agent", "beckon-control", "beckon-audit"];

/// Where the freshly built programs are.
#[derive(Debug)]
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Builds all programs as they are in the checkout, once in a process of the tests.
    pub fn built() -> &'static Self {
        BUILT.get_or_init(build)
    }

    /// The agent as end users get it, small and stripped; built once in a process.
    pub fn handed_out_agent() -> &'static Path {
        HANDED_OUT.get_or_init(|| {
            let mut cargo = cargo();
            cargo.args(["--profile", "agent", "--package", NAMES[1], "--bin", NAMES[1]]);
            ran(cargo).into_iter().find(|path| named(path, NAMES[1])).expect("cargo says where")
        })
    }

    /// The program of that name.
    pub fn path(&self, name: &str) -> PathBuf {
        assert!(NAMES.contains(&name), "{name} is not one of {NAMES:?}");
        self.folder.join(name)
    }

    /// Puts a copy of a program into a folder under another name, ready to be started.
    pub fn copy(&self, name: &str, folder: &Path, as_name: &str) -> PathBuf {
        let copy = folder.join(as_name);
        std::fs::copy(self.path(name), &copy)
            .unwrap_or_else(|error| panic!("{}: {error}", copy.display()));
        copy
    }
}

fn build() -> Programs {
    let mut cargo = cargo();
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    // The tests stand in the list so that shared dependencies are built with the same features.
    for package in NAMES.iter().chain(&["beckon-tests"]) {
        cargo.args(["--package", package]);
    }
    for name in NAMES {
        cargo.args(["--bin", name]);
    }
    let built = ran(cargo).into_iter().find(|path| named(path, NAMES[0]));
    let server = built.expect("cargo says where it put the programs");
    Programs { folder: server.parent().expect("a program lies in a folder").to_owned() }
}

fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What an outer cargo says about its own package would make build scripts run again.
    let outer = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"];
    for (name, _) in std::env::vars_os() {
        if outer.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            cargo.env_remove(name);
        }
    }
    let messages = "--message-format=json-render-diagnostics";
    cargo.current_dir(workspace()).args(["build", "--locked", messages]);
    cargo
}

/// Builds, and returns the programs.
fn ran(mut cargo: Command) -> Vec<PathBuf> {
    let output = cargo.stdin(Stdio::null()).output().expect("cargo starts");
    assert!(
        output.status.success(),
        "the programs cannot be built:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let paths = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        Some(PathBuf::from(message.get("executable")?.as_str()?))
    });
    paths.collect()
}

fn named(path: &Path, name: &str) -> bool {
    path.file_name().is_some_and(|file| file == name)
}
