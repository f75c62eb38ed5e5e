//! The sending half of a channel.

use std::fmt;

use beckon_events::SessionId;

use crate::record::{self, BODY, HEADER, Header, LIFETIME, Place, TAG};
use crate::schedule::{EpochSecret, StreamKey};
use crate::stream::PerStream;
use crate::{HandshakeError, Role, Stream};

/// Seals messages into records. Its streams count independently, so only the records of one
/// stream must be sent in the order in which they were made.
pub struct Sealer {
    session: SessionId,
    sender: Role,
    lanes: PerStream<Lane>,
}

/// Why a message was not sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The message is longer than its stream allows.
    #[error("a message of {length} bytes is longer than its stream allows; send it in parts")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// The key has sealed as many records as it may.
    #[error("this connection has been used up; connect again")]
    UsedUp,
    /// The cryptographic library refused.
    #[error("sealing failed; connect again")]
    Crypto,
}

struct Lane {
    key: StreamKey,
    /// INVARIANT: no record with this counter or a higher one has been sealed.
    next: u64,
}

impl Sealer {
    pub(crate) fn new(
        session: SessionId,
        sender: Role,
        secret: &EpochSecret,
    ) -> Result<Self, HandshakeError> {
        let lanes =
            PerStream::try_new(|stream| secret.stream(stream).map(|key| Lane { key, next: 0 }));
        Ok(Self { session, sender, lanes: lanes.map_err(|_| HandshakeError::Crypto)? })
    }

    /// Seals one message into records of at most 64 KiB, each of them one relay message.
    pub fn seal(&mut self, stream: Stream, message: &[u8]) -> Result<Vec<Vec<u8>>, SealError> {
        if message.len() > stream.longest() {
            return Err(SealError::TooLong { length: message.len() });
        }
        self.seal_whatever_its_length(stream, message)
    }

    /// Only [`Sealer::seal`] calls it, and a test that plays a hostile sender.
    pub(crate) fn seal_whatever_its_length(
        &mut self,
        stream: Stream,
        message: &[u8],
    ) -> Result<Vec<Vec<u8>>, SealError> {
        let lane = self.lanes.get_mut(stream);
        let mut records = Vec::with_capacity(message.len() / BODY + 1);
        let mut pieces = message.chunks(BODY).peekable();
        loop {
            let piece = pieces.next().unwrap_or_default();
            let place = if pieces.peek().is_some() { Place::More } else { Place::Last };
            if lane.next >= LIFETIME {
                return Err(SealError::UsedUp);
            }
            let header = Header { stream, place, counter: lane.next };
            lane.next += 1;
            records.push(sealed(self.session, self.sender, &lane.key, header, piece)?);
            if place == Place::Last {
                return Ok(records);
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn skip_to(&mut self, stream: Stream, counter: u64) {
        self.lanes.get_mut(stream).next = counter;
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").field("sender", &self.sender).finish_non_exhaustive()
    }
}

fn sealed(
    session: SessionId,
    sender: Role,
    key: &StreamKey,
    header: Header,
    piece: &[u8],
) -> Result<Vec<u8>, SealError> {
    let mut record = Vec::with_capacity(HEADER + piece.len() + TAG);
    header.write(&mut record);
    record.extend_from_slice(piece);
    let (head, body) = record.split_at_mut_checked(HEADER).ok_or(SealError::Crypto)?;
    let associated = record::associated(session, sender, head);
    let tag = key.seal(header.counter, associated, body).map_err(|_| SealError::Crypto)?;
    record.extend_from_slice(tag.as_ref());
    Ok(record)
}
