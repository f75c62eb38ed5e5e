//! Desks and windows.

use beckon_tests::canvas::{Canvas, Done, pattern};
use beckon_tests::desk::{Desk, HEIGHT, WIDTH};
use beckon_tests::entry::Entry;
use beckon_tests::hand::Turn;
use beckon_tests::stage::Stage;

#[test]
fn a_person_reads_a_window_and_writes_into_it() {
    let _stage = Stage::take();
    let desk = Desk::open("writer");
    desk.hand().teach_keyboard("Grüße ß é 漢 €");
    let entry = Entry::open(&desk, "A letter");
    let window = entry.window();
    window.sees("Write here");
    window.never_sees("Write there");
    assert!(window.is_enabled("OK"));
    entry.take_keyboard();
    desk.hand().write("Grüße ß é 漢 €");
    entry.reads("Grüße ß é 漢 €");
    window.shot("harness-entry");
    window.click("OK");
    assert_eq!(entry.finished(), "Grüße ß é 漢 €");
    window.closes();
}

#[test]
fn a_canvas_shows_its_picture_bit_for_bit_and_notices_hands() {
    let _stage = Stage::take();
    let desk = Desk::open("canvas");
    let canvas = Canvas::show(&desk, "Known picture", (200, 150), pattern(400, 300));
    let window = canvas.window(&desk);
    let place = window.place();
    assert_eq!((place.width, place.height), (400, 300));
    let corner = (u32::try_from(place.x).unwrap(), u32::try_from(place.y).unwrap());
    assert_eq!(desk.picture().find(canvas.picture()), Some(corner));

    desk.hand().click((place.x + 30, place.y + 40));
    canvas.notices("a click", |done| *done == Done::Press(1, 30, 40));
    desk.hand().turn_wheel(Turn::Down, 1);
    canvas.notices("the wheel", |done| matches!(done, Done::Press(5, _, _)));
    window.activate();
    desk.hand().press(&["shift+a"]);
    canvas.notices("a key", |done| *done == Done::KeyDown(u32::from('A')));

    let whole = desk.picture();
    assert_eq!((whole.width(), whole.height()), (u32::from(WIDTH), u32::from(HEIGHT)));
    desk.shot("harness-canvas");
}

#[test]
fn two_desks_do_not_see_each_other() {
    let _stage = Stage::take();
    let (left, right) = (Desk::open("left"), Desk::open("right"));
    let canvas = Canvas::show(&left, "Only on the left", (40, 40), pattern(120, 120));
    assert!(canvas.is_visible(&left));
    assert!(right.windows().is_empty());
    assert_eq!(right.picture().find(canvas.picture()), None);
    assert_ne!(left.display(), right.display());
}

#[test]
fn everything_on_a_desk_ends_with_it() {
    let _stage = Stage::take();
    let desk = Desk::open("ending");
    let mut clock = desk.start("sleep", "sleep", &["600"]);
    let display = desk.display().to_owned();
    let home = desk.scratch().path().to_owned();
    assert!(clock.ended().is_none());
    clock.kill();
    drop(desk);
    assert!(!home.exists());
    assert!(x11rb::connect(Some(&display)).is_err());
}
