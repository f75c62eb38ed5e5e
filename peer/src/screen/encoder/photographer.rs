//! Photos, compressed on two threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};

use super::EncodeError;
use crate::screen::contents::Photo;
use crate::screen::tiles::Tiles;
use crate::screen::{PIXEL, Picture, PixelOrder};

/// The most tiles of a photo: small enough that two threads end at about the same time.
const MOST_TILES: usize = 64;
/// A second thread is worth its start from so many tiles on.
const WORTH_A_THREAD: usize = 8;
/// A tile of a photo before anything is known.
const FIRST_RATE: usize = 1_500;

/// Makes JPEGs and learns what they cost.
pub(super) struct Photographer {
    here: Compressor,
    beside: Compressor,
    /// Bytes of a tile, the last ones counting most.
    rate: usize,
}

/// JPEGs and the number of the photo that each is of.
type Taken = Result<Vec<(usize, Vec<u8>)>, EncodeError>;

impl Photographer {
    pub(super) fn new() -> Result<Self, EncodeError> {
        let compressor = || -> turbojpeg::Result<Compressor> {
            let mut compressor = Compressor::new()?;
            compressor.set_subsamp(Subsamp::Sub2x2)?;
            Ok(compressor)
        };
        let (here, beside) = (compressor(), compressor());
        Ok(Self {
            here: here.map_err(|_| EncodeError)?,
            beside: beside.map_err(|_| EncodeError)?,
            rate: FIRST_RATE,
        })
    }

    /// How many tiles will fit into so many bytes.
    pub(super) fn fitting(&self, bytes: usize) -> usize {
        bytes / self.rate.max(1)
    }

    /// Does `meanwhile` and takes the photos, in large part on a second thread. Their lengths
    /// are filled in.
    pub(super) fn take<T>(
        &mut self,
        picture: &Picture,
        tiles: Tiles,
        photos: &mut [Photo],
        quality: u8,
        meanwhile: impl FnOnce() -> T,
    ) -> Result<(T, Vec<Vec<u8>>), EncodeError> {
        let size = |photo: &Photo| usize::from(photo.columns) * usize::from(photo.rows);
        let all: usize = photos.iter().map(size).sum();
        for compressor in [&mut self.here, &mut self.beside] {
            compressor.set_quality(i32::from(quality.clamp(1, 100))).map_err(|_| EncodeError)?;
        }
        let next = AtomicUsize::new(0);
        let list: &[Photo] = photos;
        let take = |compressor: &mut Compressor| -> Taken {
            let mut taken = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(photo) = list.get(number) else { return Ok(taken) };
                taken.push((number, compress(compressor, picture, *photo, tiles)?));
            }
        };
        let (did, taken) = if all < WORTH_A_THREAD {
            (meanwhile(), take(&mut self.here)?)
        } else {
            let (here, beside) = (&mut self.here, &mut self.beside);
            std::thread::scope(|scope| {
                let other = scope.spawn(|| take(beside));
                let did = meanwhile();
                let mut taken = take(here)?;
                taken.extend(other.join().map_err(|_| EncodeError)??);
                Ok::<_, EncodeError>((did, taken))
            })?
        };
        let mut jpegs = vec![Vec::new(); photos.len()];
        for (number, jpeg) in taken {
            if let (Some(photo), Some(place)) = (photos.get_mut(number), jpegs.get_mut(number)) {
                photo.length = u32::try_from(jpeg.len()).map_err(|_| EncodeError)?;
                *place = jpeg;
            }
        }
        let bytes: usize = jpegs.iter().map(Vec::len).sum();
        if let Some(each) = bytes.checked_div(all) {
            self.rate = usize::midpoint(self.rate, each);
        }
        Ok((did, jpegs))
    }
}

/// Rectangles that cover exactly these tiles, which rise.
pub(super) fn frame(tiles: Tiles, chosen: &[u16]) -> Vec<Photo> {
    let mut open = vec![false; tiles.count()];
    for tile in chosen {
        if let Some(open) = open.get_mut(usize::from(*tile)) {
            *open = true;
        }
    }
    let columns = usize::from(tiles.columns());
    let mut photos = Vec::new();
    for first in chosen.iter().map(|tile| usize::from(*tile)) {
        let end_of_row = (first / columns + 1) * columns;
        let row = open.get(first..end_of_row).unwrap_or_default();
        let wide = row.iter().take(MOST_TILES).take_while(|open| **open).count();
        if wide == 0 {
            continue;
        }
        let mut high = 0;
        while (high + 1) * wide <= MOST_TILES {
            let at = first + high * columns;
            match open.get_mut(at..at + wide) {
                Some(row) if row.iter().all(|open| *open) => row.fill(false),
                _ => break,
            }
            high += 1;
        }
        let small = |length: usize| u8::try_from(length).unwrap_or(u8::MAX);
        let first = u16::try_from(first).unwrap_or(u16::MAX);
        photos.push(Photo { first, columns: small(wide), rows: small(high), length: 0 });
    }
    photos
}

fn compress(
    compressor: &mut Compressor,
    picture: &Picture,
    photo: Photo,
    tiles: Tiles,
) -> Result<Vec<u8>, EncodeError> {
    let rect = photo.rect(tiles);
    let length = |length: u32| usize::try_from(length).map_err(|_| EncodeError);
    let (width, height, pitch) = (length(rect.width)?, length(rect.height)?, picture.stride());
    let begin = length(rect.y)? * pitch + length(rect.x)? * PIXEL;
    let pixels = picture.pixels().get(begin..).ok_or(EncodeError)?;
    let format = match picture.order() {
        PixelOrder::Bgrx => PixelFormat::BGRX,
        PixelOrder::Rgbx => PixelFormat::RGBX,
    };
    let image = Image { pixels, width, pitch, height, format };
    compressor.compress_to_vec(image).map_err(|_| EncodeError)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::Size;

    #[test]
    fn photos_cover_the_chosen_tiles_once() {
        let tiles = Tiles::of(Size::new(1_920, 1_080).unwrap());
        let all: Vec<u16> = (0..510).collect();
        let scattered: Vec<u16> = (0..510).filter(|tile| tile % 7 < 3 || tile / 30 == 4).collect();
        for chosen in [all, scattered, vec![509]] {
            let photos = frame(tiles, &chosen);
            let mut covered: Vec<u16> =
                photos.iter().flat_map(|photo| photo.tiles(tiles)).collect();
            covered.sort_unstable();
            assert_eq!(covered, chosen);
            let size = |photo: &Photo| usize::from(photo.columns) * usize::from(photo.rows);
            assert!(photos.iter().all(|photo| size(photo) <= MOST_TILES));
        }
    }
}
