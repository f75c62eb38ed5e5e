//! One line of `events.ndjson`.

use beckon_events::Digest;
use beckon_events::envelope::{DATA_MAX, METADATA_MAX};
use data_encoding::BASE64;

use crate::text;

/// The longest line, in bytes, with its line feed.
pub const LINE: usize = 131_072;

/// An event as it stands in an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The envelope.
    pub metadata: Vec<u8>,
    /// The body; none where it is withheld.
    pub data: Option<Vec<u8>>,
}

/// Where an event of one session stands in the log, and its inclusion proof.
pub type Proven = (u64, Vec<Digest>);

/// A line that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Its event's place in the log, where that much could be read.
    pub index: Option<u64>,
    /// Why.
    pub what: &'static str,
}

/// Reads a line, byte for byte as it must be. Of one session it has a place in the log and an
/// inclusion proof; of a whole log, `None`.
pub fn line(bytes: &[u8], whole: bool) -> Result<(Option<Proven>, Line), Unread> {
    let malformed = Unread { index: None, what: text::form::LINE };
    if bytes.len() > LINE {
        return Err(Unread { index: None, what: text::form::LINE_LENGTH });
    }
    let rest = bytes.strip_suffix(b"}\n").ok_or(malformed.clone())?;
    let rest = rest.strip_prefix(b"{").ok_or(malformed.clone())?;
    let (index, rest) = if whole {
        (None, rest)
    } else {
        let read = || {
            let rest = rest.strip_prefix(b"\"index\":")?;
            let comma = rest.iter().position(|byte| *byte == b',')?;
            let (digits, rest) = rest.split_at_checked(comma)?;
            let plain = digits == b"0" || digits.first().is_some_and(|one| *one != b'0');
            let digits = std::str::from_utf8(digits).ok()?;
            let number = plain && digits.bytes().all(|byte| byte.is_ascii_digit());
            Some((number.then(|| digits.parse().ok())??, rest.strip_prefix(b",")?))
        };
        let (index, rest) = read().ok_or(malformed.clone())?;
        (Some(index), rest)
    };
    let read = || {
        let rest = rest.strip_prefix(b"\"metadata\":\"")?;
        let (metadata, rest) = quoted(rest)?;
        let rest = rest.strip_prefix(b",\"data\":")?;
        let (data, rest) = if let Some(rest) = rest.strip_prefix(b"null") {
            (None, rest)
        } else {
            let (data, rest) = quoted(rest.strip_prefix(b"\"")?)?;
            (Some(data), rest)
        };
        let proof = match index {
            None => rest.is_empty().then(Vec::new)?,
            Some(_) => proof(rest)?,
        };
        Some((metadata, data, proof))
    };
    let (metadata, data, proof) = read().ok_or(malformed)?;
    let decode = |base64: &[u8], longest: usize| {
        let bytes = BASE64.decode(base64).map_err(|_| text::form::BASE64)?;
        if bytes.len() > longest { Err(text::form::EVENT_LENGTH) } else { Ok(bytes) }
    };
    let unread = |what| Unread { index, what };
    let metadata = decode(metadata, METADATA_MAX).map_err(unread)?;
    let data = data.map(|data| decode(data, DATA_MAX)).transpose().map_err(unread)?;
    Ok((index.map(|index| (index, proof)), Line { metadata, data }))
}

fn quoted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'"')?;
    Some((bytes.get(..end)?, bytes.get(end + 1..)?))
}

fn proof(rest: &[u8]) -> Option<Vec<Digest>> {
    let list = rest.strip_prefix(b",\"proof\":[")?.strip_suffix(b"]")?;
    if list.is_empty() {
        return Some(Vec::new());
    }
    let hash = |quoted: &[u8]| {
        let hex = quoted.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        Digest::from_hex(std::str::from_utf8(hex).ok()?)
    };
    list.split(|byte| *byte == b',').map(hash).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_log_and_one_of_a_session_are_read() {
        let (place, read) = line(b"{\"metadata\":\"e30=\",\"data\":null}\n", true).unwrap();
        assert_eq!((place, read), (None, Line { metadata: b"{}".to_vec(), data: None }));
        let proof = format!("[\"{}\",\"{}\"]", "0a".repeat(32), "0b".repeat(32));
        let text =
            format!("{{\"index\":7,\"metadata\":\"e30=\",\"data\":\"e30=\",\"proof\":{proof}}}\n");
        let (place, read) = line(text.as_bytes(), false).unwrap();
        assert_eq!(place, Some((7, vec![Digest([10; 32]), Digest([11; 32])])));
        assert_eq!(read.data.as_deref(), Some(b"{}".as_slice()));
    }

    #[test]
    fn any_other_spelling_is_refused() {
        for text in [
            "{\"metadata\":\"e30=\",\"data\":null}",
            "{\"metadata\":\"e30=\",\"data\":null} \n",
            "{\"metadata\": \"e30=\",\"data\":null}\n",
            "{\"metadata\":\"e30=\"}\n",
            "{\"metadata\":\"e30\",\"data\":null}\n",
            "{\"metadata\":\"e31=\",\"data\":null}\n",
            "{\"metadata\":\"e30=\",\"data\":null,\"proof\":[]}\n",
            "\n",
        ] {
            assert!(line(text.as_bytes(), true).is_err(), "{text}");
        }
        for index in ["07", "-1", "", "18446744073709551616", "1.0"] {
            let text =
                format!("{{\"index\":{index},\"metadata\":\"e30=\",\"data\":null,\"proof\":[]}}\n");
            assert!(line(text.as_bytes(), false).is_err(), "{index}");
        }
        let long = format!("{{\"metadata\":\"{}\",\"data\":null}}\n", "A".repeat(LINE));
        assert_eq!(line(long.as_bytes(), true).unwrap_err().what, text::form::LINE_LENGTH);
    }
}
