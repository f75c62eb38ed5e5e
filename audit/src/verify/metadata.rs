//! The envelope, byte for byte: exactly these keys in this order, and nothing between them.

use beckon_events::{Digest, Timestamp};
use uuid::Uuid;

use crate::export::strict::{self, Style};
use crate::text;

/// What a verifier uses of an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The log.
    pub log: Uuid,
    /// The stream's name.
    pub stream: &'a str,
    /// The place in the stream.
    pub version: u64,
    /// The event's name.
    pub kind: &'a str,
    /// The version of its fields.
    pub schema: u64,
    /// When.
    pub at: Timestamp,
    /// SHA-256 of the data.
    pub body: Digest,
    /// The leaf of the event before it in the stream.
    pub prev: Digest,
    /// Pointers of the sealed fields.
    pub sealed: Vec<String>,
}

/// Reads an envelope of version 1; the error says what is wrong and what to do.
pub fn envelope(bytes: &[u8]) -> Result<Envelope<'_>, String> {
    let read = std::str::from_utf8(bytes).ok().and_then(|text| Cursor(text).envelope());
    read.ok_or_else(|| why(bytes))
}

/// The moment that a time of this format names, as [`Timestamp`] reads it.
pub fn time(text: &str) -> Option<Timestamp> {
    let bytes: &[u8; 27] = text.as_bytes().try_into().ok()?;
    let pattern = b"0000-00-00T00:00:00.000000Z";
    let shaped = bytes.iter().zip(pattern).all(|(byte, shape)| match shape {
        b'0' => byte.is_ascii_digit(),
        fixed => byte == fixed,
    });
    if !shaped {
        return None;
    }
    let number = |from: usize, to: usize| {
        bytes
            .get(from..to)
            .unwrap_or_default()
            .iter()
            .fold(0_i64, |sum, byte| sum * 10 + i64::from(byte - b'0'))
    };
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let (hour, minute, second) = (number(11, 13), number(14, 16), number(17, 19));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    if year < 1970 || !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Days since 1970 by the civil calendar, whose years begin in March here.
    let shifted = if month > 2 { year } else { year - 1 };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let since = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let seconds = since * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(Timestamp::from_micros(seconds * 1_000_000 + number(20, 26)))
}

/// The uuid that a text names, in lower case with hyphens only.
pub fn uuid(text: &str) -> Option<Uuid> {
    let bytes: &[u8; 36] = text.as_bytes().try_into().ok()?;
    let mut out = [0; 16];
    let mut at = 0;
    for byte in &mut out {
        if matches!(at, 8 | 13 | 18 | 23) {
            (bytes.get(at) == Some(&b'-')).then_some(())?;
            at += 1;
        }
        *byte = nibble(*bytes.get(at)?)? << 4 | nibble(*bytes.get(at + 1)?)?;
        at += 2;
    }
    Some(Uuid::from_bytes(out))
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

fn digest(text: &str) -> Option<Digest> {
    let bytes: &[u8; 64] = text.as_bytes().try_into().ok()?;
    let mut out = [0; 32];
    for (byte, pair) in out.iter_mut().zip(bytes.chunks_exact(2)) {
        *byte = nibble(*pair.first()?)? << 4 | nibble(*pair.last()?)?;
    }
    Some(Digest(out))
}

struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    fn envelope(mut self) -> Option<Envelope<'a>> {
        self.skip("{\"v\":1,\"id\":")?;
        uuid(self.string()?)?;
        self.skip(",\"log\":")?;
        let log = uuid(self.string()?)?;
        self.skip(",\"stream\":")?;
        let stream = self.string().filter(|stream| is_stream(stream))?;
        self.skip(",\"version\":")?;
        let version = self.number()?;
        self.skip(",\"type\":")?;
        let kind = self.string().filter(|kind| !kind.is_empty())?;
        self.skip(",\"schema\":")?;
        let schema = self.number()?;
        self.skip(",\"at\":")?;
        let at = time(self.string()?)?;
        self.skip(",\"actor\":{\"kind\":")?;
        let kinds = ["operator", "user", "agent", "policy", "system"];
        self.string().filter(|actor| kinds.contains(actor))?;
        self.skip(",\"id\":")?;
        if self.skip("null").is_none() {
            uuid(self.string()?)?;
        }
        self.skip("},\"$causationId\":")?;
        uuid(self.string()?)?;
        self.skip(",\"$correlationId\":")?;
        uuid(self.string()?)?;
        self.skip(",\"body\":")?;
        let body = digest(self.string()?)?;
        self.skip(",\"prev\":")?;
        let prev = digest(self.string()?)?;
        self.skip(",\"sealed\":")?;
        let list = self.0.strip_suffix('}')?;
        let sealed = if list == "[]" {
            Vec::new()
        } else {
            strict::check(list.as_bytes(), Style::Canonical).ok()?;
            serde_json::from_str(list).ok()?
        };
        Some(Envelope { log, stream, version, kind, schema, at, body, prev, sealed })
    }

    fn skip(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    /// A string without escapes: none of these has any.
    fn string(&mut self) -> Option<&'a str> {
        let rest = self.0.strip_prefix('"')?;
        let end = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))?;
        let (text, rest) = rest.split_at_checked(end)?;
        self.0 = rest.strip_prefix('"')?;
        Some(text)
    }

    fn number(&mut self) -> Option<u64> {
        let end = self.0.bytes().position(|byte| !byte.is_ascii_digit())?;
        let (digits, rest) = self.0.split_at_checked(end)?;
        let plain = digits == "0" || !digits.starts_with('0');
        self.0 = rest;
        plain.then(|| digits.parse().ok())?
    }
}

