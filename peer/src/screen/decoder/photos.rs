//! Photos, decoded on two threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::screen::{DecodeError, PIXEL, Picture, Rect};

/// A second thread is worth its start from so many pixels on.
const WORTH_A_THREAD: u64 = 64 * 64 * 12;
/// The last marker of a JPEG.
const END: [u8; 2] = [0xff, 0xd9];

/// A JPEG and where it belongs.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    pub(super) rect: Rect,
    pub(super) jpeg: &'a [u8],
}

/// Does `beside`, which needs the picture, and then decodes the photos into it; from some size
/// on a second thread decodes meanwhile. At most four photos are in memory at a time.
pub(super) fn decode(
    picture: &mut Picture,
    jobs: &[Job<'_>],
    beside: impl FnOnce(&mut Picture) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let area: u64 = jobs.iter().map(|job| job.rect.area()).sum();
    if area < WORTH_A_THREAD {
        beside(picture)?;
        for job in jobs {
            put(picture, job.rect, &job.decode()?);
        }
        return Ok(());
    }
    let queue = Mutex::new(jobs.iter());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    std::thread::scope(|scope| {
        let (done, decoded) = sync_channel(1);
        let next = &next;
        scope.spawn(move || {
            while let Some(job) = next() {
                // The other side is gone once something was refused.
                if done.send((job.rect, job.decode())).is_err() {
                    return;
                }
            }
        });
        beside(picture)?;
        while let Some(job) = next() {
            put(picture, job.rect, &job.decode()?);
            while let Ok((rect, pixels)) = decoded.try_recv() {
                put(picture, rect, &pixels?);
            }
        }
        for (rect, pixels) in decoded {
            put(picture, rect, &pixels?);
        }
        Ok(())
    })
}

impl Job<'_> {
    /// Its pixels as red, green, blue and 255. Only what an agent makes is accepted: one scan of
    /// three components in exactly the size of the rectangle, with an end.
    fn decode(&self) -> Result<Vec<u8>, DecodeError> {
        // Decoders of JPEGs have had assertions that crafted ones broke.
        catch_unwind(AssertUnwindSafe(|| self.try_decode())).unwrap_or(Err(DecodeError::Photo))
    }

    fn try_decode(&self) -> Result<Vec<u8>, DecodeError> {
        let (width, height) = (side(self.rect.width), side(self.rect.height));
        if !self.jpeg.ends_with(&END) {
            return Err(DecodeError::Photo);
        }
        let options = DecoderOptions::new_fast()
            .set_strict_mode(true)
            .set_max_width(width)
            .set_max_height(height)
            .jpeg_set_max_scans(1)
            .jpeg_set_out_colorspace(ColorSpace::RGBA);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(self.jpeg), options);
        decoder.decode_headers().map_err(|_| DecodeError::Photo)?;
        let info = decoder.info().ok_or(DecodeError::Photo)?;
        let same = (usize::from(info.width), usize::from(info.height)) == (width, height);
        // A progressive one needs memory for all of its coefficients, and time for each scan.
        let plain = !info.sof.is_progressive() && info.components == 3;
        if !same || !plain || decoder.input_colorspace() != Some(ColorSpace::YCbCr) {
            return Err(DecodeError::Photo);
        }
        let mut pixels = vec![0; width * height * PIXEL];
        decoder.decode_into(&mut pixels).map_err(|_| DecodeError::Photo)?;
        Ok(pixels)
    }
}

fn put(picture: &mut Picture, rect: Rect, pixels: &[u8]) {
    let rows = pixels.chunks_exact((side(rect.width) * PIXEL).max(1));
    for (row, from) in picture.part_mut(rect).zip(rows) {
        row.copy_from_slice(from);
    }
}

fn side(length: u32) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}
