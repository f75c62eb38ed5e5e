//! Who may depend on whom.

use std::collections::BTreeSet;
use std::process::Command;

use beckon_tests::scratch::workspace;

use super::none;

const PURE: [&str; 4] = ["beckon-events", "beckon-projections", "beckon-protocol", "beckon-peer"];
const WINDOWS: [&str; 3] = ["beckon-desk", "beckon-agent", "beckon-control"];

/// Shells and effects that a crate without them can never have.
const EFFECTS: [&str; 10] = [
    "tokio",
    "actix",
    "actix-web",
    "actix-http",
    "egui",
    "eframe",
    "rusqlite",
    "rustls",
    "tokio-tungstenite",
    "tracing",
];

/// Crate, what it must never reach through any number of steps, and why.
const FORBIDDEN: [(&str, &[&str], &str); 13] = [
    (
        "beckon-events",
        &["beckon-projections", "beckon-protocol", "beckon-peer", "beckon-server", "beckon-desk"],
        "the vocabulary stands alone",
    ),
    (
        "beckon-projections",
        &["beckon-protocol", "beckon-peer", "beckon-server", "beckon-desk"],
        "read models know events only",
    ),
    (
        "beckon-protocol",
        &["beckon-projections", "beckon-peer", "beckon-server", "beckon-desk"],
        "the protocol knows events only",
    ),
    (
        "beckon-peer",
        &["beckon-projections", "beckon-server", "beckon-desk"],
        "peers know no server",
    ),
    (
        "beckon-server",
        &["beckon-peer", "snow"],
        "the server must not be able to open what it relays",
    ),
    (
        "beckon-server",
        &["beckon-agent", "beckon-control", "beckon-audit", "beckon-desk", "egui", "eframe"],
        "no program depends on another, and the server has no windows",
    ),
    ("beckon-desk", &["beckon-server", "beckon-agent", "beckon-control", "actix"], "no way back"),
    (
        "beckon-agent",
        &["beckon-server", "beckon-control", "beckon-audit", "actix", "actix-web", "rusqlite"],
        "no program depends on another",
    ),
    (
        "beckon-control",
        &["beckon-server", "beckon-agent", "beckon-audit", "actix", "actix-web"],
        "no program depends on another",
    ),
    (
        "beckon-audit",
        &["beckon-server", "beckon-agent", "beckon-control", "beckon-desk"],
        "no program depends on another",
    ),
    ("beckon-audit", &["tokio", "actix", "rustls", "egui"], "the auditor works offline"),
    ("beckon-agent", &["wgpu"], "windows are drawn with OpenGL"),
    ("beckon-control", &["wgpu"], "windows are drawn with OpenGL"),
];

#[test]
fn nobody_depends_on_what_is_forbidden() {
    let mut findings = Vec::new();
    for (from, forbidden, why) in FORBIDDEN {
        let reached = reached_from(from);
        for to in forbidden.iter().filter(|to| reached.contains(**to)) {
            findings.push(format!("{from} must not reach {to} ({why}):\n{}", way(from, to)));
        }
    }
    none("forbidden edges", &findings);
}

#[test]
fn pure_crates_have_no_way_to_the_outside() {
    let mut findings = Vec::new();
    for from in PURE {
        let reached = reached_from(from);
        for to in EFFECTS.iter().filter(|to| reached.contains(**to)) {
            findings.push(format!("{from} must not reach {to}:\n{}", way(from, to)));
        }
    }
    none("effects in pure crates", &findings);
}

#[test]
fn what_belongs_to_linux_is_not_built_for_windows_and_the_other_way_round() {
    const OF_LINUX: [&str; 6] =
        ["x11rb", "xkeysym", "accesskit_unix", "zbus", "rustix", "wayland-client"];
    const OF_WINDOWS: [&str; 4] = ["windows", "windows-registry", "wgpu", "clipboard-win"];
    let mut findings = Vec::new();
    for from in WINDOWS {
        for (target, foreign) in [
            ("x86_64-pc-windows-gnu", &OF_LINUX[..]),
            ("x86_64-pc-windows-msvc", &OF_LINUX[..]),
            ("x86_64-unknown-linux-gnu", &OF_WINDOWS[..]),
        ] {
            let reached = reached(from, &["--target", target]);
            let found = foreign.iter().filter(|foreign| reached.contains(**foreign));
            findings.extend(found.map(|found| format!("{from} for {target}: {found}")));
        }
    }
    none("crates of another system", &findings);
}

#[test]
fn the_table_would_find_a_forbidden_edge() {
    let windows = reached_from("beckon-agent");
    assert!(windows.contains("egui") && windows.contains("beckon-events"), "{windows:?}");
    assert!(reached_from("beckon-server").contains("actix-web"));
    assert!(WINDOWS.iter().all(|window| reached_from(window).contains("egui")));
}

/// The names of all crates that `package` is built with, itself included, tests excepted.
fn reached_from(package: &str) -> BTreeSet<String> {
    reached(package, &[])
}

fn reached(package: &str, more: &[&str]) -> BTreeSet<String> {
    let all = ["--package", package, "--prefix", "none", "--format", "{p}"];
    let tree = cargo_tree(&[&all[..], more].concat());
    let names = tree.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned);
    let names: BTreeSet<_> = names.collect();
    assert!(names.contains(package), "cargo tree --package {package} says {tree}");
    names
}

/// How `from` comes to depend on `to`, for the report.
fn way(from: &str, to: &str) -> String {
    cargo_tree(&["--package", from, "--invert", to])
}

fn cargo_tree(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(workspace()).args(["tree", "--edges", "normal,build"]).args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
