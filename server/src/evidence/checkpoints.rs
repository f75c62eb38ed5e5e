//! The signed checkpoints of all eras: what was signed once is never contradicted.

use std::cmp::Ordering;
use std::io::{self, BufRead, Read};
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

    /// The file.
    pub(super) fn path(&self) -> &str {
        &self.path
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

/// The checkpoints of one era, in the order of their sizes, one at a time.
pub(super) struct Notes(Option<Box<dyn BufRead + Send>>);

impl Notes {
    /// Those of `era`; none where there is no such era.
    pub(super) fn of(files: &dyn Files, era: u32) -> io::Result<Self> {
        files.open(&file_of(era)).map(Self)
    }
}

impl Iterator for Notes {
    type Item = io::Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = Vec::new();
        let read = self.0.as_mut()?.take(TAIL).read_until(b'\n', &mut line);
        let note = match read {
            Ok(_) if line.ends_with(b"\n") => serde_json::from_slice(&line).map_err(Into::into),
            Ok(length) if length as u64 == TAIL => Err(io::ErrorKind::InvalidData.into()),
            // What comes behind the last line end is being written.
            Ok(_) => {
                self.0 = None;
                return None;
            }
            Err(error) => Err(error),
        };
        if note.is_err() {
            self.0 = None;
        }
        Some(note)
    }
}

/// The checkpoint of `era` with exactly this size, looked for from the newest on.
pub(super) fn of_size(
    files: &dyn Files,
    era: u32,
    size: u64,
) -> io::Result<Option<SignedCheckpoint>> {
    let mut most = TAIL;
    loop {
        let Some((length, bytes)) = files.tail(&file_of(era), most)? else { return Ok(None) };
        let whole = bytes.len() as u64 == length;
        let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        // The last line is being written, the first one may be cut off.
        lines.retain(|line| line.ends_with(b"\n"));
        let cut_off = usize::from(!whole).min(lines.len());
        for line in lines[cut_off..].iter().rev() {
            let note: String = serde_json::from_slice(line)?;
            let signed = SignedCheckpoint::parse(&note).map_err(io::Error::other)?;
            match signed.checkpoint.size.cmp(&size) {
                Ordering::Equal => return Ok(Some(signed)),
                Ordering::Less => return Ok(None),
                Ordering::Greater => {}
            }
        }
        if whole {
            return Ok(None);
        }
        most = most.saturating_mul(8);
    }
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
    let damaged = || StartError::Damaged { path: file_of(before) };
    let mut newest = None;
    for note in Notes::of(files, before)? {
        let note = note.map_err(|_| damaged())?;
        let signed = SignedCheckpoint::parse(&note).map_err(|_| damaged())?;
        if signed.checkpoint.size <= size {
            newest = Some(signed);
        }
    }
    Ok(newest)
}

fn file_of(era: u32) -> String {
    format!("{FOLDER}/{era}.ndjson")
}

/// The eras with checkpoints, in their order.
pub(super) fn eras(files: &dyn Files) -> io::Result<Vec<u32>> {
    let names = files.names(FOLDER)?;
    let eras = names.iter().filter_map(|name| name.strip_suffix(".ndjson")?.parse().ok());
    let mut eras: Vec<u32> = eras.collect();
    eras.sort_unstable();
    Ok(eras)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The same line for ever.
    struct Endless(usize);

    impl Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            for byte in &mut *into {
                *byte = b"\"note\"\n"[self.0 % 7];
                self.0 += 1;
            }
            Ok(into.len())
        }
    }

    #[test]
    fn checkpoints_are_read_one_at_a_time_up_to_the_last_line_end() {
        let notes = Notes(Some(Box::new(io::BufReader::new(Endless(0)))));
        assert!(notes.take(100_000).all(|note| note.unwrap() == "note"));
        let torn = Notes(Some(Box::new(&b"\"one\"\n\"two\"\n\"thr"[..])));
        assert_eq!(torn.collect::<Result<Vec<_>, _>>().unwrap(), ["one", "two"]);
        let long = Notes(Some(Box::new(io::BufReader::new(io::repeat(b'a')))));
        assert_eq!(long.map(|note| note.is_err()).collect::<Vec<_>>(), [true]);
    }
}
