//! V9, as far as it can be told from one event: the form of sealed fields, and what they hold.

use beckon_events::{SealedField, Subject, sealed_pointers};
use serde_json::Value;

use super::metadata::Envelope;
use crate::export::Subjects;
use crate::text::sealed as text;

/// The sealed fields of one event.
#[derive(Clone, Debug, Default)]
pub struct SealedFields {
    /// Whose they are, in the order of the text.
    pub subjects: Vec<Subject>,
    /// What those hold whose key is known.
    pub opened: Opened,
}

/// Opened values by their pointers.
#[derive(Clone, Debug, Default)]
pub struct Opened(Vec<(String, Value)>);

impl Opened {
    /// The value at `pointer`.
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        self.0.iter().find(|(at, _)| at == pointer).map(|(_, value)| value)
    }

    /// How many were opened.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// The sealed fields in `data`; the error says what is wrong.
pub fn sealed(
    data: &[u8],
    envelope: &Envelope<'_>,
    keys: &Subjects,
) -> Result<SealedFields, String> {
    let value: Value = serde_json::from_slice(data).map_err(|_| text::OTHER_FIELDS)?;
    if sealed_pointers(&value) != envelope.sealed {
        return Err(text::OTHER_FIELDS.to_owned());
    }
    let mut fields = SealedFields::default();
    for pointer in &envelope.sealed {
        let field = value.pointer(pointer).and_then(SealedField::of);
        let field = field.ok_or_else(|| text::form(pointer))?;
        if let Some(key) = keys.of(field.subject) {
            let opened = field.open_at(key, envelope.stream, envelope.version, pointer);
            let opened = opened.ok_or_else(|| text::shut(pointer, field.subject))?;
            fields.opened.0.push((pointer.clone(), opened));
        }
        fields.subjects.push(field.subject);
    }
    Ok(fields)
}
