//! From text to messages and back.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::limits::JSON_DEPTH;

/// Why a text is no message.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// It is longer than allowed.
    #[error("a message of {is} bytes is longer than {max}")]
    TooLong {
        /// Its length.
        is: usize,
        /// The cap.
        max: usize,
    },
    /// It is nested more deeply than [`JSON_DEPTH`].
    #[error("a message is nested too deeply")]
    TooDeep,
    /// It is not a message of this version.
    #[error("a message cannot be read: {0}")]
    Unreadable(serde_json::Error),
}

/// Reads one message of at most `max` bytes.
pub fn decode<T: DeserializeOwned>(text: &str, max: usize) -> Result<T, FrameError> {
    if text.len() > max {
        return Err(FrameError::TooLong { is: text.len(), max });
    }
    if depth(text) > JSON_DEPTH {
        return Err(FrameError::TooDeep);
    }
    serde_json::from_str(text).map_err(FrameError::Unreadable)
}

/// Writes one message. What cannot be written becomes an empty text, which no one accepts.
pub fn encode<T: Serialize>(message: &T) -> String {
    serde_json::to_string(message).unwrap_or_default()
}

fn depth(text: &str) -> usize {
    let (mut open, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                open += 1;
                deepest = deepest.max(open);
            }
            b'}' | b']' if !quoted => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_of_strings() {
        assert_eq!(depth(r#"{"a":["[[[[",{"b":"\"{"}]}"#), 3);
    }

    #[test]
    fn what_is_too_long_or_too_deep_is_refused_before_it_is_read() {
        let long = format!("\"{}\"", "x".repeat(100));
        assert!(matches!(decode::<String>(&long, 100), Err(FrameError::TooLong { is: 102, .. })));
        let deep = format!("{}{}", "[".repeat(17), "]".repeat(17));
        let read = decode::<serde_json::Value>(&deep, 1_000);
        assert!(matches!(read, Err(FrameError::TooDeep)));
    }
}
