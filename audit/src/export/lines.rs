//! The lines of a large file, in batches, hashed as they pass.

use std::io::{self, BufRead, BufReader, Read};

use beckon_events::Digest;
use ring::digest::{Context, SHA256};

use super::LINE;

/// How many lines a batch has at most.
const LINES: usize = 256;
/// How many bytes of lines fill a batch.
const BYTES: usize = 512 * 1024;

/// Reads lines and hashes them on the way.
pub struct Lines {
    reader: BufReader<Box<dyn Read + Send>>,
    hash: Context,
    /// No more than this is read.
    longest: u64,
    bytes: u64,
    lines: u64,
    next: u64,
    rest: bool,
}

/// Some lines after each other.
#[derive(Debug)]
pub struct Batch {
    /// The number of its first line, from 0.
    pub first: u64,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// What a whole file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Its length; one more than was allowed where it is longer.
    pub bytes: u64,
    /// Its hash.
    pub sha256: Digest,
    /// Its line feeds.
    pub lines: u64,
    /// Whether bytes follow the last line feed.
    pub rest: bool,
}

impl Lines {
    /// Of a file that should have `longest` bytes.
    pub fn new(reader: Box<dyn Read + Send>, longest: u64) -> Self {
        let reader = BufReader::with_capacity(256 * 1024, reader);
        let hash = Context::new(&SHA256);
        Self { reader, hash, longest, bytes: 0, lines: 0, next: 0, rest: false }
    }

    /// The next lines; none at the end. A line that is too long is cut and is the last.
    pub fn batch(&mut self) -> io::Result<Option<Batch>> {
        let mut batch =
            Batch { first: self.next, bytes: Vec::with_capacity(BYTES), ends: Vec::new() };
        while batch.ends.len() < LINES && batch.bytes.len() < BYTES && self.bytes <= self.longest {
            let limit = u64::try_from(LINE + 1).unwrap_or(u64::MAX);
            let read = (&mut self.reader).take(limit).read_until(b'\n', &mut batch.bytes)?;
            if read == 0 {
                break;
            }
            let ended = batch.bytes.last() == Some(&b'\n');
            self.bytes += u64::try_from(read).unwrap_or(u64::MAX);
            self.lines += u64::from(ended);
            self.rest = !ended;
            batch.ends.push(batch.bytes.len());
        }
        self.hash.update(&batch.bytes);
        self.next += u64::try_from(batch.ends.len()).unwrap_or(0);
        Ok((!batch.ends.is_empty()).then_some(batch))
    }

    /// Hashes what is left.
    pub fn drain(mut self) -> io::Result<Passed> {
        loop {
            let bytes = self.reader.fill_buf()?;
            let (Some(last), true) = (bytes.last(), self.bytes <= self.longest) else { break };
            self.rest = *last != b'\n';
            self.lines += bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
            self.hash.update(bytes);
            let read = bytes.len();
            self.bytes += u64::try_from(read).unwrap_or(u64::MAX);
            self.reader.consume(read);
        }
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(self.hash.finish().as_ref());
        let (bytes, lines, rest) = (self.bytes, self.lines, self.rest);
        Ok(Passed { bytes, sha256: Digest(sha256), lines, rest })
    }
}

impl Batch {
    /// The lines with their numbers.
    pub fn lines(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        let lines = begins.zip(&self.ends).map(|(begin, end)| self.bytes.get(begin..*end));
        (self.first..).zip(lines.map(Option::unwrap_or_default))
    }
}
