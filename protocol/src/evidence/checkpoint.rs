//! What the log looked like at one moment: C2SP tlog-checkpoint.

use beckon_events::{Digest, PublicKey};
use data_encoding::BASE64;
use ring::signature::Ed25519KeyPair;

use super::{LogKey, Note, NoteError, Origin, sign};

/// The size and the root of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: Origin,
    /// How many events it had.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Digest,
}

/// A checkpoint as the log signed it. Nothing in it counts before [`SignedCheckpoint::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The signed note, verbatim.
    pub note: String,
}

/// Why a text is no checkpoint of this product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// It is no signed note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The first line names no log.
    #[error("the first line of the checkpoint is not the name of a Beckon log")]
    Origin,
    /// The second line is no number.
    #[error("the second line of the checkpoint is not the size of a log")]
    Size,
    /// The third line is no hash.
    #[error("the third line of the checkpoint is not a hash in base64")]
    Root,
    /// A line after the third is empty.
    #[error("the checkpoint contains an empty line")]
    Empty,
    /// No signature bears the name of the log.
    #[error("the checkpoint is not signed in the name of its log")]
    OtherName,
}

impl Checkpoint {
    /// The three lines that are signed.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(&self.root.0))
    }

    /// Signs it in the name of its log.
    pub fn sign(&self, pair: &Ed25519KeyPair) -> SignedCheckpoint {
        let note = sign(&self.text(), &self.origin.to_string(), pair);
        SignedCheckpoint { checkpoint: self.clone(), note }
    }

    /// Reads the text of a note; lines after the third are skipped.
    fn read(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
        let mut line = || lines.next().unwrap_or_default();
        let origin = line().parse().map_err(|_| CheckpointError::Origin)?;
        let digits = line();
        let size: u64 = digits.parse().map_err(|_| CheckpointError::Size)?;
        if size.to_string() != digits {
            return Err(CheckpointError::Size);
        }
        let root = BASE64.decode(line().as_bytes()).map_err(|_| CheckpointError::Root)?;
        let root = Digest(root.try_into().map_err(|_| CheckpointError::Root)?);
        if lines.any(str::is_empty) {
            return Err(CheckpointError::Empty);
        }
        Ok(Self { origin, size, root })
    }
}

impl SignedCheckpoint {
    /// Reads a note, without checking its signature.
    pub fn parse(note: &str) -> Result<Self, CheckpointError> {
        let (checkpoint, _) = read(note)?;
        Ok(Self { checkpoint, note: note.to_owned() })
    }

    /// Whether `key` signed the note, and the note says what [`Self::checkpoint`] says.
    pub fn verify(&self, key: &PublicKey) -> bool {
        read(&self.note).is_ok_and(|(checkpoint, note)| {
            let key = LogKey { name: checkpoint.origin.to_string(), key: *key };
            checkpoint == self.checkpoint && note.verify(&key)
        })
    }
}

fn read(text: &str) -> Result<(Checkpoint, Note), CheckpointError> {
    let note: Note = text.parse()?;
    let checkpoint = Checkpoint::read(&note.text)?;
    let name = checkpoint.origin.to_string();
    if !note.signatures.iter().any(|signature| signature.name == name) {
        return Err(CheckpointError::OtherName);
    }
    Ok((checkpoint, note))
}
