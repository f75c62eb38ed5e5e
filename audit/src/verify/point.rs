//! A checkpoint as a file of checkpoints has it.

use std::io::{BufRead, BufReader, Read};

use beckon_protocol::evidence::{Note, SignedCheckpoint};

use crate::export::{Container, LINE, strict};
use crate::text::form as text;
use crate::verdict::{Check, Place, Stop};

/// Reads the checkpoints of one era, one after the other.
pub struct Points {
    /// The file.
    pub path: String,
    reader: BufReader<Box<dyn Read + Send>>,
    /// How many were read.
    pub count: u64,
}

/// The file of the checkpoints of `era`.
pub fn path(era: u32) -> String {
    format!("checkpoints/{era}.ndjson")
}

/// The era whose checkpoints stand in this file.
pub fn era_of(path: &str) -> Option<u32> {
    let number = path.strip_prefix("checkpoints/")?.strip_suffix(".ndjson")?;
    let era: u32 = number.parse().ok()?;
    (era.to_string() == number).then_some(era)
}

impl Points {
    /// Opens the checkpoints of `era`.
    pub fn open(container: &Container, era: u32) -> Result<Self, Stop> {
        let path = path(era);
        let reader = container.read(&path).map_err(|error| Container::failed(&path, error))?;
        Ok(Self { path, reader: BufReader::new(reader), count: 0 })
    }

    /// The next one; none at the end.
    pub fn next(&mut self) -> Result<Option<SignedCheckpoint>, Stop> {
        let mut line = Vec::new();
        let limit = u64::try_from(LINE + 1).unwrap_or(u64::MAX);
        let read = (&mut self.reader).take(limit).read_until(b'\n', &mut line);
        read.map_err(|error| Container::failed(&self.path, error))?;
        if line.is_empty() {
            return Ok(None);
        }
        self.count += 1;
        let wrong = |what: &str| Stop::wrong(Check::V0, Place::file(&self.path), what);
        if line.len() > LINE || line.last() != Some(&b'\n') {
            return Err(wrong(text::LINE_LENGTH));
        }
        strict::check(&line, strict::Style::Free).map_err(wrong)?;
        let note: String = serde_json::from_slice(&line).map_err(|_| wrong(text::CHECKPOINT))?;
        point(&note).map(Some).ok_or_else(|| wrong(text::CHECKPOINT))
    }
}

/// Reads the five lines of a checkpoint: nothing else may stand in it.
pub fn point(note: &str) -> Option<SignedCheckpoint> {
    let read = SignedCheckpoint::parse(note).ok()?;
    let parsed: Note = note.parse().ok()?;
    let [signature] = parsed.signatures.as_slice() else { return None };
    let own = signature.name == read.checkpoint.origin.to_string();
    let whole = signature.signature.len() == 64 && parsed.text == read.checkpoint.text();
    (own && whole && parsed.to_string() == note).then_some(read)
}