/// Whether it is the name of a stream of one of the four kinds.
pub fn is_stream(name: &str) -> bool {
    match name.split_once('-') {
        Some(("session" | "operator" | "account", id)) => uuid(id).is_some(),
        Some(("node", id)) => !id.is_empty(),
        _ => false,
    }
}

fn why(bytes: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Versioned {
        v: u64,
    }
    if let Err(what) = strict::check(bytes, Style::Free) {
        return text::chain::not_json("metadata", what);
    }
    match serde_json::from_slice(bytes) {
        Ok(Versioned { v: 0 }) => text::chain::UNFROZEN.to_owned(),
        Ok(Versioned { v }) if v > 1 => text::chain::newer(v),
        _ => text::chain::ENVELOPE.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF_NOW: &str = r#"{"v":1,"id":"00000000-0000-0000-0000-000000000001","log":"00000000-0000-0000-0000-000000000002","stream":"node-0","version":3,"type":"ServerStopped","schema":1,"at":"2026-11-22T08:00:00.000001Z","actor":{"kind":"system","id":null},"$causationId":"00000000-0000-0000-0000-000000000003","$correlationId":"00000000-0000-0000-0000-000000000004","body":"0101010101010101010101010101010101010101010101010101010101010101","prev":"0202020202020202020202020202020202020202020202020202020202020202","sealed":["/a","/b~1\u00fc"]}"#;

    #[test]
    fn an_envelope_is_read() {
        let read = envelope(OF_NOW.as_bytes()).unwrap();
        assert_eq!((read.stream, read.version, read.kind), ("node-0", 3, "ServerStopped"));
        assert_eq!((read.body, read.prev), (Digest([1; 32]), Digest([2; 32])));
        assert_eq!(read.at.to_string(), "2026-11-22T08:00:00.000001Z");
        assert_eq!(read.sealed, ["/a", "/b~1ü"]);
        let expected = beckon_events::envelope::metadata(OF_NOW.as_bytes()).unwrap();
        assert_eq!((expected.at, expected.log.0), (read.at, read.log));
    }

    #[test]
    fn other_versions_are_refused_by_name() {
        let of = |v: &str| envelope(OF_NOW.replacen("\"v\":1", v, 1).as_bytes()).unwrap_err();
        assert_eq!(of("\"v\":0"), text::chain::UNFROZEN);
        assert!(of("\"v\":2").contains("use a newer beckon-audit"), "{}", of("\"v\":2"));
    }

    #[test]
    fn any_other_spelling_is_refused() {
        for (from, to) in [
            ("\"v\":1,", "\"v\": 1,"),
            ("\"version\":3", "\"version\":03"),
            ("node-0", "node-"),
            ("\"id\":null", "\"id\":\"x\""),
            ("0101", "01FF"),
            ("T08", "T24"),
            ("11-22", "02-30"),
            ("node-0", "session-7"),
            ("\"sealed\":[", "\"sealed\":[ "),
            ("system", "nobody"),
            ("\"schema\":1,", ""),
            ("]}", "]} "),
            ("\"/a\"", "7"),
        ] {
            assert!(OF_NOW.contains(from), "{from}");
            assert!(envelope(OF_NOW.replacen(from, to, 1).as_bytes()).is_err(), "{from} → {to}");
        }
    }

    #[test]
    fn a_time_is_the_one_that_the_log_means() {
        for text in [
            "1970-01-01T00:00:00.000000Z",
            "2024-02-29T23:59:59.999999Z",
            "2100-03-01T00:00:00.000001Z",
            "1999-12-31T12:34:56.789012Z",
            "9999-12-31T23:59:59.999999Z",
        ] {
            assert_eq!(time(text), text.parse().ok(), "{text}");
        }
        for text in [
            "1969-12-31T23:59:59.999999Z",
            "2100-02-29T00:00:00.000000Z",
            "2026-13-01T00:00:00.000000Z",
            "2026-00-01T00:00:00.000000Z",
            "2026-11-22T08:00:60.000000Z",
            "2026-11-22T08:00:00.00000Z",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
