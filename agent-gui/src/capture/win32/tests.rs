//! On a real desktop of Windows, with whatever it can do: the duplication or stills.

use std::sync::Mutex;
use std::time::Duration;

use beckon_desk::clock::uptime;
use beckon_peer::Monitor;
use beckon_peer::screen::PixelOrder;

use super::Win32Capture;
use super::course::{Refusal, Way};
use super::duplication::Duplication;
use super::stage::{Over, Stage};
use crate::bell::Bell;
use crate::capture::{Capture as _, Extent, Shot};

/// There is one desktop.
static DESKTOP: Mutex<()> = Mutex::new(());

const LONG: Duration = Duration::from_secs(10);
const PLACE: [i32; 4] = [200, 100, 150, 80];

fn main_monitor(capture: &mut Win32Capture) -> Monitor {
    let all = capture.monitors().unwrap();
    all.into_iter().find(|monitor| monitor.primary).unwrap()
}

/// Red, green, blue of a pixel.
fn pixel(shot: &Shot<'_>, x: i32, y: i32) -> [u8; 3] {
    let [x, y] = [x, y].map(|at| usize::try_from(at).unwrap());
    let part = shot.parts.first().unwrap();
    let &[first, green, third] = part.pixels[y * part.stride + x * 4..].first_chunk().unwrap();
    match shot.order {
        PixelOrder::Rgbx => [first, green, third],
        PixelOrder::Bgrx => [third, green, first],
    }
}

