//! What this Control remembers of the log of a server, so that the server cannot change it.

use beckon_events::PublicKey;
use beckon_protocol::evidence::{SignedCheckpoint, verify_consistency};
use serde::{Deserialize, Serialize};

/// The log of one server, as it was seen last. INVARIANT: the checkpoint is signed by the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogMemory {
    /// The key that signs its checkpoints.
    pub log_key: PublicKey,
    /// The last checkpoint, verbatim; none where nothing was signed yet.
    pub checkpoint: Option<String>,
}

/// What a log is that was seen again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// As it was.
    Same,
    /// In its beginning; this is to be remembered.
    New(LogMemory),
    /// Restored from a backup; this is to be remembered.
    Restored {
        /// How often.
        era: u32,
        /// What is to be remembered.
        memory: LogMemory,
    },
    /// Larger than it was: that it only grew is to be proven.
    Larger {
        /// The size before.
        from: u64,
    },
}

/// What is wrong with a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The checkpoint cannot be read, or somebody else signed it.
    Signature,
    /// Another key than before signs it.
    OtherKey,
    /// It is another log than before.
    OtherLog,
    /// No checkpoint is shown any more.
    Missing,
    /// It went back to a state before a restore.
    OldEra {
        /// The era before.
        before: u32,
        /// The era now.
        now: u32,
    },
    /// It is smaller than before.
    Shrunk {
        /// The size before.
        before: u64,
        /// The size now.
        now: u64,
    },
    /// It has the same size and other entries.
    Forked {
        /// The size.
        size: u64,
    },
    /// Nothing shows that it begins with what it was.
    NotProved {
        /// The size before.
        before: u64,
    },
}

impl LogMemory {
    /// What is seen at the first time.
    pub fn first(log_key: PublicKey, shown: Option<&str>) -> Result<Self, Wrong> {
        let checkpoint = shown.map(|note| signed(note, &log_key)).transpose()?;
        Ok(Self { log_key, checkpoint: checkpoint.map(|signed| signed.note) })
    }

    /// Compares what is shown now with what was seen last.
    pub fn meet(&self, log_key: PublicKey, shown: Option<&str>) -> Result<Seen, Wrong> {
        let memory = Self::first(log_key, shown)?;
        if log_key != self.log_key {
            return Err(Wrong::OtherKey);
        }
        let (before, now) = match (self.last(), memory.last()) {
            (Some(before), Some(now)) => (before.checkpoint, now.checkpoint),
            (Some(_), None) => return Err(Wrong::Missing),
            (None, Some(_)) => return Ok(Seen::New(memory)),
            (None, None) => return Ok(Seen::Same),
        };
        if now.origin.log != before.origin.log {
            return Err(Wrong::OtherLog);
        }
        let (era, era_before) = (now.origin.era, before.origin.era);
        if era < era_before {
            return Err(Wrong::OldEra { before: era_before, now: era });
        }
        if era > era_before {
            return Ok(Seen::Restored { era, memory });
        }
        if now.size < before.size {
            return Err(Wrong::Shrunk { before: before.size, now: now.size });
        }
        if now.size > before.size {
            return Ok(Seen::Larger { from: before.size });
        }
        if now.root == before.root { Ok(Seen::Same) } else { Err(Wrong::Forked { size: now.size }) }
    }

    /// What is to be remembered once `proof` shows that the log grew from what was seen last to
    /// the checkpoint `shown`, which is not older than one of `at_least` entries.
    pub fn proven(
        &self,
        at_least: u64,
        shown: &str,
        proof: &[beckon_events::Digest],
    ) -> Result<Self, Wrong> {
        let new = signed(shown, &self.log_key)?;
        let Some(old) = self.last() else { return Err(Wrong::Missing) };
        let (before, now) = (&old.checkpoint, &new.checkpoint);
        let same = now.origin.log == before.origin.log && now.origin.era == before.origin.era;
        let grew = verify_consistency(before.size, &before.root, now.size, &now.root, proof);
        if same && grew && now.size >= at_least {
            Ok(Self { log_key: self.log_key, checkpoint: Some(new.note) })
        } else {
            Err(Wrong::NotProved { before: before.size })
        }
    }

    /// Whether the checkpoint is signed by the key: not so in a damaged file.
    pub fn is_sound(&self) -> bool {
        self.checkpoint.as_deref().is_none_or(|note| signed(note, &self.log_key).is_ok())
    }

    fn last(&self) -> Option<SignedCheckpoint> {
        SignedCheckpoint::parse(self.checkpoint.as_deref()?).ok()
    }
}

/// How many entries a checkpoint speaks of; 0 where it is none.
pub fn size_of(note: &str) -> u64 {
    SignedCheckpoint::parse(note).map_or(0, |signed| signed.checkpoint.size)
}

fn signed(note: &str, key: &PublicKey) -> Result<SignedCheckpoint, Wrong> {
    let signed = SignedCheckpoint::parse(note).map_err(|_| Wrong::Signature)?;
    if signed.verify(key) { Ok(signed) } else { Err(Wrong::Signature) }
}

#[cfg(test)]
#[path = "log_memory/tests.rs"]
pub(crate) mod tests;
