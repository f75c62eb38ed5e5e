//! The sending end of the long-lived zstd stream.

use std::io;

use zstd::stream::raw::{CParameter, Encoder, InBuffer, Operation, OutBuffer};
use zstd::zstd_safe::Strategy;

use crate::screen::WINDOW_LOG;

/// How matches are searched: about half as fast as level 2, for the search goes through rows of
/// 64 candidates at once, and letters that come again elsewhere take less than half of the bytes.
/// Measured on writing in a browser: 7.3 kB a letter at level 2, 3.3 kB so.
const SEARCH: [CParameter; 5] = [
    CParameter::CompressionLevel(5),
    CParameter::Strategy(Strategy::ZSTD_greedy),
    CParameter::HashLog(20),
    CParameter::SearchLog(6),
    CParameter::MinMatch(6),
];

/// Packs tiles. What was packed becomes readable with the next [`Packer::flush`].
pub(super) struct Packer {
    zstd: Encoder<'static>,
    /// Scratch space for what zstd gives.
    buffer: Vec<u8>,
}

impl Packer {
    pub(super) fn new() -> io::Result<Self> {
        let mut zstd = Encoder::new(0)?;
        for parameter in SEARCH {
            zstd.set_parameter(parameter)?;
        }
        zstd.set_parameter(CParameter::WindowLog(WINDOW_LOG))?;
        zstd.set_parameter(CParameter::ContentSizeFlag(false))?;
        Ok(Self { zstd, buffer: vec![0; zstd::zstd_safe::CCtx::out_size()] })
    }

    pub(super) fn pack(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        let mut input = InBuffer::around(bytes);
        while input.pos() < bytes.len() {
            let mut output = OutBuffer::around(self.buffer.as_mut_slice());
            self.zstd.run(&mut input, &mut output)?;
            out.extend_from_slice(output.as_slice());
        }
        Ok(())
    }

    pub(super) fn flush(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        loop {
            let mut output = OutBuffer::around(self.buffer.as_mut_slice());
            let left = self.zstd.flush(&mut output)?;
            out.extend_from_slice(output.as_slice());
            if left == 0 {
                return Ok(());
            }
        }
    }
}