/// Looks until `is_so`.
fn until(capture: &mut Win32Capture, stage: &Stage, is_so: impl Fn(&Shot<'_>) -> bool) {
    let monitor = main_monitor(capture);
    let end = uptime() + LONG;
    loop {
        stage.act();
        if is_so(&capture.next(&monitor, Extent::Whole).unwrap()) {
            return;
        }
        assert!(uptime() < end, "it never looked like that");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_window_is_in_the_picture_bit_for_bit_and_gone_when_it_is_closed() {
    let _alone = DESKTOP.lock().unwrap();
    let mut capture = Win32Capture::new();
    let color = [0x12, 0xA4, 0x7F];
    let stage = Stage::open(color, PLACE, Over::Arrow);
    // Away from where the pointer could be drawn.
    stage.point((20, 20));
    let [x, y, width, height] = PLACE;
    until(&mut capture, &stage, |shot| pixel(shot, x + 1, y + 1) == color);
    let monitor = main_monitor(&mut capture);
    let shot = capture.next(&monitor, Extent::Whole).unwrap();
    assert_eq!((shot.size.width(), shot.size.height()), (monitor.width, monitor.height));
    let part = shot.parts.first().unwrap();
    assert_eq!((part.rect.x, part.rect.y), (0, 0));
    assert_eq!((part.rect.width, part.rect.height), (monitor.width, monitor.height));
    for (x, y) in (y..y + height).flat_map(|y| (x..x + width).map(move |x| (x, y))) {
        assert_eq!(pixel(&shot, x, y), color, "{x}, {y}");
    }
    for (x, y) in [(x - 1, y), (x + width, y), (x, y - 1), (x, y + height)] {
        assert_ne!(pixel(&shot, x, y), color, "{x}, {y} is beside it");
    }
    drop(stage);
    let other = Stage::open([1, 2, 3], [0, 0, 10, 10], Over::Arrow);
    until(&mut capture, &other, |shot| pixel(shot, x + 1, y + 1) != color);
}

#[test]
fn a_system_that_refuses_the_duplication_gives_stills_and_one_that_allows_it_does_not() {
    let _alone = DESKTOP.lock().unwrap();
    let mut capture = Win32Capture::new();
    let monitor = main_monitor(&mut capture);
    let refused = Duplication::open(&monitor.name).err();
    capture.next(&monitor, Extent::Whole).unwrap();
    match refused {
        None => assert_eq!(capture.way(), Way::Duplication),
        Some(Refusal::Unsupported) => assert_eq!(capture.way(), Way::Stills),
        Some(other) => panic!("{other:?}"),
    }
    assert_eq!(Duplication::open("no such monitor").err(), Some(Refusal::Lost));
}

#[test]
fn the_pointer_is_told_where_it_is_and_what_it_looks_like() {
    let _alone = DESKTOP.lock().unwrap();
    let mut capture = Win32Capture::new();
    let bell = Bell::new().unwrap();
    let [arrow, beam] = [Over::Arrow, Over::Beam];
    let [left, right] = [[200, 100, 150, 80], [400, 100, 150, 80]];
    let (first, second) =
        (Stage::open([9, 9, 9], left, arrow), Stage::open([200, 200, 200], right, beam));
    let mut shapes = Vec::new();
    for (stage, at) in [(&first, (270, 140)), (&second, (470, 150))] {
        stage.point(at);
        let end = uptime() + LONG;
        while capture.place().unwrap() != Some(at) || !capture.news().shape {
            assert!(uptime() < end, "{:?} {:?}", capture.place(), capture.news());
            stage.act();
            capture.wait(&bell, Duration::from_millis(50)).unwrap();
        }
        let shape = capture.shape().unwrap().unwrap();
        assert!(!capture.news().shape, "it was told");
        assert!(shape.hot.0 < shape.size.0 && shape.hot.1 < shape.size.1);
        let opaque = shape.rgba.chunks_exact(4).filter(|pixel| pixel[3] == 255).count();
        let all = usize::from(shape.size.0) * usize::from(shape.size.1);
        assert!(opaque > 10 && opaque < all / 2, "{opaque} of {all}");
        shapes.push(shape);
    }
    assert_ne!(shapes[0], shapes[1]);
    assert_eq!(shapes[0].hot, (0, 0), "an arrow points with its corner");
    assert!(shapes[1].hot.1 > 2, "a beam with its middle");
    assert!(!capture.news().place);
    second.point((471, 151));
    capture.wait(&bell, Duration::from_millis(50)).unwrap();
    assert!(capture.news().place);
}

#[test]
fn the_bell_wakes_who_waits_and_so_does_the_end_of_the_time() {
    let _alone = DESKTOP.lock().unwrap();
    let mut capture = Win32Capture::new();
    let monitor = main_monitor(&mut capture);
    capture.next(&monitor, Extent::Whole).unwrap();
    let bell = Bell::new().unwrap();
    bell.ring();
    let began = uptime();
    capture.wait(&bell, LONG).unwrap();
    for _ in 0..5 {
        capture.wait(&bell, Duration::from_millis(3)).unwrap();
    }
    let took = uptime().saturating_sub(began);
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert!(capture.ping().is_ok() && !capture.news().monitors);
}

#[test]
fn codes_are_those_of_windows() {
    use super::pointer_bitmap::Kind;
    use super::rotation::Rotation;
    use windows::Win32::Foundation::{E_ACCESSDENIED, E_NOINTERFACE, E_NOTIMPL};
    use windows::Win32::Graphics::Dxgi::Common::{
        DXGI_MODE_ROTATION_IDENTITY, DXGI_MODE_ROTATION_ROTATE90, DXGI_MODE_ROTATION_ROTATE180,
        DXGI_MODE_ROTATION_ROTATE270,
    };
    use windows::Win32::Graphics::Dxgi::{
        DXGI_ERROR_ACCESS_DENIED, DXGI_ERROR_ACCESS_LOST, DXGI_ERROR_DEVICE_HUNG,
        DXGI_ERROR_DEVICE_REMOVED, DXGI_ERROR_DEVICE_RESET, DXGI_ERROR_DRIVER_INTERNAL_ERROR,
        DXGI_ERROR_INVALID_CALL, DXGI_ERROR_UNSUPPORTED, DXGI_ERROR_WAIT_TIMEOUT,
        DXGI_OUTDUPL_POINTER_SHAPE_TYPE_COLOR, DXGI_OUTDUPL_POINTER_SHAPE_TYPE_MASKED_COLOR,
        DXGI_OUTDUPL_POINTER_SHAPE_TYPE_MONOCHROME,
    };
    for (code, refusal) in [
        (DXGI_ERROR_WAIT_TIMEOUT, Refusal::Nothing),
        (DXGI_ERROR_ACCESS_LOST, Refusal::Lost),
        (DXGI_ERROR_INVALID_CALL, Refusal::Lost),
        (DXGI_ERROR_DEVICE_REMOVED, Refusal::DeviceGone),
        (DXGI_ERROR_DEVICE_HUNG, Refusal::DeviceGone),
        (DXGI_ERROR_DEVICE_RESET, Refusal::DeviceGone),
        (DXGI_ERROR_DRIVER_INTERNAL_ERROR, Refusal::DeviceGone),
        (DXGI_ERROR_ACCESS_DENIED, Refusal::Denied),
        (E_ACCESSDENIED, Refusal::Denied),
        (DXGI_ERROR_UNSUPPORTED, Refusal::Unsupported),
        (E_NOTIMPL, Refusal::Unsupported),
        (E_NOINTERFACE, Refusal::Unsupported),
    ] {
        assert_eq!(Refusal::of(code.0), refusal, "{code}");
    }
    for (code, rotation) in [
        (DXGI_MODE_ROTATION_IDENTITY, Rotation::None),
        (DXGI_MODE_ROTATION_ROTATE90, Rotation::Quarter),
        (DXGI_MODE_ROTATION_ROTATE180, Rotation::Half),
        (DXGI_MODE_ROTATION_ROTATE270, Rotation::ThreeQuarters),
    ] {
        assert_eq!(Rotation::of(code.0), rotation);
    }
    for (code, kind) in [
        (DXGI_OUTDUPL_POINTER_SHAPE_TYPE_MONOCHROME, Kind::Monochrome),
        (DXGI_OUTDUPL_POINTER_SHAPE_TYPE_COLOR, Kind::Color),
        (DXGI_OUTDUPL_POINTER_SHAPE_TYPE_MASKED_COLOR, Kind::Masked),
    ] {
        assert_eq!(Kind::of(code.0.cast_unsigned()), Some(kind));
    }
}
