//! Where the files of an export go.

use std::io;

/// Takes files one after the other, each from its beginning to its end.
pub(super) trait Sink {
    /// Ends the file before, and begins the one at `path`, with `/` between names.
    fn begin(&mut self, path: &str) -> io::Result<()>;

    /// Goes on with the file.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
}
