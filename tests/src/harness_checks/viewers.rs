//! The viewer of measurements decodes what a VNC server sends, byte by byte.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use beckon_peer::screen::Rect;
use beckon_tests::rfb::{Area, Canvas, Tight, Wire};
use beckon_tests::workload::{Mark, Watch};
use flate2::Compression;
use flate2::write::ZlibEncoder;

#[test]
fn copies_that_overlap_keep_what_was_there_before() {
    let mut canvas = Canvas::new(1, 4);
    for (row, colour) in [1, 2, 3, 4].into_iter().enumerate() {
        canvas.fill(Area { x: 0, y: row, width: 1, height: 1 }, [colour; 4]);
    }
    let area = |y| Area { x: 0, y, width: 1, height: 3 };
    canvas.copy(area(0), area(1));
    assert_eq!(canvas.pixels(), [[1; 4], [1; 4], [2; 4], [3; 4]].concat());
    canvas.copy(area(1), area(0));
    assert_eq!(canvas.pixels(), [[1; 4], [2; 4], [3; 4], [3; 4]].concat());
}

#[test]
fn a_rectangle_outside_is_refused() {
    assert!(Canvas::new(10, 10).area(5, 5, 6, 5).is_err());
    assert!(Canvas::new(10, 10).area(5, 5, 5, 5).is_ok());
}

fn compact(bytes: &[u8]) -> usize {
    Wire::new(bytes, Arc::default()).compact().unwrap()
}

#[test]
fn compact_lengths_take_one_to_three_bytes() {
    assert_eq!(compact(&[0x7F]), 127);
    assert_eq!(compact(&[0x90, 0x4E]), 10_000);
    assert_eq!(compact(&[0xFF, 0xFF, 0xFF]), 4_194_303);
}

#[test]
fn what_arrives_is_counted_and_an_end_is_an_error() {
    let received = Arc::new(AtomicU64::new(0));
    let mut wire = Wire::new(&[0, 1, 2][..], Arc::clone(&received));
    assert_eq!(wire.u16().unwrap(), 1);
    assert!(wire.u16().is_err());
    assert_eq!(received.load(Ordering::Relaxed), 3);
}

fn drawn(width: usize, height: usize, bytes: &[u8]) -> Vec<u8> {
    let mut canvas = Canvas::new(width, height);
    let area = Area { x: 0, y: 0, width, height };
    let mut wire = Wire::new(bytes, Arc::default());
    Tight::new().unwrap().draw(&mut wire, &mut canvas, area).unwrap();
    assert!(wire.u8().is_err(), "everything was read");
    canvas.pixels().to_vec()
}

#[test]
fn one_colour_fills_the_rectangle() {
    assert_eq!(drawn(2, 1, &[0x80, 1, 2, 3]), [3, 2, 1, 0, 3, 2, 1, 0]);
}

#[test]
fn few_bytes_are_not_compressed() {
    assert_eq!(drawn(2, 1, &[0x00, 1, 2, 3, 4, 5, 6]), [3, 2, 1, 0, 6, 5, 4, 0]);
}

#[test]
fn two_colours_take_a_bit_a_pixel() {
    let bytes = [0x40, 1, 1, 0, 0, 0, 9, 9, 9, 0b0100_0000, 0b1000_0000];
    assert_eq!(drawn(2, 2, &bytes), [[0; 4], [9, 9, 9, 0], [9, 9, 9, 0], [0; 4]].concat());
}

#[test]
fn more_colours_take_a_byte_a_pixel() {
    let bytes = [0x40, 1, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 2, 0];
    assert_eq!(drawn(2, 1, &bytes), [3, 3, 3, 0, 1, 1, 1, 0]);
}

#[test]
fn gradients_are_undone() {
    // Foretold: 0, the left one; below: the one above, left + above - above left.
    let bytes = [0x40, 2, 5, 5, 5, 1, 1, 1, 2, 2, 2, 0, 0, 0];
    let mut long = ZlibEncoder::new(Vec::new(), Compression::default());
    long.write_all(&bytes[2..]).unwrap();
    long.flush().unwrap();
    let long = long.get_ref();
    let mut wire = vec![0x40, 2, u8::try_from(long.len()).unwrap()];
    wire.extend(long);
    let pixels = [[5, 5, 5, 0], [6, 6, 6, 0], [7, 7, 7, 0], [8, 8, 8, 0]].concat();
    assert_eq!(drawn(2, 2, &wire), pixels);
}

#[test]
fn a_stream_goes_on_in_the_next_rectangle() {
    let mut stream = ZlibEncoder::new(Vec::new(), Compression::default());
    let mut wire = Vec::new();
    for colour in [7, 8] {
        let before = stream.get_ref().len();
        stream.write_all(&[colour; 12]).unwrap();
        stream.flush().unwrap();
        let piece = &stream.get_ref()[before..];
        wire.extend([0x10, u8::try_from(piece.len()).unwrap()]);
        wire.extend(piece);
    }
    let mut canvas = Canvas::new(4, 1);
    let area = Area { x: 0, y: 0, width: 4, height: 1 };
    let (mut tight, mut wire) = (Tight::new().unwrap(), Wire::new(&wire[..], Arc::default()));
    for colour in [7, 8] {
        tight.draw(&mut wire, &mut canvas, area).unwrap();
        assert_eq!(canvas.pixels(), [colour, colour, colour, 0].repeat(4));
    }
}

const WATCH: Watch =
    Watch { rect: Rect { x: 0, y: 0, width: 4, height: 2 }, cell: (2, 2), tolerance: 10 };

#[test]
fn a_mark_is_the_mean_of_each_cell() {
    let (black, white) = ([0; 4], [255, 255, 255, 0]);
    let pixels = [black, white, white, white, white, black, white, white].concat();
    assert_eq!(WATCH.mark(&pixels), Mark(vec![127, 255]));
}

#[test]
fn red_and_blue_may_be_swapped() {
    let one = WATCH.mark(&[[1, 2, 3, 0]; 8].concat());
    assert_eq!(one, WATCH.mark(&[[3, 2, 1, 255]; 8].concat()));
}

#[test]
fn the_cell_that_differs_most_counts() {
    let distance = Mark(vec![1, 10, 100]).distance(&Mark(vec![1, 12, 90]));
    assert_eq!(distance, 10);
}

#[test]
fn white_cells_are_the_bits_of_a_number() {
    assert_eq!(Mark(vec![250, 3, 200, 255]).number(3), 5);
}
