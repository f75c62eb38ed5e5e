//! A session in a log that a dishonest server writes anew, with its own key.

use beckon_audit::fabricate::Bundle;
use beckon_events::session::{Fact, Said, head_bytes};
use beckon_events::{Action, ActionSet, Digest, Grant, PublicKey, SessionId, Statement, envelope};
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};

use super::draft::Draft;
use super::ground::Original;
use super::mutant::{Expected, at};

/// One session of a log, to be changed.
pub struct Scene<'a> {
    /// The log as it was.
    pub original: &'a Original,
    /// The log as it will be.
    pub draft: Draft,
    /// The session's number.
    pub number: u32,
    /// Its stream.
    pub stream: String,
}

/// What a change leads to.
pub type Outcome = Option<Expected>;

impl<'a> Scene<'a> {
    /// Session `number` of a log.
    pub fn new(original: &'a Original, number: u32) -> Self {
        let stream = format!("session-{}", original.made.seed.session(number));
        Self { original, draft: original.draft(), number, stream }
    }

    /// The export, signed by the real key.
    pub fn bundle(self) -> Bundle {
        self.draft.resigned(self.original)
    }

    /// The first event of this name.
    pub fn find(&self, kind: &str) -> Option<usize> {
        self.draft.find(&self.stream, kind)
    }

    /// The agent's pair.
    pub fn agent(&self) -> Ed25519KeyPair {
        self.original.made.seed.agent(self.number)
    }

    /// The id of the session.
    pub fn session(&self) -> SessionId {
        self.original.made.seed.session(self.number)
    }

    /// The event that closed it.
    pub fn end(&self) -> Option<usize> {
        let ends = ["Ended", "Expired", "InvitationCancelled"];
        ends.into_iter().find_map(|kind| self.find(kind))
    }

    /// A further event right before the first `kind`, where it cannot come.
    pub fn before(&mut self, kind: &str, new: &str, data: Value) -> Outcome {
        let index = self.find(kind)?;
        self.insert(index, new, data)
    }

    /// A further event right after the first `kind`, where it cannot come.
    pub fn after(&mut self, kind: &str, new: &str, data: Value) -> Outcome {
        let index = self.find(kind)? + 1;
        self.insert(index, new, data)
    }

    /// A further event at `index`, where it cannot come.
    pub fn insert(&mut self, index: usize, new: &str, data: Value) -> Outcome {
        self.draft.insert(index, &self.stream, new, data);
        Some(at("V8", index))
    }

    /// The first `kind` again, right behind it.
    pub fn twice(&mut self, kind: &str) -> Outcome {
        let index = self.find(kind)?;
        let again = self.draft.bundle.lines[index].clone();
        self.draft.bundle.lines.insert(index + 1, again);
        // Its sealed values are not for this version.
        let check = if self.draft.is_opened(index + 1) { "V9" } else { "V8" };
        Some(at(check, index + 1))
    }

    /// Without the first `kind`: what follows has lost its ground.
    pub fn without(&mut self, kind: &str) -> Outcome {
        let index = self.find(kind)?;
        let next = self.draft.next(index)? - 1;
        self.draft.bundle.lines.remove(index);
        let check = if self.draft.is_opened(next) { "V9" } else { "V8" };
        Some(at(check, next))
    }

    /// The first `one` and the first `other` change places.
    pub fn swapped(&mut self, one: &str, other: &str) -> Outcome {
        let (one, other) = (self.find(one)?, self.find(other)?);
        let first = self.draft.bundle.lines[one].metadata.clone();
        self.draft.bundle.lines.swap(one, other);
        // The time stays with the place, or that would be found first.
        let time = |metadata: &[u8]| envelope::metadata(metadata).unwrap().at;
        let (early, late) = (time(&first), time(&self.draft.bundle.lines[one].metadata));
        self.draft.envelope(one, |metadata| metadata.at = early);
        self.draft.envelope(other, |metadata| metadata.at = late);
        let check = if self.draft.is_opened(one) { "V9" } else { "V8" };
        Some(at(check, one))
    }

    /// Other fields in the first `kind`.
    pub fn fields(&mut self, kind: &str, check: &'static str, fields: &[(&str, Value)]) -> Outcome {
        let index = self.find(kind)?;
        self.draft.body(index, |data| {
            for (field, value) in fields {
                data[field] = value.clone();
            }
        });
        Some(at(check, index))
    }

    /// A grant in the first `kind` that the agent has really signed.
    pub fn granted(&mut self, kind: &str, change: impl FnOnce(&mut Grant)) -> Outcome {
        let index = self.find(kind)?;
        let mut grant = self.grant(kind)?;
        change(&mut grant);
        let statement = grant.sign(&self.agent());
        let mut fields = vec![
            ("actions", json!(grant.actions)),
            ("n", json!(grant.n)),
            ("statement", json!(statement)),
        ];
        if kind != "GrantWithdrawn" {
            fields.push(("until", json!(grant.until)));
        }
        self.fields(kind, "V8", &fields)?;
        Some(at("V8", index))
    }

    /// The grant in the first `kind`.
    pub fn grant(&self, kind: &str) -> Option<Grant> {
        serde_json::from_slice(&self.statement(kind)?).ok()
    }

    /// The bytes that were signed in the first `kind`.
    pub fn statement(&self, kind: &str) -> Option<Vec<u8>> {
        let statement: Statement =
            serde_json::from_value(self.draft.data(self.find(kind)?)["statement"].clone()).ok()?;
        statement.open(&statement.key()).ok()
    }

    /// Another statement in the first `kind`, which V7 finds.
    pub fn stated(&mut self, kind: &str, statement: &Statement) -> Outcome {
        self.fields(kind, "V7", &[("statement", json!(statement))])
    }

    /// A fact, signed by the agent.
    pub fn says(&self, session: SessionId, fact: Fact) -> Statement {
        Said::new(session, fact).sign(&self.agent())
    }

    /// A head in the first `HeadSigned`, properly signed by the agent.
    pub fn head(&mut self, change: impl FnOnce(&mut u64, &mut Digest)) -> Outcome {
        let index = self.find("HeadSigned")?;
        let data = self.draft.data(index);
        let mut version = data["version"].as_u64()?;
        let mut leaf = Digest::from_hex(data["leaf"].as_str()?)?;
        change(&mut version, &mut leaf);
        let statement = Statement::sign(&head_bytes(&self.stream, version, &leaf), &self.agent());
        let fields =
            [("version", json!(version)), ("leaf", json!(leaf)), ("statement", json!(statement))];
        self.fields("HeadSigned", "V6", &fields)
    }
}

/// The pair of somebody who has no part in it.
pub fn stranger() -> Ed25519KeyPair {
    beckon_audit::fabricate::strange_pair(5)
}

/// The key of somebody who has no part in it.
pub fn strange_key() -> PublicKey {
    beckon_audit::fabricate::public(&stranger())
}

/// Everything that there is.
pub fn everything() -> ActionSet {
    [Action::Control, Action::Chat, Action::Files, Action::Clipboard].into_iter().collect()
}
