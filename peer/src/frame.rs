//! What the relay carries.

/// The first byte of a handshake message.
pub(crate) const HANDSHAKE: u8 = 0;
/// The first byte of a sealed record: the version of the record format.
pub(crate) const RECORD: u8 = 1;

/// One relay message, told apart by its first byte; each variant holds the whole message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// One of the three messages of the handshake.
    Handshake(&'a [u8]),
    /// A sealed record, for [`Opener::open`](crate::Opener::open).
    Record(&'a [u8]),
}

/// The message is neither a handshake nor a record of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the other side sent something that this version does not know; update both programs")]
pub struct UnknownFrame;

impl<'a> Frame<'a> {
    /// Tells what a relay message is.
    pub fn of(message: &'a [u8]) -> Result<Self, UnknownFrame> {
        match message.first() {
            Some(&HANDSHAKE) => Ok(Self::Handshake(message)),
            Some(&RECORD) => Ok(Self::Record(message)),
            _ => Err(UnknownFrame),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_tells_what_a_message_is() {
        assert_eq!(Frame::of(&[0, 1]), Ok(Frame::Handshake(&[0, 1])));
        assert_eq!(Frame::of(&[1, 1]), Ok(Frame::Record(&[1, 1])));
        assert_eq!(Frame::of(&[2, 1]), Err(UnknownFrame));
        assert_eq!(Frame::of(&[]), Err(UnknownFrame));
    }
}
