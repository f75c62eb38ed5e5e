//! The peer of the log: a preallocated file that is only appended to, with fdatasync.
//!
//! It stands behind the same writer's thread as the real store, so what waits becomes one batch in
//! the same way. A batch is one `pwrite` of the same bytes (a length, the id, metadata, data) into
//! blocks that were written before, and one `fdatasync`; every answer comes after it. It knows no
//! streams, checks no version, and cannot be read.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use beckon_events::Digest;
use beckon_server::store::{
    Append, AppendError, Appended, Committed, EventReader, EventStore, Position, ReadError, Readers,
};

/// How much is written beforehand. At its end it begins again from the front.
const SIZE: usize = 512 << 20;

/// The file.
pub struct BareFile {
    file: File,
    at: usize,
    count: u64,
    buffer: Vec<u8>,
}

impl BareFile {
    /// Writes the whole file once, so that no append changes more than bytes.
    pub fn make(path: &Path) -> Self {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path);
        let file = file.expect("a file");
        let zeros = vec![0; 1 << 20];
        for at in (0..SIZE).step_by(zeros.len()) {
            file.write_all_at(&zeros, at as u64).expect("space");
        }
        file.sync_all().expect("a disk");
        Self { file, at: 0, count: 0, buffer: Vec::new() }
    }
}

impl EventStore for BareFile {
    fn append(&mut self, batch: &[Append]) -> Committed {
        self.buffer.clear();
        let mut answers = Vec::with_capacity(batch.len());
        for append in batch {
            for event in &append.events {
                let length = u32::try_from(event.metadata.len() + event.data.len());
                self.buffer.extend_from_slice(&length.expect("a small event").to_be_bytes());
                self.buffer.extend_from_slice(event.id.0.as_bytes());
                self.buffer.extend_from_slice(&event.metadata);
                self.buffer.extend_from_slice(&event.data);
                self.count += 1;
            }
            answers.push(Ok(Appended {
                version: append.expected.next() + append.events.len() as u64 - 1,
                position: Position::from_bits(self.count),
                leaf: Digest::ZERO,
            }));
        }
        if self.at + self.buffer.len() > SIZE {
            self.at = 0;
        }
        self.file.write_all_at(&self.buffer, self.at as u64).expect("a disk");
        self.file.sync_data().expect("a disk");
        self.at += self.buffer.len();
        Committed { answers, events: Vec::new() }
    }

    fn readers(&self) -> Arc<dyn Readers> {
        Arc::new(Nobody)
    }

    fn idle(&mut self) -> Result<(), AppendError> {
        Ok(())
    }
}

struct Nobody;

impl Readers for Nobody {
    fn reader(&self) -> Result<Box<dyn EventReader>, ReadError> {
        Err(ReadError::Unavailable("a bare file is only written".to_owned()))
    }
}
