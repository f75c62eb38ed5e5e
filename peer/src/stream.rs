//! The streams of a channel.

/// One of the independent sequences of messages within a channel, each with its own key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Input, monitors, acknowledgements: what must never queue behind a picture.
    Control,
    /// Updates of the picture.
    Screen,
    /// Pieces of files.
    File,
    /// Pictures of the camera.
    Camera,
    /// What the two people write to each other.
    Chat,
    /// What was copied on one side, for the other.
    Clipboard,
}

impl Stream {
    /// Every stream, in the order of their numbers.
    pub const ALL: [Self; 6] =
        [Self::Control, Self::Screen, Self::File, Self::Camera, Self::Chat, Self::Clipboard];

    /// The longest message, in bytes.
    #[must_use]
    pub fn longest(self) -> usize {
        match self {
            Self::Control => 64 * 1024,
            Self::File => 1024 * 1024,
            Self::Screen | Self::Camera => 16 * 1024 * 1024,
            Self::Chat => 4 * 1024,
            Self::Clipboard => 8 * 1024 * 1024 + 1,
        }
    }

    pub(crate) fn byte(self) -> u8 {
        match self {
            Self::Control => 0,
            Self::Screen => 1,
            Self::File => 2,
            Self::Camera => 3,
            Self::Chat => 4,
            Self::Clipboard => 5,
        }
    }

    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|stream| stream.byte() == byte)
    }
}

/// One `T` for each stream.
pub(crate) struct PerStream<T> {
    control: T,
    screen: T,
    file: T,
    camera: T,
    chat: T,
    clipboard: T,
}

impl<T> PerStream<T> {
    pub(crate) fn try_new<E>(mut make: impl FnMut(Stream) -> Result<T, E>) -> Result<Self, E> {
        Ok(Self {
            control: make(Stream::Control)?,
            screen: make(Stream::Screen)?,
            file: make(Stream::File)?,
            camera: make(Stream::Camera)?,
            chat: make(Stream::Chat)?,
            clipboard: make(Stream::Clipboard)?,
        })
    }

    pub(crate) fn get_mut(&mut self, stream: Stream) -> &mut T {
        match stream {
            Stream::Control => &mut self.control,
            Stream::Screen => &mut self.screen,
            Stream::File => &mut self.file,
            Stream::Camera => &mut self.camera,
            Stream::Chat => &mut self.chat,
            Stream::Clipboard => &mut self.clipboard,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_the_streams_are_frozen() {
        assert_eq!(Stream::ALL.map(Stream::byte), [0, 1, 2, 3, 4, 5]);
        for stream in Stream::ALL {
            assert_eq!(Stream::from_byte(stream.byte()), Some(stream));
        }
        assert_eq!(Stream::from_byte(6), None);
    }
}
