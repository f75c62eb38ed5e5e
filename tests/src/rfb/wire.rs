//! What goes over the connection: numbers in network order, counted.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const BUFFER: usize = 256 * 1024;

/// The bytes that arrive, read in large pieces.
pub struct Wire<R> {
    from: R,
    buffer: Vec<u8>,
    /// INVARIANT: `begin <= end <= buffer.len()`; what lies between has arrived and is not read yet.
    begin: usize,
    end: usize,
    received: Arc<AtomicU64>,
}

impl<R: Read> Wire<R> {
    /// Reads from there, and adds to `received` what has arrived.
    pub fn new(from: R, received: Arc<AtomicU64>) -> Self {
        Self { from, buffer: vec![0; BUFFER], begin: 0, end: 0, received }
    }

    /// The next `out.len()` bytes.
    pub fn fill(&mut self, out: &mut [u8]) -> io::Result<()> {
        let mut done = 0;
        while done < out.len() {
            if self.begin == self.end {
                (self.begin, self.end) = (0, self.from.read(&mut self.buffer)?);
                if self.end == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                self.received.fetch_add(self.end as u64, Ordering::Relaxed);
            }
            let count = (out.len() - done).min(self.end - self.begin);
            out[done..done + count].copy_from_slice(&self.buffer[self.begin..self.begin + count]);
            self.begin += count;
            done += count;
        }
        Ok(())
    }

    /// The next `count` bytes.
    pub fn bytes(&mut self, count: usize) -> io::Result<Vec<u8>> {
        let mut out = vec![0; count];
        self.fill(&mut out)?;
        Ok(out)
    }

    /// So many, in an array.
    pub fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut out = [0; N];
        self.fill(&mut out)?;
        Ok(out)
    }

    /// A byte.
    pub fn u8(&mut self) -> io::Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    /// A number of two bytes.
    pub fn u16(&mut self) -> io::Result<u16> {
        self.array().map(u16::from_be_bytes)
    }

    /// A number of four bytes.
    pub fn u32(&mut self) -> io::Result<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// Drops so many bytes.
    pub fn skip(&mut self, count: usize) -> io::Result<()> {
        self.bytes(count).map(drop)
    }

    /// A length as Tight writes it: seven bits a byte, at most three bytes.
    pub fn compact(&mut self) -> io::Result<usize> {
        let mut length = 0;
        for shift in [0, 7, 14] {
            let byte = usize::from(self.u8()?);
            if shift == 14 {
                return Ok(length | byte << shift);
            }
            length |= (byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        Ok(length)
    }
}
