//! What can be wrong with the evidence.

use std::io;

use beckon_events::LogId;
use beckon_events::envelope::EnvelopeError;

use crate::store::ReadError;

/// Why a server does not start: it would contradict what it has signed.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Files cannot be read or written.
    #[error(
        "tiles or checkpoints in the data folder cannot be read or written ({0}): check the disk and who owns them"
    )]
    Files(#[from] io::Error),
    /// The log cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// What the log says about its server cannot be read.
    #[error(transparent)]
    Node(#[from] EnvelopeError),
    /// The log ends before the last signed checkpoint.
    #[error(
        "the log has {has} events, but a checkpoint over {signed} was signed: this is an older \
         log.db. Put the newest one back; if it is lost, use `beckon-server restore`, which begins \
         a new era and shows the break"
    )]
    Shorter {
        /// How many events the log has.
        has: u64,
        /// The size of the last checkpoint.
        signed: u64,
    },
    /// The log is not the one that was signed.
    #[error(
        "the first {signed} events of the log are not those that the last checkpoint was signed \
         over: the log was changed. Put the right log.db back; if it is lost, use \
         `beckon-server restore` with a backup, which begins a new era and shows the break"
    )]
    Changed {
        /// The size of the last checkpoint.
        signed: u64,
    },
    /// The checkpoints are those of another log.
    #[error(
        "the checkpoints in the data folder belong to the log {signed}, but this is the log {log}: \
         look for the right log.db, or for the data folder that belongs to this one"
    )]
    OtherLog {
        /// The log.
        log: LogId,
        /// The log of the checkpoints.
        signed: LogId,
    },
    /// The log was restored, and this is a copy from before.
    #[error(
        "the log is in era {era}, but checkpoints of era {later} were signed: this log.db is from \
         before a restore. Put the newest one back; if it is lost, use `beckon-server restore`"
    )]
    LaterEra {
        /// The era of the log.
        era: u32,
        /// The newest era with checkpoints.
        later: u32,
    },
    /// The key is another one.
    #[error(
        "the last line of {path} in the data folder is not signed by keys/log.key: put the right \
         key back from a backup"
    )]
    OtherKey {
        /// The file.
        path: String,
    },
    /// The checkpoints are gone.
    #[error(
        "checkpoints of this log were signed, but {path} in the data folder is missing or empty: \
         put it back from a backup, or make it from the checkpoints that were published (each as \
         one JSON string a line, in the order of their sizes); if they are lost, use \
         `beckon-server restore`, which begins a new era and shows the break"
    )]
    Gone {
        /// The file.
        path: String,
    },
    /// A line cannot be read.
    #[error(
        "{path} in the data folder is damaged: put it back from a backup, or from the folder or \
         command that receives every checkpoint"
    )]
    Damaged {
        /// The file.
        path: String,
    },
}

/// Why there is no proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// The sequencer has ended, or is far behind.
    #[error("the log cannot be signed at the moment ({0}), try again")]
    Unavailable(String),
    /// The event is not in the tree.
    #[error("this event is not in the tree")]
    Missing,
    /// The tiles do not lead to the signed root; they are made again from the log.
    #[error("a tile of the tree is damaged and is being made again, try again")]
    Damaged,
}

impl From<ReadError> for EvidenceError {
    fn from(error: ReadError) -> Self {
        Self::Unavailable(error.to_string())
    }
}
