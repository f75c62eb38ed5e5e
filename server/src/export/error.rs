//! Why there is no export.

use std::io;
use std::path::PathBuf;

use beckon_events::envelope::EnvelopeError;
use beckon_events::{KeysError, SessionId, Subject};

use crate::dispatch::DispatchError;
use crate::evidence::EvidenceError;
use crate::store::ReadError;
use crate::text;

/// Why there is no export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Something has this name already.
    #[error("{}", text::target_exists(.0))]
    Exists(PathBuf),
    /// The path ends without a name.
    #[error("{}", text::EXPORT_NEEDS_NAME)]
    Nameless,
    /// The folder that it should stand in is not there.
    #[error("{}", text::target_without_folder(.0))]
    NoFolder(PathBuf),
    /// It would stand among the server's data, or in an export or backup.
    #[error("{}", text::target_inside(.0, .1))]
    Inside(PathBuf, PathBuf),
    /// Nobody whose name was asked for.
    #[error("{}", text::names_unknown(*.0))]
    NoSubject(Subject),
    /// There is no such session.
    #[error("{}", text::no_session(*.0))]
    NoSession(SessionId),
    /// It cannot be recorded.
    #[error(transparent)]
    Dispatch(#[from] DispatchError),
    /// It cannot be proven.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// The log cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An event cannot be read.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The keys of personal values cannot be read.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The log is not the one that the checkpoint was signed over.
    #[error("{}", text::EXPORT_DIFFERS)]
    Differs,
    /// The disk refused.
    #[error("{}", text::not_written(.0))]
    Write(io::Error),
    /// The thread that wrote it ended.
    #[error("{}", text::EXPORT_CUT_OFF)]
    CutOff,
}
