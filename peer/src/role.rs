//! Who speaks.

/// One of the two ends of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The operator's program, which begins the handshake.
    Control,
    /// The end user's program, which answers.
    Agent,
}

impl Role {
    /// The end at the other side.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Control => Self::Agent,
            Self::Agent => Self::Control,
        }
    }

    /// The byte that stands for this end in what is signed and sealed; a direction is named
    /// after the end that sends.
    pub(crate) fn byte(self) -> u8 {
        match self {
            Self::Control => b'C',
            Self::Agent => b'A',
        }
    }
}
