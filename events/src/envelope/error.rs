//! Why bytes are no event.

use super::VERSION;
use crate::{KeysError, Subject};

/// Why bytes are no event of this build.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// The event is too large to be stored.
    #[error("the event {0} is larger than 64 KiB")]
    TooLarge(&'static str),
    /// The bytes are not an envelope.
    #[error("the envelope cannot be read: {0}")]
    Metadata(serde_json::Error),
    /// Written by a development build, before the format was frozen.
    #[error(
        "the event was written by a development build (envelope version 0), before the format of \
         the log was frozen: start with an empty data folder, or keep the old program for this log"
    )]
    Unfrozen,
    /// Another version of the envelope.
    #[error(
        "the envelope has version {0}, this program reads version {VERSION}: use a newer program"
    )]
    Version(u64),
    /// An event that this program does not know.
    #[error("the event {kind} of the stream {stream} is unknown to this program")]
    Unknown {
        /// The event's name.
        kind: String,
        /// Its stream.
        stream: String,
    },
    /// The data is not what the name promises. The text leaves out what serde says, because that
    /// quotes values, which may be personal.
    #[error("the data of {kind} cannot be read: {:?} error", .error.classify())]
    Data {
        /// The event's name.
        kind: String,
        /// What is wrong with it.
        error: serde_json::Error,
    },
    /// Its fields have a shape that this program does not know.
    #[error(
        "the event {kind} has schema {schema}, which this program does not know: use a newer program"
    )]
    Schema {
        /// The event's name.
        kind: String,
        /// The version of its fields.
        schema: u16,
    },
    /// A field that should be sealed is not, or not for this place or key.
    #[error(
        "the sealed field {0} cannot be opened: it was changed, or its key belongs to another log"
    )]
    Sealed(String),
    /// There is no key to seal with.
    #[error("{0} was erased: nothing personal can be recorded about it any more")]
    NoKey(Subject),
    /// A personal value in a stream that belongs to nobody.
    #[error("the personal value {0} belongs to nobody")]
    NoSubject(String),
    /// Sealing failed.
    #[error("a value of {0} could not be sealed")]
    Seal(Subject),
    /// The keys could not be looked at.
    #[error(transparent)]
    Keys(#[from] KeysError),
}
