//! Where what comes is put.

use std::borrow::Cow;

use super::lines;
use super::picture::Pixels;

/// Holds what was put into it, for whoever pastes. Why something fails is for the user.
pub trait Board: Send {
    /// Puts a text into it.
    fn put_text(&mut self, text: String) -> Result<(), String>;

    /// Puts a picture into it, which may take seconds.
    fn put_picture(&mut self, pixels: Pixels) -> Result<(), String>;

    /// Takes back what is in it.
    fn clear(&mut self) -> Result<(), String>;
}

/// The one of this computer.
pub fn of_this_system() -> Result<Box<dyn Board>, String> {
    told(arboard::Clipboard::new()).map(|board| Box::new(board) as Box<dyn Board>)
}

impl Board for arboard::Clipboard {
    fn put_text(&mut self, text: String) -> Result<(), String> {
        told(self.set_text(lines::of_this_system(text)))
    }

    fn put_picture(&mut self, pixels: Pixels) -> Result<(), String> {
        told(self.set_image(arboard::ImageData {
            width: usize::try_from(pixels.width).unwrap_or(0),
            height: usize::try_from(pixels.height).unwrap_or(0),
            bytes: Cow::Owned(pixels.rgba),
        }))
    }

    fn clear(&mut self) -> Result<(), String> {
        told(arboard::Clipboard::clear(self))
    }
}

fn told<T>(done: Result<T, arboard::Error>) -> Result<T, String> {
    done.map_err(|error| error.to_string())
}
