//! Files in a zip.

use std::io::{self, Seek, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::sink::Sink;

/// A zip as it is written.
pub(super) struct ZipSink<W: Write + Seek>(ZipWriter<W>);

impl<W: Write + Seek> ZipSink<W> {
    /// The zip goes into `file`, from where that stands.
    pub fn new(file: W) -> Self {
        Self(ZipWriter::new(file))
    }

    /// Ends the last file and writes the directory.
    pub fn finish(self) -> io::Result<W> {
        Ok(self.0.finish()?)
    }
}

impl<W: Write + Seek> Sink for ZipSink<W> {
    fn begin(&mut self, path: &str) -> io::Result<()> {
        // Hashes do not become smaller; only the events can be larger than 4 GiB.
        let tile = path.starts_with("tiles/");
        let method = if tile { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .unix_permissions(0o600)
            .large_file(path == super::package::EVENTS);
        Ok(self.0.start_file(path, options)?)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }
}
