//! The keys that an export carries, so that names can be read in it.

use std::collections::BTreeSet;
use std::io;

use beckon_events::account::{self, Names};
use beckon_events::{Keys, NoKeys, SealedField, Subject, envelope, sealed_pointers};
use data_encoding::BASE64;
use zeroize::Zeroizing;

use super::ExportError;
use super::package::Package;
use super::streams::every_event;
use crate::store::{EventReader, Position, StoredEvent};

/// The subjects whose values stand in the exported events, as far as they are wanted.
pub(super) struct Found<'a> {
    wanted: &'a Names,
    subjects: BTreeSet<Subject>,
}

/// What was opened, as the manifest says it.
pub(super) struct Claim {
    /// `none`, `some` or `all`.
    pub names: &'static str,
    /// How many keys were written.
    pub opened: u64,
}

impl<'a> Found<'a> {
    pub fn new(wanted: &'a Names) -> Self {
        Self { wanted, subjects: BTreeSet::new() }
    }

    /// Looks through one event.
    pub fn look(&mut self, event: &StoredEvent) {
        let sealed = || std::str::from_utf8(&event.data).is_ok_and(|data| data.contains("\"$s\""));
        if *self.wanted == Names::None || !sealed() {
            return;
        }
        let Ok(data) = serde_json::from_slice::<serde_json::Value>(&event.data) else { return };
        for pointer in sealed_pointers(&data) {
            let Some(field) = data.pointer(&pointer).and_then(SealedField::of) else { continue };
            let wanted = match self.wanted {
                Names::None => false,
                Names::Some(some) => some.contains(&field.subject),
                Names::All => true,
            };
            if wanted {
                self.subjects.insert(field.subject);
            }
        }
    }

    /// Writes the keys that exist. `erased` are the subjects whose erasure is among the events:
    /// their keys never leave, whatever the vault still holds.
    pub fn write(
        &self,
        package: &mut Package<'_>,
        keys: &dyn Keys,
        erased: &BTreeSet<Subject>,
    ) -> Result<Claim, ExportError> {
        if *self.wanted == Names::None {
            return Ok(Claim { names: "none", opened: 0 });
        }
        let (mut opened, mut unexplained) = (0, false);
        package.begin("subjects.json").map_err(ExportError::Write)?;
        let mut write = |text: &str| -> io::Result<()> { package.write(text.as_bytes()) };
        let mut before = "{";
        for subject in self.subjects.difference(erased) {
            let Some(key) = keys.key(*subject)? else {
                unexplained = true;
                continue;
            };
            let key = Zeroizing::new(BASE64.encode(key.bytes()));
            let line = Zeroizing::new(format!("{before}\"{subject}\":\"{}\"", *key));
            write(&line).map_err(ExportError::Write)?;
            before = ",";
            opened += 1;
        }
        let end = if opened == 0 { "{}" } else { "}" };
        write(end).map_err(ExportError::Write)?;
        // A key that is gone without its erasure was lost, or is being erased at this moment.
        let all = *self.wanted == Names::All && !unexplained;
        Ok(Claim { names: if all { "all" } else { "some" }, opened })
    }
}

/// Whose erasure the log recorded up to `last`.
pub(super) fn erased(
    reader: &dyn EventReader,
    last: Position,
) -> Result<BTreeSet<Subject>, ExportError> {
    let mut erased = BTreeSet::new();
    every_event(reader, "account", |event| {
        let position = event.position.to_bits();
        let (metadata, data) = (&event.metadata, &event.data);
        let read = envelope::read_as::<account::Event>(metadata, data, position, &NoKeys)?;
        if let account::Event::SubjectErased { subject, .. } = read.event
            && event.position <= last
        {
            erased.insert(subject);
        }
        Ok(())
    })?;
    Ok(erased)
}
