//! Pixels as differences from what their neighbours let expect: photos without loss, small.
//!
//! Three planes one after the other: green, and the other two less green plus 128. In each the
//! value is predicted from the left, upper and upper left neighbour (the median of left, upper
//! and their sum less the corner; zero outside of the tile), and the difference is kept. All
//! modulo 256.

use super::PIXEL;

/// Bytes of a filtered pixel.
pub(super) const FILTERED: usize = 3;

/// The pixels of a tile, row by row, filtered.
#[cfg(feature = "encoder")]
pub(super) fn filter<'a>(rows: impl Iterator<Item = &'a [u8]> + Clone, out: &mut Vec<u8>) {
    let mut above: Vec<u8> = Vec::new();
    let mut row: Vec<u8> = Vec::new();
    for plane in [green, first, third] {
        above.clear();
        for pixels in rows.clone() {
            let (pixels, _) = pixels.as_chunks::<PIXEL>();
            row.clear();
            row.extend(pixels.iter().copied().map(plane));
            above.resize(row.len(), 0);
            // Without the first column every pixel has its neighbours within two slices, which
            // the compiler then works through many at a time.
            if let (Some(here), Some(up)) = (row.first(), above.first()) {
                out.push(here.wrapping_sub(*up));
            }
            let left = row.iter().zip(above.iter().zip(above.iter().skip(1)));
            let differences = row.iter().skip(1).zip(left);
            out.extend(differences.map(|(here, (left, (corner, up)))| {
                here.wrapping_sub(median(*left, *up, *corner))
            }));
            std::mem::swap(&mut above, &mut row);
        }
    }
}

/// Back to pixels: the first plane's colour is the pixel's first or third byte as it was in the
/// picture that was captured.
pub(super) fn restore(filtered: &[u8], width: usize, pixels: &mut [u8]) {
    let plane = filtered.len() / FILTERED;
    let mut above = vec![0; width];
    for (index, plane) in filtered.chunks_exact(plane.max(1)).enumerate() {
        above.fill(0);
        let rows = pixels.chunks_exact_mut((width * PIXEL).max(1));
        for (row, differences) in rows.zip(plane.chunks_exact(width.max(1))) {
            let (mut left, mut corner) = (0, 0);
            let (row, _) = row.as_chunks_mut::<PIXEL>();
            for ((pixel, difference), above) in row.iter_mut().zip(differences).zip(&mut above) {
                let here = difference.wrapping_add(median(left, *above, corner));
                corner = *above;
                *above = here;
                left = here;
                let [first, green, third, _] = pixel;
                match index {
                    0 => *green = here,
                    1 => *first = here.wrapping_add(*green).wrapping_sub(128),
                    _ => *third = here.wrapping_add(*green).wrapping_sub(128),
                }
            }
        }
    }
}

#[cfg(feature = "encoder")]
fn green([_, green, _, _]: [u8; PIXEL]) -> u8 {
    green
}

#[cfg(feature = "encoder")]
fn first([first, green, _, _]: [u8; PIXEL]) -> u8 {
    first.wrapping_sub(green).wrapping_add(128)
}

#[cfg(feature = "encoder")]
fn third([_, green, third, _]: [u8; PIXEL]) -> u8 {
    third.wrapping_sub(green).wrapping_add(128)
}

/// The median of left, up and left + up − corner.
fn median(left: u8, up: u8, corner: u8) -> u8 {
    let (low, high) = (left.min(up), left.max(up));
    // Within the two the sum fits; beyond them the nearer one is the median.
    let sum = i16::from(left) + i16::from(up) - i16::from(corner);
    u8::try_from(sum.clamp(i16::from(low), i16::from(high))).unwrap_or(low)
}

#[cfg(feature = "encoder")]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filtered_comes_back_and_soft_transitions_become_small() {
        let pixel = |at: u8| [at / 2, at / 2 + 9, at.wrapping_mul(255), 0];
        let pixels: Vec<u8> = (0..=255).flat_map(pixel).collect();
        for width in [1, 7, 64] {
            let rows = pixels.chunks_exact(width * PIXEL);
            let whole = rows.clone().flatten().copied().collect::<Vec<u8>>();
            let mut filtered = Vec::new();
            filter(rows, &mut filtered);
            assert_eq!(filtered.len() / FILTERED, whole.len() / PIXEL);
            let mut back = vec![0; whole.len()];
            restore(&filtered, width, &mut back);
            assert_eq!(back, whole, "{width}");
        }
        let mut filtered = Vec::new();
        filter(pixels.chunks_exact(64 * PIXEL), &mut filtered);
        let small = filtered.iter().filter(|difference| **difference <= 1).count();
        assert!(small * 10 > filtered.len() * 6, "{small} of {}", filtered.len());
    }
}
