//! The header of a record.
//!
//! ```text
//! ver u8 | stream u8 | flags u8 | 0 | epoch u32 | ctr u64 ║ body ║ tag(16)
//! aad = session(16) || direction(1) || header(16)
//! ```

use beckon_events::SessionId;

use crate::frame::RECORD;
use crate::reader::{Reader, Truncated};
use crate::schedule::EPOCH;
use crate::{Role, Stream};

/// Bytes of a header.
pub(crate) const HEADER: usize = 16;
/// Bytes of a tag.
pub(crate) const TAG: usize = 16;
/// Bytes that a record authenticates beside its body.
pub(crate) const ASSOCIATED: usize = 33;
/// The longest record in all, in bytes.
pub(crate) const LONGEST: usize = 64 * 1024;
/// The longest body, in bytes.
pub(crate) const BODY: usize = LONGEST - HEADER - TAG;
/// Records that one key may seal.
pub(crate) const LIFETIME: u64 = 1 << 24;

const MORE: u8 = 1;

/// What stands in clear before a sealed body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) stream: Stream,
    pub(crate) place: Place,
    pub(crate) counter: u64,
}

/// Where in its message a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The message goes on in the next record of the stream.
    More,
    /// The message ends here.
    Last,
}

/// The header is not one of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadHeader;

impl From<Truncated> for BadHeader {
    fn from(Truncated: Truncated) -> Self {
        Self
    }
}

impl Header {
    pub(crate) fn write(self, record: &mut Vec<u8>) {
        let flags = match self.place {
            Place::More => MORE,
            Place::Last => 0,
        };
        record.extend([RECORD, self.stream.byte(), flags, 0]);
        record.extend(EPOCH.to_be_bytes());
        record.extend(self.counter.to_be_bytes());
    }

    pub(crate) fn read(header: &[u8]) -> Result<Self, BadHeader> {
        let mut reader = Reader::new(header);
        let version = reader.u8()?;
        let stream = Stream::from_byte(reader.u8()?).ok_or(BadHeader)?;
        let place = match reader.u8()? {
            0 => Place::Last,
            MORE => Place::More,
            _ => return Err(BadHeader),
        };
        let zero = reader.u8()?;
        let epoch = reader.u32()?;
        let counter = reader.u64()?;
        if version != RECORD || zero != 0 || epoch != EPOCH || counter >= LIFETIME {
            return Err(BadHeader);
        }
        Ok(Self { stream, place, counter })
    }
}

/// What a record authenticates beside its body.
pub(crate) fn associated(session: SessionId, sender: Role, header: &[u8]) -> [u8; ASSOCIATED] {
    let mut all = [0; ASSOCIATED];
    let direction = [sender.byte()];
    let parts = session.0.as_bytes().iter().chain(&direction).chain(header);
    for (to, from) in all.iter_mut().zip(parts) {
        *to = *from;
    }
    all
}
