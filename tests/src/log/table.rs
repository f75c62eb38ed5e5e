//! The table of a log: what an auditor reads, a line an event.

use beckon_events::RecordedEvent;
use beckon_events::envelope::ActorKind;
use serde_json::Value;

use super::Log;

const LONGEST_WORD: usize = 30;

impl Log {
    /// A line an event: position, time, stream, name, who, and what it says. Digests and keys are
    /// shortened.
    pub fn table(&self) -> Vec<String> {
        let recorded = self.events();
        let stored = self.stored();
        let line = |(recorded, stored): (&RecordedEvent, &crate::log::StoredEvent)| {
            let metadata = recorded.metadata();
            let who = match metadata.actor.kind {
                ActorKind::Operator => "operator",
                ActorKind::User => "user",
                ActorKind::Agent => "agent",
                ActorKind::Policy | ActorKind::System => "server",
            };
            let says = serde_json::from_slice(&stored.data).unwrap_or_default();
            let kind = metadata.stream.split('-').next().unwrap_or_default();
            format!(
                "{:>5}  {}  {kind:<8} {:<18} {who:<10} {}",
                stored.position.to_bits(),
                metadata.at,
                metadata.kind,
                in_words(&says)
            )
        };
        recorded.iter().zip(&stored).map(line).collect()
    }
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) if text.contains(' ') => format!("“{text}”"),
        Value::String(text) if text.chars().count() > LONGEST_WORD && !text.starts_with('/') => {
            text.chars().take(8).chain(['…']).collect()
        }
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(in_words).collect::<Vec<_>>().join(", "))
        }
        Value::Object(fields) if fields.contains_key("$s") => "(sealed)".to_owned(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| match value {
                Value::Object(inner) if !inner.contains_key("$s") => {
                    format!("{name} ({})", in_words(value))
                }
                _ => format!("{name} {}", in_words(value)),
            });
            fields.collect::<Vec<_>>().join(", ")
        }
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}
