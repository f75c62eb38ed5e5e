//! From pictures to updates.

use std::fmt;
use std::io;

use zstd::stream::raw::{CParameter, InBuffer, Operation, OutBuffer};

use super::compare::changed;
use super::header::{Header, Reset};
use super::tiles::{Run, Tiles};
use super::{Picture, WINDOW_LOG};

const LEVEL: i32 = 2;
/// When an update has this many bytes, what else changed waits for the next one: with what the
/// stream still holds back and the header it stays below the bound of a screen message.
const FULL: usize = 15 * 1024 * 1024;

/// Turns pictures of one monitor at a time into updates. One encoder lives as long as its
/// channel.
pub struct Encoder {
    monitor: u32,
    number: u32,
    progress: Progress,
    sent: Option<Sent>,
}

/// Why a picture was not encoded; the next update begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the picture could not be compressed; the next one begins anew")]
pub struct EncodeError;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Behind,
    Complete,
}

/// What Control has, once it has decoded everything.
struct Sent {
    picture: Picture,
    zstd: zstd::stream::raw::Encoder<'static>,
    /// Scratch space for what zstd gives.
    buffer: Vec<u8>,
}

impl Encoder {
    /// Begins with a full picture of `monitor`.
    pub fn new(monitor: u32) -> Self {
        Self { monitor, number: 0, progress: Progress::Complete, sent: None }
    }

    /// The update that leads from what was sent to `picture`, as one screen message; `None`
    /// where nothing has changed.
    pub fn encode(&mut self, picture: &Picture) -> Result<Option<Vec<u8>>, EncodeError> {
        let encoded = self.try_encode(picture);
        if encoded.is_err() {
            self.sent = None;
        }
        encoded.map_err(|_| EncodeError)
    }

    /// The number of the last update; 0 before the first.
    pub fn update_number(&self) -> u32 {
        self.number
    }

    /// Whether the last update was full before everything was in it: encode again soon, even
    /// where nothing new was captured.
    pub fn is_behind(&self) -> bool {
        self.progress == Progress::Behind
    }

    /// The next update begins anew with a full picture.
    pub fn restart(&mut self) {
        self.sent = None;
    }

    /// From now on the pictures are those of `monitor`; the next update begins anew.
    pub fn show(&mut self, monitor: u32) {
        self.monitor = monitor;
        self.sent = None;
    }

    fn try_encode(&mut self, picture: &Picture) -> io::Result<Option<Vec<u8>>> {
        let same = |sent: &Sent| {
            sent.picture.size() == picture.size() && sent.picture.order() == picture.order()
        };
        if !self.sent.as_ref().is_some_and(same) {
            self.sent = None;
        }
        let (sent, reset) = match &mut self.sent {
            Some(sent) => (sent, None),
            none => {
                let (size, order) = (picture.size(), picture.order());
                let reset = Reset { monitor: self.monitor, size, order };
                (none.insert(Sent::new(picture)?), Some(reset))
            }
        };
        let changed = changed(picture, &sent.picture);
        if changed.is_empty() && reset.is_none() {
            self.progress = Progress::Complete;
            return Ok(None);
        }
        let tiles = Tiles::of(picture.size());
        let mut runs = Vec::new();
        let mut body = Vec::new();
        self.progress = Progress::Complete;
        for tile in changed {
            if body.len() > FULL {
                self.progress = Progress::Behind;
                break;
            }
            let rect = tiles.rect(tile);
            let rows = picture.part(rect).zip(sent.picture.part_mut(rect));
            for (new, sent_row) in rows {
                sent_row.copy_from_slice(new);
                compress(&mut sent.zstd, &mut sent.buffer, new, &mut body)?;
            }
            Run::push(&mut runs, tile);
        }
        if !runs.is_empty() {
            flush(&mut sent.zstd, &mut sent.buffer, &mut body)?;
        }
        self.number = self.number.wrapping_add(1);
        let mut update = Header { number: self.number, reset }.to_bytes(&runs);
        update.append(&mut body);
        Ok(Some(update))
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder")
            .field("monitor", &self.monitor)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl Sent {
    /// What a decoder has after a RESET for `picture`: zero everywhere.
    fn new(picture: &Picture) -> io::Result<Self> {
        let mut zstd = zstd::stream::raw::Encoder::new(LEVEL)?;
        zstd.set_parameter(CParameter::WindowLog(WINDOW_LOG))?;
        zstd.set_parameter(CParameter::ContentSizeFlag(false))?;
        Ok(Self {
            picture: Picture::zero(picture.size(), picture.order()),
            zstd,
            buffer: vec![0; zstd::zstd_safe::CCtx::out_size()],
        })
    }
}

fn compress(
    zstd: &mut zstd::stream::raw::Encoder<'static>,
    buffer: &mut [u8],
    bytes: &[u8],
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let mut input = InBuffer::around(bytes);
    while input.pos() < bytes.len() {
        let mut output = OutBuffer::around(&mut *buffer);
        zstd.run(&mut input, &mut output)?;
        out.extend_from_slice(output.as_slice());
    }
    Ok(())
}

fn flush(
    zstd: &mut zstd::stream::raw::Encoder<'static>,
    buffer: &mut [u8],
    out: &mut Vec<u8>,
) -> io::Result<()> {
    loop {
        let mut output = OutBuffer::around(&mut *buffer);
        let left = zstd.flush(&mut output)?;
        out.extend_from_slice(output.as_slice());
        if left == 0 {
            return Ok(());
        }
    }
}
