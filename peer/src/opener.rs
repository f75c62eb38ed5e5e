//! The receiving half of a channel.

use std::fmt;

use beckon_events::SessionId;

use crate::record::{self, BODY, HEADER, Header, LONGEST, Place, TAG};
use crate::schedule::{EpochSecret, StreamKey};
use crate::stream::PerStream;
use crate::{HandshakeError, Role, Stream};

/// Opens records and puts messages together. The first failure is final: the keys are dropped
/// and everything after it is refused.
pub struct Opener {
    session: SessionId,
    sender: Role,
    lanes: Option<PerStream<Lane>>,
}

/// Why a record was refused. Each of them ends the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It is too short or too long, or its header is not one of this version.
    #[error("the other side sent a record that this version does not know; the session ends")]
    Malformed,
    /// It is not the next one of its stream: repeated, lost or out of order.
    #[error("record {got} came where {expected} was due; the session ends")]
    OutOfOrder {
        /// The number that was due.
        expected: u64,
        /// The number that came.
        got: u64,
    },
    /// It was not sealed by the other side for this session, or was changed on its way.
    #[error("the connection was tampered with; the session ends")]
    Forged,
    /// The message is longer than its stream allows.
    #[error("the other side sent a message that is too long; the session ends")]
    TooLong,
    /// An earlier record was refused.
    #[error("the connection was closed after a record that could not be trusted")]
    Closed,
}

struct Lane {
    key: StreamKey,
    /// The counter of the next record.
    next: u64,
    /// INVARIANT: never longer than the stream's longest message.
    begun: Vec<u8>,
}

impl Opener {
    pub(crate) fn new(
        session: SessionId,
        sender: Role,
        secret: &EpochSecret,
    ) -> Result<Self, HandshakeError> {
        let lanes = PerStream::try_new(|stream| {
            secret.stream(stream).map(|key| Lane { key, next: 0, begun: Vec::new() })
        });
        Ok(Self { session, sender, lanes: Some(lanes.map_err(|_| HandshakeError::Crypto)?) })
    }

    /// Opens one record; a message, once its last record is there.
    pub fn open(&mut self, record: &[u8]) -> Result<Option<(Stream, Vec<u8>)>, OpenError> {
        let lanes = self.lanes.as_mut().ok_or(OpenError::Closed)?;
        let opened = open(self.session, self.sender, lanes, record);
        if opened.is_err() {
            self.lanes = None;
        }
        opened
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opener").field("sender", &self.sender).finish_non_exhaustive()
    }
}

fn open(
    session: SessionId,
    sender: Role,
    lanes: &mut PerStream<Lane>,
    record: &[u8],
) -> Result<Option<(Stream, Vec<u8>)>, OpenError> {
    if record.len() < HEADER + TAG || record.len() > LONGEST {
        return Err(OpenError::Malformed);
    }
    let (head, sealed) = record.split_at_checked(HEADER).ok_or(OpenError::Malformed)?;
    let header = Header::read(head).map_err(|_| OpenError::Malformed)?;
    // One message has one way to be cut: every record but the last is full.
    if header.place == Place::More && sealed.len() != BODY + TAG {
        return Err(OpenError::Malformed);
    }
    let lane = lanes.get_mut(header.stream);
    if header.counter != lane.next {
        return Err(OpenError::OutOfOrder { expected: lane.next, got: header.counter });
    }
    if lane.begun.len() + sealed.len() - TAG > header.stream.longest() {
        return Err(OpenError::TooLong);
    }
    let mut sealed = sealed.to_vec();
    let associated = record::associated(session, sender, head);
    let body =
        lane.key.open(header.counter, associated, &mut sealed).map_err(|_| OpenError::Forged)?;
    lane.next += 1;
    if lane.begun.is_empty() && header.place == Place::Last {
        let length = body.len();
        sealed.truncate(length);
        return Ok(Some((header.stream, sealed)));
    }
    lane.begun.extend_from_slice(body);
    Ok(match header.place {
        Place::More => None,
        Place::Last => Some((header.stream, std::mem::take(&mut lane.begun))),
    })
}
