//! Every text that a person reads stands in the program's `text.rs`.

use super::{Source, none, sources};

const WITH_WINDOWS: [&str; 3] = ["agent-gui/src/", "control-gui/src/", "desk/src/"];

/// Calls that show their text to a person.
const SHOWING: [&str; 17] = [
    ".label(",
    ".button(",
    ".heading(",
    ".strong(",
    ".small(",
    ".monospace(",
    ".weak(",
    ".small_button(",
    ".menu_button(",
    ".hint_text(",
    ".on_hover_text(",
    ".on_disabled_hover_text(",
    ".with_title(",
    "RichText::new(",
    "Button::new(",
    "Label::new(",
    "Window::new(",
];

#[test]
fn every_program_has_one_place_for_its_texts() {
    let sources = sources();
    for program in ["agent-gui", "control-gui", "server"] {
        let is_there =
            |source: &Source| source.path.starts_with(program) && source.path.ends_with("/text.rs");
        assert_eq!(
            sources.iter().filter(|source| is_there(source)).count(),
            1,
            "text.rs of {program}"
        );
    }
}

#[test]
fn windows_take_their_texts_from_there() {
    let mut findings = Vec::new();
    for source in sources().iter().filter(|source| is_window(source)) {
        for (at, line) in source.code().take_while(|(_, line)| !line.contains("#[cfg(test)]")) {
            if let Some(text) = shown_literal(line) {
                findings.push(format!("{}:{at}: “{text}”", source.path));
            }
        }
    }
    none("texts outside of text.rs", &findings);
}

#[test]
fn a_text_in_the_wrong_place_is_found() {
    assert_eq!(shown_literal(r#"ui.label("Ready");"#), Some("Ready"));
    assert_eq!(shown_literal(r#"ui.heading(format!("Hello {name}"));"#), Some("Hello {name}"));
    assert_eq!(shown_literal(r#"ui.label("·");"#), None);
    assert_eq!(shown_literal("ui.label(text::READY);"), None);
    assert_eq!(shown_literal(r#"window.get_by_label("Ready");"#), None);
}

fn is_window(source: &Source) -> bool {
    let path = source.path.as_str();
    let is_test = path.ends_with("tests.rs") || path.contains("/tests/");
    source.is_rust()
        && WITH_WINDOWS.iter().any(|folder| path.starts_with(folder))
        && !is_test
        && !path.ends_with("/text.rs")
}

/// The words written right into a call that shows them; signs alone are not words.
fn shown_literal(line: &str) -> Option<&str> {
    let literal = |call: &&str| {
        let (_, rest) = line.split_once(*call)?;
        let rest = rest.strip_prefix("format!(").unwrap_or(rest);
        let (text, _) = rest.strip_prefix('"')?.split_once('"')?;
        text.chars().any(char::is_alphabetic).then_some(text)
    };
    SHOWING.iter().find_map(literal)
}
