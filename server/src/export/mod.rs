//! A copy of the log, or of one session, that anybody can verify without this server.
//!
//! ```text
//! Wish ─► Basis (Exported recorded, the checkpoint that ends with it) ─► Package ─► FolderSink | ZipSink
//!                                                                     │
//!                                                        hashes, manifest.json last
//! ```
//!
//! The format is docs/log-format.md. Everything is read and written once, a page at a time.

mod basis;
mod error;
mod folder_sink;
mod names;
mod one_session;
mod package;
mod scratch;
mod sink;
mod streams;
mod target;
#[cfg(test)]
mod tests;
mod whole_log;
mod zip_sink;

use std::fs::File;
use std::io::{BufWriter, Seek};
use std::path::PathBuf;

use beckon_events::SessionId;
use beckon_events::account::Names;
use beckon_events::envelope::Actor;

use crate::hub::Hub;
pub use basis::Basis;
pub use error::ExportError;
pub use target::{Target, is_export};

/// How many events are read at once.
const PAGE: usize = 200;

/// What somebody wants to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// One session, or the whole log.
    pub session: Option<SessionId>,
    /// Whose personal values can be read in it.
    pub names: Names,
}

/// What an export holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    /// How many events.
    pub events: u64,
    /// The size of the tree that they are proven in.
    pub size: u64,
    /// How many subjects' values can be read.
    pub opened: u64,
}

/// Records an export by the command line and writes it to `path`, which nothing has yet.
pub async fn write_to(hub: &Hub, path: PathBuf, wish: Wish) -> Result<Contents, ExportError> {
    let target = Target::new(path)?;
    target.must_stand_apart(hub.folder.path())?;
    if let Names::Some(subjects) = &wish.names {
        for subject in subjects.clone() {
            let known = hub.in_vault(move |vault| vault.subject_key(subject)).await?;
            known.ok_or(ExportError::NoSubject(subject))?;
        }
    }
    let basis = Basis::record(hub, Actor::SYSTEM, wish).await?;
    let written = tokio::task::spawn_blocking(move || target.write(&basis)).await;
    written.map_err(|_| ExportError::CutOff)?
}

/// Writes an export into a zip without a name, which is gone when it is closed. Waits for the disk.
pub fn write_nameless(basis: &Basis) -> Result<File, ExportError> {
    let file = basis.scratch().map_err(ExportError::Write)?;
    let mut sink = zip_sink::ZipSink::new(BufWriter::new(file));
    basis.write(&mut sink)?;
    let written = sink.finish().and_then(|file| file.into_inner().map_err(std::io::Error::from));
    let mut file = written.map_err(ExportError::Write)?;
    file.rewind().map_err(ExportError::Write)?;
    Ok(file)
}
