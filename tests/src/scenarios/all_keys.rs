//! Keys that the operator's computer would keep for itself.

use beckon_tests::canvas::{Canvas, Done, pattern};
use beckon_tests::desk::Desk;
use beckon_tests::operator::Wish;
use beckon_tests::server::Server;
use beckon_tests::session::Session;
use beckon_tests::shot::Place;
use beckon_tests::stage::Stage;

use super::typing::nothing_is_pressed;

const TAB: u32 = 0xFF09;
const SUPER: u32 = 0xFFEB;
const PLAY: u32 = 0x1008_FF14;
const PAD_ENTER: u32 = 0xFF8D;
const LEFT: u32 = 0xFF51;
const RIGHT: u32 = 0xFF53;

#[test]
fn all_keys_are_sent_by_their_place_until_the_operator_ends_that() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let Session { control, user: _user, .. } =
        Session::begins(&server, &office, &home, Wish::Control);
    let canvas = Canvas::show(&home, "A game", (350, 300), pattern(120, 90));
    canvas.window(&home).activate();
    let key_down = |symbol| {
        canvas.notices("a key", |done| *done == Done::KeyDown(symbol));
        canvas.notices("a key that comes up", |done| *done == Done::KeyUp(symbol));
    };
    let window = control.window();
    window.activate();
    presses(&office, &["key", "172", "key", "104"]);
    key_down(PLAY);
    key_down(PAD_ENTER);
    window.click("Keys");
    window.click("Super (Windows key)");
    key_down(SUPER);

    let (status, said) = office.environment().run("setxkbmap", &["de"]);
    assert!(status.success(), "{said}");
    window.click("Keys");
    window.click("Send all keys");
    window.sees("All keys are sent.");
    // Z here is Y there.
    presses(&office, &["key", "29"]);
    key_down(u32::from('y'));
    presses(&office, &["key", "23"]);
    key_down(TAB);
    let ends = ["keydown", "37", "keydown", "64", "key", "110", "keyup", "64", "keyup", "37"];
    presses(&office, &ends);
    window.sees_no_longer("All keys are sent.");
    assert!(!canvas.done().contains(&Done::KeyDown(u32::from('z'))));
    presses(&office, &["key", "29"]);
    key_down(u32::from('z'));
}

#[test]
fn a_window_that_is_covered_has_no_keys_and_holds_none_at_the_other_computer() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let Session { control, user: _user, .. } =
        Session::begins(&server, &office, &home, Wish::Control);
    let game = Canvas::show(&home, "A game", (350, 300), pattern(120, 90));
    game.window(&home).activate();
    let window = control.window();
    window.activate();
    window.click("Keys");
    window.click("Send all keys");
    window.sees("All keys are sent.");
    presses(&office, &["keydown", "113"]);
    game.notices("a key", |done| *done == Done::KeyDown(LEFT));

    window.move_to(Place { x: 200, y: 200, width: 640, height: 480 });
    let mail = Canvas::show(&office, "Mail", (60, 60), pattern(900, 660));
    mail.window(&office).activate();
    nothing_is_pressed(&home, "the window is covered");
    presses(&office, &["keyup", "113", "key", "114"]);
    mail.notices("a key of the operator's own", |done| *done == Done::KeyDown(RIGHT));
    assert!(!game.done().contains(&Done::KeyDown(RIGHT)));

    drop(mail);
    window.activate();
    window.sees_no_longer("All keys are sent.");
    presses(&office, &["key", "114"]);
    game.notices("a key", |done| *done == Done::KeyDown(RIGHT));
}

fn presses(desk: &Desk, keys: &[&str]) {
    let (status, said) = desk.environment().run("xdotool", keys);
    assert!(status.success(), "xdotool {keys:?}: {said}");
}
