//! Every event is documented.

use beckon_events::{DomainEvent, account, node, operator, session};
use beckon_tests::scratch::workspace;

use super::none;

#[test]
fn every_event_is_documented() {
    let path = workspace().join("docs/events.md");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let kinds = [
        (session::Event::CATEGORY, session::Event::NAMES),
        (operator::Event::CATEGORY, operator::Event::NAMES),
        (account::Event::CATEGORY, account::Event::NAMES),
        (node::Event::CATEGORY, node::Event::NAMES),
    ];
    let mut findings = Vec::new();
    for (category, names) in kinds {
        assert!(!names.is_empty(), "{category} has events");
        for name in names {
            let heading = format!("### {name}");
            if !text.lines().any(|line| line.trim_end() == heading) {
                findings.push(format!("{category}: {name}"));
            }
        }
    }
    none("events without a heading of their own in docs/events.md", &findings);
}
