//! The keyboard of a real X server, and who has it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    self, ConnectionExt as _, CreateWindowAux, GrabMode, GrabStatus, InputFocus, WindowClass,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use super::*;

const PLAY: u16 = 172;
const ENTER: u16 = ENTERS[0];
const PAD_ENTER: u16 = ENTERS[1];

/// An X server with two windows, of which the first is this program's.
struct Desk {
    server: Child,
    display: String,
    x: RustConnection,
    windows: [Window; 2],
}

impl Desk {
    fn open() -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-noreset", "-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb: run scripts/setup test");
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        let display = format!(":{}", number.trim());
        let (x, screen) = x11rb::connect(Some(&display)).unwrap();
        let root = x.setup().roots[screen].root;
        let windows = [0, 300].map(|left| {
            let window = x.generate_id().unwrap();
            let (class, how) = (WindowClass::INPUT_OUTPUT, CreateWindowAux::new());
            x.create_window(0, window, root, left, 0, 200, 200, 0, class, 0, &how).unwrap();
            x.map_window(window).unwrap();
            window
        });
        let desk = Self { server, display, x, windows };
        desk.gives_keyboard_to(0);
        desk
    }

    fn keys(&self) -> X11Keys {
        X11Keys::open(Some(&self.display), self.windows[0], || {}).unwrap()
    }

    fn gives_keyboard_to(&self, window: usize) {
        let to = self.windows[window];
        self.x.set_input_focus(InputFocus::PARENT, to, x11rb::CURRENT_TIME).unwrap();
        self.done();
    }

    fn presses(&self, code: u16, press: Press) {
        let kind = match press {
            Press::Down => xproto::KEY_PRESS_EVENT,
            Press::Up => xproto::KEY_RELEASE_EVENT,
        };
        let code = u8::try_from(code).unwrap() + 8;
        self.x.xtest_fake_input(kind, code, 0, x11rb::NONE, 0, 0, 0).unwrap();
        self.done();
    }

    /// Waits until the X server has done it.
    fn done(&self) {
        self.x.get_input_focus().unwrap().reply().unwrap();
    }

    /// Whether another program could grab the keyboard.
    fn is_free(&self) -> bool {
        let (mode, window) = (GrabMode::ASYNC, self.windows[1]);
        let cookie = self.x.grab_keyboard(false, window, x11rb::CURRENT_TIME, mode, mode);
        cookie.unwrap().reply().unwrap().status == GrabStatus::SUCCESS
    }

    fn becomes_free(&self) -> bool {
        (0..200).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            self.is_free()
        })
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }
}

fn enter(pressed: bool) -> [Event; 1] {
    let (key, modifiers) = (egui::Key::Enter, egui::Modifiers::NONE);
    [Event::Key { key, physical_key: None, pressed, repeat: false, modifiers }]
}

fn place(code: u16, press: Press) -> Vec<InputEvent> {
    physical(Stroke { code, press })
}

#[test]
fn a_window_that_lost_the_keyboard_and_does_not_look_has_given_it_back() {
    let desk = Desk::open();
    let mut keys = desk.keys();
    keys.send_all(true);
    assert!(keys.sends_all() && !desk.is_free());
    desk.presses(30, Press::Down);
    desk.gives_keyboard_to(1);
    assert!(desk.becomes_free(), "nobody else has a keyboard");
    let typed = [place(30, Press::Down), vec![InputEvent::ReleaseAll]].concat();
    assert_eq!(keys.typed(&[]), typed);
    assert!(!keys.sends_all());
}

#[test]
fn ctrl_alt_home_is_the_way_out_while_the_window_does_not_look() {
    let desk = Desk::open();
    let mut keys = desk.keys();
    keys.send_all(true);
    for code in [29, 56, 102] {
        desk.presses(code, Press::Down);
    }
    assert!(desk.becomes_free());
    let typed =
        [place(29, Press::Down), place(56, Press::Down), vec![InputEvent::ReleaseAll]].concat();
    assert_eq!(keys.typed(&[]), typed);
    assert!(!keys.sends_all());
}

#[test]
fn a_keyboard_that_another_program_holds_is_not_sent() {
    let desk = Desk::open();
    assert!(desk.is_free(), "now it is taken");
    let mut keys = desk.keys();
    keys.send_all(true);
    assert!(!keys.sends_all());
}

#[test]
fn the_pads_enter_comes_up_after_the_combination_for_the_whole_screen() {
    let desk = Desk::open();
    let mut keys = desk.keys();
    assert_eq!(keys.typed(&[]), vec![]);
    // Ctrl+Alt+Enter: the window keeps it, and lets go of all.
    desk.presses(ENTER, Press::Down);
    assert_eq!(keys.typed(&[]), vec![]);
    keys.release();
    assert_eq!(keys.typed(&[]), vec![]);
    desk.presses(ENTER, Press::Up);
    for _ in 0..2 {
        for press in [Press::Down, Press::Up] {
            desk.presses(PAD_ENTER, press);
            let typed = keys.typed(&enter(press == Press::Down));
            assert_eq!(typed, place(PAD_ENTER, press));
        }
    }
    for press in [Press::Down, Press::Up] {
        desk.presses(ENTER, press);
        let typed = keys.typed(&enter(press == Press::Down));
        assert_eq!(typed, vec![InputEvent::Key { key: Key::Enter, press }]);
    }
}

#[test]
fn the_enter_that_is_down_is_the_one_that_comes_up() {
    let desk = Desk::open();
    let mut keys = desk.keys();
    keys.typed(&[]);
    desk.presses(PAD_ENTER, Press::Down);
    assert_eq!(keys.typed(&enter(true)), place(PAD_ENTER, Press::Down));
    // Pressed where the window did not hear of it.
    desk.presses(ENTER, Press::Down);
    desk.presses(ENTER, Press::Up);
    assert_eq!(keys.typed(&enter(false)), place(PAD_ENTER, Press::Up));
}

#[test]
fn a_key_that_is_held_is_one_press() {
    let desk = Desk::open();
    let mut keys = desk.keys();
    keys.typed(&[]);
    desk.presses(PLAY, Press::Down);
    std::thread::sleep(Duration::from_secs(1));
    desk.presses(PLAY, Press::Up);
    let once = [place(PLAY, Press::Down), place(PLAY, Press::Up)].concat();
    assert_eq!(keys.typed(&[]), once);
}
