//! Shapes that serde does not insist on: an object is no array, a name is a string, an id and a
//! time have one spelling.

use std::borrow::Cow;

use beckon_events::{LogId, SessionId, Timestamp};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error};
use serde_json::value::RawValue;

use super::strict::{self, Style};
use crate::text;
use crate::verify::metadata;

/// A string, with its escapes resolved.
#[derive(serde::Deserialize)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// Reads one object of strict JSON; the error says what is wrong.
pub fn object<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, String> {
    strict::check(bytes, Style::Free)?;
    if !is_object(bytes) {
        return Err(text::form::NO_OBJECT.to_owned());
    }
    serde_json::from_slice(bytes).map_err(|error| text::form::unreadable(&error))
}

/// Whether JSON that is known to be well-formed is an object.
pub fn is_object(json: &[u8]) -> bool {
    json.trim_ascii_start().first() == Some(&b'{')
}

/// A list of objects.
pub fn objects<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    let each = Vec::<&RawValue>::deserialize(from)?;
    each.into_iter().map(|raw| starting(raw, '{')).collect()
}

/// One of several names.
pub fn name<'de, T: DeserializeOwned, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    starting(<&RawValue>::deserialize(from)?, '"')
}

/// The id of a log.
pub fn log<'de, D: Deserializer<'de>>(from: D) -> Result<LogId, D::Error> {
    let Text(text) = Text::deserialize(from)?;
    metadata::uuid(&text).map(LogId).ok_or_else(|| Error::custom(text::form::UUID))
}

/// The id of a session, or null.
pub fn session<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SessionId>, D::Error> {
    let Some(Text(text)) = Option::<Text<'_>>::deserialize(from)? else { return Ok(None) };
    let read = metadata::uuid(&text).ok_or_else(|| Error::custom(text::form::UUID));
    read.map(|id| Some(SessionId(id)))
}

/// A time, with six digits behind the point.
pub fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    let Text(text) = Text::deserialize(from)?;
    metadata::time(&text).ok_or_else(|| Error::custom(text::form::TIME))
}

fn starting<T: DeserializeOwned, E: Error>(raw: &RawValue, with: char) -> Result<T, E> {
    if !raw.get().starts_with(with) {
        return Err(E::custom(text::form::SHAPE));
    }
    serde_json::from_str(raw.get()).map_err(E::custom)
}
