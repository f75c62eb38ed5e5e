//! The duplication against a script, and what is made of it: all but what the system itself does.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use beckon_peer::Monitor;
use beckon_peer::screen::{PixelOrder, Rect, Shift};
use windows::Win32::Foundation::E_ACCESSDENIED;
use windows::Win32::Graphics::Dxgi::{DXGI_ERROR_ACCESS_LOST, DXGI_ERROR_DEVICE_REMOVED};

use super::Win32Capture;
use super::course::Refusal;
use super::duplication::Duplication;
use super::frame::{Area, Moved};
use super::scripted::{Step, Steps, open};
use crate::bell::Bell;
use crate::capture::{Capture as _, CaptureError, Extent, Shot};

/// No multiple of anything, so that rows are padded.
const SIDES: (u32, u32) = (131, 77);
const ONE: [u8; 3] = [1, 2, 3];
const TWO: [u8; 3] = [200, 100, 50];
const NOW: Duration = Duration::ZERO;

const fn rect(x: u32, y: u32, width: u32, height: u32) -> Rect {
    Rect { x, y, width, height }
}

const WHOLE: Rect = rect(0, 0, SIDES.0, SIDES.1);
const SPOT: Rect = rect(40, 30, 5, 4);
const SPOT_AREA: Area = Area { left: 40, top: 30, right: 45, bottom: 34 };

/// The first picture: all of one colour.
fn first() -> Step {
    Step { paints: vec![(WHOLE, ONE)], is_picture: true, ..Step::default() }
}

fn drawn(rect: Rect, area: Area) -> Step {
    let (paints, drawn) = (vec![(rect, TWO)], vec![area]);
    Step { paints, drawn, is_picture: true, is_told: true, ..Step::default() }
}

fn script(steps: impl IntoIterator<Item = Step>) -> Steps {
    Rc::new(steps.into_iter().map(Ok).collect::<VecDeque<_>>().into())
}

/// Blue, green, red of a pixel of the copy.
fn copied(duplication: &mut Duplication, x: u32, y: u32) -> [u8; 3] {
    duplication.map().unwrap();
    let surface = duplication.surface().unwrap();
    assert_eq!(surface.size, SIDES);
    let [x, y] = [x, y].map(|at| usize::try_from(at).unwrap());
    *surface.pixels[y * surface.stride + x * 4..].first_chunk().unwrap()
}

/// The same of a pixel of the monitor, in whichever part it is.
fn pixel(shot: &Shot<'_>, x: u32, y: u32) -> Option<[u8; 3]> {
    let part = shot.parts.iter().find(|part| part.rect.within(rect(x, y, 1, 1)).area() == 1)?;
    let index = |value: u32| usize::try_from(value).unwrap();
    let from = index(y - part.rect.y) * part.stride + index(x - part.rect.x) * 4;
    Some(*part.pixels[from..].first_chunk().unwrap())
}

fn capture(steps: &Steps, rotation: i32) -> (Win32Capture, Monitor) {
    let duplication = open(steps, SIDES, rotation).unwrap();
    let (width, height) = duplication.rotation().size(SIDES);
    let name = r"\\.\DISPLAY1".to_owned();
    let monitor =
        Monitor { id: 7, name, x: 0, y: 0, width, height, scale_percent: 100, primary: true };
    (Win32Capture::with(duplication, 7), monitor)
}

#[test]
fn what_is_told_to_have_changed_is_copied_and_nothing_else() {
    let pointer = Step { pointer: Some([7, 8, 9, 255]), ..Step::default() };
    let steps = script([pointer, first()]);
    let mut duplication = open(&steps, SIDES, 1).unwrap();
    assert_eq!(std::mem::take(&mut duplication.changed), [WHOLE]);
    assert_eq!(duplication.pointer.take().unwrap().rgba, [9, 8, 7, 255, 9, 8, 7, 255]);
    assert_eq!(duplication.next(NOW), Ok(None));
    for (x, y) in [(0, 0), (130, 0), (0, 76), (130, 76)] {
        assert_eq!(copied(&mut duplication, x, y), ONE, "{x}, {y}");
    }
    // Something else is painted too, of which nothing is said.
    let mut step = drawn(SPOT, SPOT_AREA);
    step.paints.push((rect(100, 60, 9, 9), TWO));
    steps.borrow_mut().push_back(Ok(step));
    let frame = duplication.next(NOW).unwrap().unwrap();
    assert_eq!((frame.drawn, frame.metadata), (vec![SPOT_AREA], 16));
    assert_eq!(duplication.changed, [SPOT]);
    for ((x, y), color) in
        [((40, 30), TWO), ((44, 33), TWO), ((39, 30), ONE), ((45, 33), ONE), ((104, 64), ONE)]
    {
        assert_eq!(copied(&mut duplication, x, y), color, "{x}, {y}");
    }
}

#[test]
fn a_duplication_that_shows_nothing_or_ends_says_so() {
    let pointer = Step { pointer: Some([1; 4]), ..Step::default() };
    assert_eq!(open(&script([pointer]), SIDES, 1).err(), Some(Refusal::Nothing));
    for (code, refusal) in [
        (DXGI_ERROR_ACCESS_LOST, Refusal::Lost),
        (DXGI_ERROR_DEVICE_REMOVED, Refusal::DeviceGone),
        (E_ACCESSDENIED, Refusal::Denied),
    ] {
        let steps = script([first()]);
        let mut duplication = open(&steps, SIDES, 1).unwrap();
        steps.borrow_mut().push_back(Err(code));
        assert_eq!(duplication.next(NOW), Err(refusal));
    }
}

