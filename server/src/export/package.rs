//! The files of an export, hashed while they are written, and the list of them.

use std::io;

use beckon_events::{Digest, LogId, SessionId, Timestamp};
use ring::digest::{Context, SHA256};
use serde::Serialize;

use super::sink::Sink;
use crate::text;

/// The file with the list of all others.
pub(super) const MANIFEST: &str = "manifest.json";
/// What the manifest calls itself.
pub(super) const FORMAT: &str = "beckon-export";
/// The file with the events.
pub(super) const EVENTS: &str = "events.ndjson";
/// The folder with the checkpoints.
pub(super) const CHECKPOINTS: &str = "checkpoints/";
/// Other files are not larger.
const FILE_MAX: u64 = 64 << 20;

/// An export as it is written.
pub(super) struct Package<'a> {
    sink: &'a mut dyn Sink,
    files: Vec<FileEntry>,
    open: Option<Open>,
}

/// The file that is being written.
struct Open {
    path: String,
    bytes: u64,
    hash: Context,
}

/// One file in the list.
#[derive(Serialize)]
struct FileEntry {
    path: String,
    bytes: u64,
    sha256: Digest,
}

/// What the manifest says besides the list.
#[derive(Serialize)]
pub(super) struct About {
    pub format: &'static str,
    pub v: u8,
    pub kind: &'static str,
    pub session: Option<SessionId>,
    pub log: LogId,
    pub origin: String,
    pub size: u64,
    pub events: u64,
    pub created: Timestamp,
    pub build: &'static str,
    pub names: &'static str,
}

#[derive(Serialize)]
struct Manifest {
    #[serde(flatten)]
    about: About,
    files: Vec<FileEntry>,
}

impl<'a> Package<'a> {
    /// An export without files.
    pub fn new(sink: &'a mut dyn Sink) -> Self {
        Self { sink, files: Vec::new(), open: None }
    }

    /// Ends the file before, and begins the next one.
    pub fn begin(&mut self, path: impl Into<String>) -> io::Result<()> {
        self.end();
        let path = path.into();
        self.sink.begin(&path)?;
        self.open = Some(Open { path, bytes: 0, hash: Context::new(&SHA256) });
        Ok(())
    }

    /// Goes on with the file.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let open = self.open.as_mut().ok_or(io::ErrorKind::NotFound)?;
        open.bytes += bytes.len() as u64;
        let long = open.path == EVENTS || open.path.starts_with(CHECKPOINTS);
        if !long && open.bytes > FILE_MAX {
            return Err(io::Error::other(text::export_file_too_large(&open.path)));
        }
        open.hash.update(bytes);
        self.sink.write(bytes)
    }

    /// A whole file of JSON.
    pub fn json(&mut self, path: impl Into<String>, value: &impl Serialize) -> io::Result<()> {
        self.begin(path)?;
        self.write(&serde_json::to_vec(value)?)
    }

    /// Writes the list of all files, the last one.
    pub fn close(mut self, about: About) -> io::Result<()> {
        self.end();
        let mut files = std::mem::take(&mut self.files);
        files.sort_by(|one, other| one.path.as_bytes().cmp(other.path.as_bytes()));
        self.json(MANIFEST, &Manifest { about, files })
    }

    fn end(&mut self) {
        if let Some(Open { path, bytes, hash }) = self.open.take() {
            let mut sha256 = [0; 32];
            sha256.copy_from_slice(hash.finish().as_ref());
            self.files.push(FileEntry { path, bytes, sha256: Digest(sha256) });
        }
    }
}
