//! One event of a replay, opened: its bytes, its statement and its proof.

use askama::Template;
use beckon_protocol::evidence::fingerprint;
use data_encoding::{BASE64, HEXLOWER};
use serde_json::Value;

use super::proof;
use crate::hub::Hub;
use crate::portal::refusal::Refusal;
use crate::store::StoredEvent;
use crate::text;

#[derive(Template)]
#[template(path = "replay_event.html")]
struct Opened {
    path: String,
    at: u64,
    metadata: String,
    metadata_bytes: String,
    data: String,
    data_bytes: String,
    envelope: Vec<Field>,
    statement: Option<Said>,
    proof: Option<Proved>,
}

/// A key of the metadata.
struct Field {
    key: &'static str,
    value: String,
    meaning: &'static str,
}

/// A statement, decoded.
struct Said {
    /// What was signed, as text, or else in hexadecimal digits.
    words: String,
    is_text: bool,
    key: String,
    signature: String,
}

/// Where the event stands in the tree.
struct Proved {
    leaf: String,
    index: u64,
    size: u64,
    path: Vec<String>,
    note: String,
    key: String,
    fingerprint: String,
}

/// The part of the page about this event of a session.
pub async fn write(hub: &Hub, stored: &StoredEvent) -> Result<String, Refusal> {
    let session = stored.stream.uuid().ok_or(Refusal::NotFound)?;
    let opened = Opened {
        path: format!("/sessions/{session}/replay"),
        at: stored.version,
        metadata: String::from_utf8_lossy(&stored.metadata).into_owned(),
        metadata_bytes: text::replay::bytes(stored.metadata.len()),
        data: String::from_utf8_lossy(&stored.data).into_owned(),
        data_bytes: text::replay::bytes(stored.data.len()),
        envelope: envelope(&stored.metadata),
        statement: statement(&stored.data),
        proof: proved(hub, stored).await,
    };
    Ok(opened.render()?)
}

fn envelope(metadata: &[u8]) -> Vec<Field> {
    let metadata: Value = serde_json::from_slice(metadata).unwrap_or_default();
    let field = |(key, meaning): &(&'static str, &'static str)| {
        let value = match metadata.get(key)? {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Some(Field { key, value, meaning })
    };
    text::replay::KEYS.iter().filter_map(field).collect()
}

fn statement(data: &[u8]) -> Option<Said> {
    let data: Value = serde_json::from_slice(data).ok()?;
    let statement = data.get("statement")?;
    let part = |name| statement.get(name).and_then(Value::as_str).map(str::to_owned);
    let bytes = BASE64.decode(part("statement")?.as_bytes()).ok()?;
    let (key, signature) = (part("key")?, part("sig")?);
    let as_text = String::from_utf8(bytes);
    let is_text = as_text.as_ref().is_ok_and(|words| !words.contains(char::is_control));
    let words = match as_text {
        Ok(words) if is_text => words,
        Ok(words) => HEXLOWER.encode(words.as_bytes()),
        Err(error) => HEXLOWER.encode(error.as_bytes()),
    };
    Some(Said { words, is_text, key, signature })
}

async fn proved(hub: &Hub, stored: &StoredEvent) -> Option<Proved> {
    let (signed, ways) = proof::ways(hub, vec![stored.clone()]).await.ok()?;
    let way = ways.into_iter().next()?;
    let key = hub.evidence.public_key();
    Some(Proved {
        leaf: stored.leaf().to_string(),
        index: way.index,
        size: signed.size,
        path: way.path.iter().map(ToString::to_string).collect(),
        note: signed.note.clone(),
        key: key.to_string(),
        fingerprint: fingerprint(&key),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_shown_as_text_or_else_in_digits() {
        let data = |bytes: &[u8]| {
            let statement = BASE64.encode(bytes);
            format!(
                "{{\"statement\":{{\"key\":\"k\",\"sig\":\"s\",\"statement\":\"{statement}\"}}}}"
            )
        };
        let told = statement(data(b"{\"v\":1}").as_bytes()).unwrap();
        assert_eq!((told.words.as_str(), told.is_text), ("{\"v\":1}", true));
        for bytes in [&b"a\0b"[..], b"\xff"] {
            let told = statement(data(bytes).as_bytes()).unwrap();
            assert_eq!((told.words, told.is_text), (HEXLOWER.encode(bytes), false));
        }
        for none in ["{\"statement\":null}", "{}", "[", "{\"statement\":{\"statement\":\"?\"}}"] {
            assert!(statement(none.as_bytes()).is_none(), "{none}");
        }
    }

    #[test]
    fn every_key_of_the_envelope_has_a_meaning_and_nothing_else_is_explained() {
        let metadata = br#"{"v":1,"at":"now","sealed":["/x"],"more":2}"#;
        let shown = envelope(metadata);
        let shown: Vec<_> = shown.iter().map(|field| (field.key, field.value.as_str())).collect();
        assert_eq!(shown, [("v", "1"), ("at", "now"), ("sealed", "[\"/x\"]")]);
        assert!(envelope(b"no JSON").is_empty());
    }
}