#[test]
fn a_shot_holds_what_has_changed_since_the_last_one_and_how_it_moved() {
    let steps = script([first()]);
    let (mut capture, monitor) = capture(&steps, 1);
    let bell = Bell::new().unwrap();
    let shot = capture.next(&monitor, Extent::Whole).unwrap();
    assert_eq!((shot.order, shot.parts.len()), (PixelOrder::Bgrx, 1));
    assert_eq!((shot.parts[0].rect, pixel(&shot, 130, 76)), (WHOLE, Some(ONE)));
    capture.wait(&bell, Duration::from_millis(20)).unwrap();
    assert!(!capture.news().damage, "nothing has changed");

    let to = Area { left: 0, top: 60, right: 20, bottom: 70 };
    let moved = vec![Moved { from: (0, 40), to }];
    let both = Step { moved, ..drawn(SPOT, SPOT_AREA) };
    steps.borrow_mut().push_back(Ok(both));
    capture.wait(&bell, Duration::from_secs(9)).unwrap();
    assert!(capture.news().damage);
    // This one comes while the last one was not looked at yet.
    let late = Area { left: 128, top: 0, right: 200, bottom: 2 };
    steps.borrow_mut().push_back(Ok(drawn(rect(128, 0, 3, 2), late)));
    let shot = capture.next(&monitor, Extent::Changed).unwrap();
    let rects: Vec<_> = shot.parts.iter().map(|part| part.rect).collect();
    assert_eq!(rects, [rect(0, 60, 20, 10), SPOT, rect(128, 0, 3, 2)]);
    assert_eq!(shot.shifts, [Shift { dx: 0, dy: 20 }]);
    let pixels = [(10, 65), (42, 32), (130, 1)].map(|(x, y)| pixel(&shot, x, y));
    assert_eq!(pixels, [Some(ONE), Some(TWO), Some(TWO)]);
    assert!(!capture.news().damage);

    let shot = capture.next(&monitor, Extent::Changed).unwrap();
    assert!(shot.parts.is_empty() && shot.shifts.is_empty());
    let shot = capture.next(&monitor, Extent::Whole).unwrap();
    let pixels = [(0, 0), (44, 33), (128, 0)].map(|(x, y)| pixel(&shot, x, y));
    assert_eq!(pixels, [Some(ONE), Some(TWO), Some(TWO)], "also where nothing is new");
}

#[test]
fn a_monitor_that_stands_is_seen_upright() {
    for (code, seen, spot) in [
        (2, (77, 131), rect(43, 40, 4, 5)),
        (3, SIDES, rect(86, 43, 5, 4)),
        (4, (77, 131), rect(30, 86, 4, 5)),
    ] {
        let steps = script([first()]);
        let (mut capture, monitor) = capture(&steps, code);
        let shot = capture.next(&monitor, Extent::Whole).unwrap();
        assert_eq!((shot.size.width(), shot.size.height()), seen);
        assert_eq!(pixel(&shot, seen.0 - 1, seen.1 - 1), Some(ONE));
        let moved = vec![Moved { from: (40, 20), to: SPOT_AREA }];
        steps.borrow_mut().push_back(Ok(Step { moved, ..drawn(SPOT, SPOT_AREA) }));
        let shot = capture.next(&monitor, Extent::Changed).unwrap();
        assert_eq!(shot.parts.iter().map(|part| part.rect).next(), Some(spot), "{code}");
        assert_eq!(pixel(&shot, spot.x + 3, spot.y + 3), Some(TWO));
        let down = [
            (2, Shift { dx: -10, dy: 0 }),
            (3, Shift { dx: 0, dy: -10 }),
            (4, Shift { dx: 10, dy: 0 }),
        ];
        assert!(down.contains(&(code, shot.shifts[0])), "{code}: {:?}", shot.shifts);
    }
}

#[test]
fn a_duplication_that_ends_is_told_and_made_anew() {
    let steps = script([first()]);
    let (mut capture, monitor) = capture(&steps, 1);
    let bell = Bell::new().unwrap();
    capture.next(&monitor, Extent::Whole).unwrap();
    steps.borrow_mut().push_back(Err(DXGI_ERROR_ACCESS_LOST));
    let told = capture.wait(&bell, Duration::from_secs(9)).err();
    assert_eq!(told, Some(CaptureError::Changed), "no question of the system is before the user");
    assert!(capture.news().damage);
    // What comes now is the system's own: a duplication or stills.
    let monitor = capture.monitors().unwrap().remove(0);
    let shot = capture.next(&monitor, Extent::Whole).unwrap();
    assert_eq!((shot.size.width(), shot.size.height()), (monitor.width, monitor.height));
}

#[test]
fn the_bell_is_heard_while_the_card_is_waited_for() {
    let steps = script([first()]);
    let (mut capture, monitor) = capture(&steps, 1);
    capture.next(&monitor, Extent::Whole).unwrap();
    let bell = Bell::new().unwrap();
    // The pointer of the desktop is news once.
    capture.place().unwrap();
    let rings = bell.clone();
    let began = beckon_desk::clock::uptime();
    let ringing = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        rings.ring();
    });
    capture.wait(&bell, Duration::from_secs(20)).unwrap();
    ringing.join().unwrap();
    let took = beckon_desk::clock::uptime().saturating_sub(began);
    assert!((90..1_000).contains(&took.as_millis()), "{took:?}");
    // It is heard once.
    let began = beckon_desk::clock::uptime();
    capture.wait(&bell, Duration::from_millis(60)).unwrap();
    assert!(beckon_desk::clock::uptime().saturating_sub(began) >= Duration::from_millis(55));
}
