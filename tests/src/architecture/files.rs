//! What stands in the files.

use super::{Source, none, sources};

const MOST_LINES: usize = 400;

/// The only files that may contain unsafe code.
const UNSAFE: [&str; 14] = [
    "agent-gui/src/border/win32.rs",
    "agent-gui/src/capture/win32/desktop.rs",
    "agent-gui/src/capture/win32/duplication.rs",
    "agent-gui/src/capture/win32/pointer.rs",
    "agent-gui/src/capture/win32/scripted.rs",
    "agent-gui/src/capture/win32/stage.rs",
    "agent-gui/src/capture/x11/shared_memory.rs",
    "agent-gui/src/desktop/win32.rs",
    "agent-gui/src/hands/win32/send.rs",
    "agent-gui/src/termination/win32.rs",
    "control-gui/src/instance/user.rs",
    "control-gui/src/keys/hook.rs",
    "desk/src/proxy/auto.rs",
    "desk/src/terminal/win32.rs",
];

/// Names that say nothing.
const EMPTY_NAMES: [&str; 9] =
    ["common", "util", "utils", "misc", "helper", "helpers", "manager", "data", "info"];

/// Endings of types that say nothing.
const EMPTY_ENDINGS: [&str; 4] = ["Manager", "Helper", "Data", "Info"];

/// Folders of one machine, and where packages came from, have no place in a checkout.
const OF_ONE_MACHINE: [&str; 9] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/tmp", "/w/"),
    concat!("shared/", "design"),
    concat!("static.", "crates.io"),
    concat!("index.", "crates.io"),
    concat!("deb.", "debian.org"),
    concat!("files.", "pythonhosted.org"),
    concat!("registry.", "npmjs.org"),
];

fn is_generated(source: &Source) -> bool {
    source.path.contains("/fixtures/") || source.text.starts_with("// @generated")
}

#[test]
fn no_file_is_longer_than_400_lines() {
    let lengths = sources().into_iter().filter(|source| source.is_rust() && !is_generated(source));
    let findings: Vec<_> = lengths
        .map(|source| (source.text.lines().count(), source.path))
        .filter(|(lines, _)| *lines > MOST_LINES)
        .map(|(lines, path)| format!("{path}: {lines} lines"))
        .collect();
    none("files above 400 lines", &findings);
}

#[test]
fn unsafe_code_stands_only_in_listed_files() {
    let marks = ["{", "fn", "impl", "extern", "trait"].map(|next| format!("unsafe {next}"));
    let lint = concat!("unsafe", "_code");
    let has_it = |source: &Source| {
        let mut code = source.code();
        code.any(|(_, line)| {
            line.contains(lint) || marks.iter().any(|mark| line.contains(mark.as_str()))
        })
    };
    let this = "tests/src/architecture/files.rs";
    let mut found: Vec<_> = sources()
        .into_iter()
        .filter(|source| source.is_rust() && source.path != this && has_it(source))
        .map(|source| source.path)
        .collect();
    found.sort_unstable();
    assert_eq!(found, UNSAFE, "the files with unsafe code and the list of them differ");
}

#[test]
fn no_test_is_ignored() {
    find("ignored tests", Source::is_rust, &[concat!("#[", "ignore")]);
}

#[test]
fn no_file_names_a_place_on_one_machine() {
    let is_written_by_hand = |source: &Source| source.path != "Cargo.lock";
    find("places on one machine", is_written_by_hand, &OF_ONE_MACHINE);
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
    ];
    find("things left for later", Source::is_rust, &marks);
}

#[test]
fn names_say_something() {
    let mut findings = Vec::new();
    for source in sources().iter().filter(|source| source.is_rust() && !is_generated(source)) {
        let words = source.path.trim_end_matches(".rs").split('/');
        if let Some(word) = words.into_iter().find(|word| EMPTY_NAMES.contains(word)) {
            findings.push(format!("{}: the name “{word}” says nothing", source.path));
        }
        for (at, line) in source.code() {
            let mut words = line.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
            let declares = words.any(|word| matches!(word, "struct" | "enum" | "trait"));
            let name = words.next().unwrap_or_default();
            if declares && EMPTY_ENDINGS.iter().any(|ending| name.ends_with(ending)) {
                findings.push(format!("{}:{at}: the type “{name}” says nothing", source.path));
            }
        }
    }
    none("empty names", &findings);
}

fn find(rule: &str, is_meant: impl Fn(&Source) -> bool, needles: &[&str]) {
    let mut findings = Vec::new();
    for source in sources().iter().filter(|source| is_meant(source)) {
        for (at, line) in source.text.lines().enumerate() {
            if let Some(needle) = needles.iter().find(|needle| line.contains(**needle)) {
                findings.push(format!("{}:{}: {needle}", source.path, at + 1));
            }
        }
    }
    none(rule, &findings);
}
