//! A log that is being changed by somebody who knows the format.

use std::collections::BTreeMap;

use beckon_audit::export::Line;
use beckon_audit::fabricate::Bundle;
use beckon_events::envelope::{self, Metadata};
use serde_json::Value;

use super::ground::Original;

/// A copy of a log.
#[derive(Clone)]
pub struct Draft {
    /// As it is now.
    pub bundle: Bundle,
}

impl Draft {
    /// A copy of this one.
    pub fn of(bundle: &Bundle) -> Self {
        Self { bundle: bundle.clone() }
    }

    /// How many events it has.
    pub fn len(&self) -> usize {
        self.bundle.lines.len()
    }

    /// The envelope of an event.
    pub fn metadata(&self, at: usize) -> Metadata {
        envelope::metadata(&self.bundle.lines[at].metadata).unwrap()
    }

    /// The body of an event.
    pub fn data(&self, at: usize) -> Value {
        serde_json::from_slice(self.bundle.lines[at].data.as_deref().unwrap()).unwrap()
    }

    /// The events of a stream.
    pub fn stream(&self, stream: &str) -> Vec<usize> {
        (0..self.len()).filter(|at| self.metadata(*at).stream == stream).collect()
    }

    /// The first event of this name in a stream.
    pub fn find(&self, stream: &str, kind: &str) -> Option<usize> {
        self.stream(stream).into_iter().find(|at| self.metadata(*at).kind == kind)
    }

    /// The event after `at` in its stream.
    pub fn next(&self, at: usize) -> Option<usize> {
        self.stream(&self.metadata(at).stream).into_iter().find(|next| *next > at)
    }

    /// All events of this name.
    pub fn all(&self, kind: &str) -> Vec<usize> {
        (0..self.len()).filter(|at| self.metadata(*at).kind == kind).collect()
    }

    /// Changes an envelope.
    pub fn envelope(&mut self, at: usize, change: impl FnOnce(&mut Metadata)) {
        let mut metadata = self.metadata(at);
        change(&mut metadata);
        self.bundle.lines[at].metadata = serde_json::to_vec(&metadata).unwrap();
    }

    /// Changes a body.
    pub fn body(&mut self, at: usize, change: impl FnOnce(&mut Value)) {
        let mut data = self.data(at);
        change(&mut data);
        self.bundle.lines[at].data = Some(canonical(&data));
    }

    /// Puts an event into a stream, before event `at` of the log.
    pub fn insert(&mut self, at: usize, stream: &str, kind: &str, data: Value) {
        let before = at.checked_sub(1).unwrap();
        let metadata = Metadata {
            stream: stream.to_owned(),
            kind: kind.to_owned(),
            schema: 1,
            sealed: Vec::new(),
            ..self.metadata(before)
        };
        let metadata = serde_json::to_vec(&metadata).unwrap();
        let data = Some(canonical(&data));
        self.bundle.lines.insert(at, Line { metadata, data });
    }

    /// Whose key opens something in this event.
    pub fn is_opened(&self, at: usize) -> bool {
        let data = self.data(at);
        let pointers = self.metadata(at).sealed;
        let mut subjects =
            pointers.iter().map(|pointer| data.pointer(pointer).unwrap()["$s"].as_str());
        subjects.any(|subject| self.bundle.subjects.contains_key(subject.unwrap()))
    }

    /// With chain and tree of its events, but the old signatures.
    pub fn rebuilt(mut self) -> Bundle {
        self.bundle.rechain();
        self.bundle.retile();
        self.bundle
    }

    /// With all of it, signed by the server's own keys.
    pub fn resigned(self, original: &Original) -> Bundle {
        let mut bundle = self.rebuilt();
        bundle.resign(&|era| original.made.seed.log_pair(era));
        bundle
    }

    /// The same without a new chain.
    pub fn resigned_unchained(mut self, original: &Original) -> Bundle {
        self.bundle.retile();
        self.bundle.resign(&|era| original.made.seed.log_pair(era));
        self.bundle
    }
}

/// JSON as the log has it: the keys of all objects in the order of their bytes.
pub fn canonical(value: &Value) -> Vec<u8> {
    fn sorted(value: &Value) -> Value {
        match value {
            Value::Object(fields) => {
                let ordered: BTreeMap<_, _> = fields.iter().collect();
                ordered.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect()
            }
            Value::Array(values) => values.iter().map(sorted).collect(),
            other => other.clone(),
        }
    }
    serde_json::to_vec(&sorted(value)).unwrap()
}
