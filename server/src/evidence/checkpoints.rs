//! The signed checkpoints of all eras: what was signed once is never contradicted.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use beckon_events::{LogId, PublicKey};
use beckon_protocol::evidence::SignedCheckpoint;

use super::StartError;
use super::files::Files;

/// Longer than any line with what stands before it.
const TAIL: u64 = 64 * 1024;
const FOLDER: &str = "checkpoints";

/// The checkpoints of the era that the log is in.
pub(super) struct Checkpoints {
    files: Arc<dyn Files>,
    path: String,
    /// How long the file is, in bytes, up to the last line that counts.
    length: u64,
    last: Option<SignedCheckpoint>,
    /// A write that may have reached the disk in part, and was never confirmed.
    lost: Option<String>,
}

impl Checkpoints {
    /// Opens the file of `era`. A last line that a power cut tore apart is dropped: nobody has
    /// seen it.
    pub(super) fn open(
        files: &Arc<dyn Files>,
        (log, era): (LogId, u32),
        key: &PublicKey,
    ) -> Result<Self, StartError> {
        let path = file_of(era);
        if let Some(later) = eras(&**files)?.into_iter().find(|other| *other > era) {
            return Err(StartError::LaterEra { era, later });
        }
        let (length, last) = match files.tail(&path, TAIL)? {
            Some((length, bytes)) => last_line(&path, length, &bytes)?,
            None => (0, None),
        };
        if let Some(signed) = &last {
            let origin = &signed.checkpoint.origin;
            if origin.log != log {
                return Err(StartError::OtherLog { log, signed: origin.log });
            }
            if origin.era != era {
                return Err(StartError::Damaged { path });
            }
            if !signed.verify(key) {
                return Err(StartError::OtherKey { path });
            }
        }
        let opened = Self { files: Arc::clone(files), path, length, last, lost: None };
        if length > 0 {
            // What was written before a kill is not on the disk for certain before this.
            opened.files.write_from(&opened.path, length, &[])?;
            opened.files.sync(&[opened.path.clone()].into())?;
        }
        Ok(opened)
    }

    /// The last one.
    pub(super) fn last(&self) -> Option<&SignedCheckpoint> {
        self.last.as_ref()
    }

    /// Keeps one more, durably. Where that fails for want of space, a later one may succeed;
    /// after a failed sync none does before the next start.
    pub(super) fn append(&mut self, signed: &SignedCheckpoint) -> io::Result<()> {
        if let Some(lost) = &self.lost {
            return Err(io::Error::other(lost.clone()));
        }
        let mut line = serde_json::to_vec(&signed.note)?;
        line.push(b'\n');
        self.files.write_from(&self.path, self.length, &line)?;
        if let Err(error) = self.files.sync(&[self.path.clone()].into()) {
            let lost = format!("{} could not be made durable ({error})", self.path);
            self.lost = Some(lost.clone());
            return Err(io::Error::other(lost));
        }
        self.length += line.len() as u64;
        self.last = Some(signed.clone());
        Ok(())
    }
}

/// Every checkpoint of every era, in the order of their sizes.
pub(super) fn notes(files: &dyn Files) -> io::Result<BTreeMap<u32, Vec<String>>> {
    let mut all = BTreeMap::new();
    for era in eras(files)? {
        let bytes = files.read(&file_of(era))?.unwrap_or_default();
        // What comes behind the last line end is being written.
        let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let lines = bytes[..end].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let notes: Result<Vec<String>, _> = lines.map(serde_json::from_slice).collect();
        all.insert(era, notes?);
    }
    Ok(all)
}

/// The last checkpoint of the era before `era` with a size of at most `size`, signed by whatever
/// key.
pub(super) fn newest_within(
    files: &dyn Files,
    era: u32,
    size: u64,
) -> Result<Option<SignedCheckpoint>, StartError> {
    let Some(before) = eras(files)?.into_iter().filter(|other| *other < era).max() else {
        return Ok(None);
    };
    let path = file_of(before);
    let notes = notes(files).map_err(|_| StartError::Damaged { path: path.clone() })?;
    for note in notes.get(&before).into_iter().flatten().rev() {
        let signed = SignedCheckpoint::parse(note)
            .map_err(|_| StartError::Damaged { path: path.clone() })?;
        if signed.checkpoint.size <= size {
            return Ok(Some(signed));
        }
    }
    Ok(None)
}

fn file_of(era: u32) -> String {
    format!("{FOLDER}/{era}.ndjson")
}

fn eras(files: &dyn Files) -> io::Result<Vec<u32>> {
    let names = files.names(FOLDER)?;
    let eras = names.iter().filter_map(|name| name.strip_suffix(".ndjson")?.parse().ok());
    Ok(eras.collect())
}

/// The last line that counts, and where it ends.
fn last_line(
    path: &str,
    length: u64,
    bytes: &[u8],
) -> Result<(u64, Option<SignedCheckpoint>), StartError> {
    let mut end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    let mut torn = end < bytes.len();
    while end > 0 {
        let begin = bytes[..end - 1].iter().rposition(|byte| *byte == b'\n').map_or(0, |b| b + 1);
        match serde_json::from_slice::<String>(&bytes[begin..end]) {
            Ok(note) => {
                let signed = SignedCheckpoint::parse(&note)
                    .map_err(|_| StartError::Damaged { path: path.to_owned() })?;
                let behind = (bytes.len() - end) as u64;
                return Ok((length - behind, Some(signed)));
            }
            // Only one line can be torn: the one that was being written.
            Err(_) if !torn => {
                torn = true;
                end = begin;
            }
            Err(_) => return Err(StartError::Damaged { path: path.to_owned() }),
        }
    }
    if length > bytes.len() as u64 {
        return Err(StartError::Damaged { path: path.to_owned() });
    }
    Ok((0, None))
}
