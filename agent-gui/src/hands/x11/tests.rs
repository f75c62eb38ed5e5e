//! The keyboard of a real X server.

use std::cell::Cell;
use std::time::Duration;

use beckon_desk::clock::uptime;
use beckon_peer::{Key, Press};
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xkb::{AXOption, BoolCtrl, ConnectionExt as _, Control, VMod};
use x11rb::protocol::xproto::{
    ConnectionExt as _, CreateWindowAux, EventMask, InputFocus, KEY_PRESS_EVENT, KEY_RELEASE_EVENT,
    ModMask, WindowClass,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::wrapper::ConnectionExt as _;

use super::keyboard::Keyboard;
use super::layout::symbol_of;
use crate::capture::x11::server::{Painter, Server};

const CORE: u16 = 0x100;
const A: u8 = 38;
const B: u8 = 56;
const C: u8 = 54;
const SHIFT: u8 = 50;
const CONTROL: u8 = 37;
const CAPS_LOCK: u8 = 66;

fn always() -> bool {
    true
}

fn keyboard(server: &Server) -> Keyboard {
    Keyboard::open(x11rb::connect(Some(&server.display)).unwrap().0).unwrap()
}

/// A window that has the keyboard.
fn focused(server: &Server) -> Painter {
    let painter = server.painter();
    let x = &painter.connection;
    let window = x.generate_id().unwrap();
    let hears = CreateWindowAux::new().event_mask(EventMask::KEY_PRESS);
    let class = WindowClass::INPUT_OUTPUT;
    x.create_window(0, window, painter.root, 0, 0, 100, 100, 0, class, 0, &hears).unwrap();
    x.map_window(window).unwrap();
    x.set_input_focus(InputFocus::NONE, window, x11rb::CURRENT_TIME).unwrap();
    x.sync().unwrap();
    painter
}

/// The keys that were pressed over it, Shift left out, and whether Shift counted.
fn typed(painter: &Painter) -> Vec<(u8, bool)> {
    painter.connection.sync().unwrap();
    let events = std::iter::from_fn(|| painter.connection.poll_for_event().unwrap());
    let key = |event| match event {
        Event::KeyPress(key) if key.detail != SHIFT => {
            Some((key.detail, u16::from(key.state) & 1 != 0))
        }
        _ => None,
    };
    events.filter_map(key).collect()
}

fn down(painter: &Painter) -> Vec<u8> {
    let map = painter.connection.query_keymap().unwrap().reply().unwrap().keys;
    (0..=u8::MAX).filter(|code| map[usize::from(code / 8)] & (1 << (code % 8)) != 0).collect()
}

/// What each key from the eighth on carries first.
fn mapping(painter: &Painter) -> Vec<u32> {
    let reply = painter.connection.get_keyboard_mapping(8, 248).unwrap().reply().unwrap();
    reply.keysyms.chunks(usize::from(reply.keysyms_per_keycode)).map(|key| key[0]).collect()
}

#[test]
fn a_key_comes_up_where_it_went_down_though_the_layout_is_another_one_by_then() {
    let server = Server::start("320x200x24", &[]);
    let (painter, mut keyboard) = (server.painter(), keyboard(&server));
    keyboard.key(Key::Control, Press::Down).unwrap();
    keyboard.write("a", &always).unwrap();
    assert_eq!(down(&painter), [CONTROL]);
    let x = &painter.connection;
    x.change_keyboard_mapping(1, CONTROL, 1, &[0xFFE5]).unwrap();
    x.change_keyboard_mapping(1, CAPS_LOCK, 1, &[0xFFE3]).unwrap();
    x.sync().unwrap();
    keyboard.write("a", &always).unwrap();
    keyboard.key(Key::Control, Press::Up).unwrap();
    keyboard.write("a", &always).unwrap();
    assert_eq!(down(&painter), [0; 0]);
    keyboard.key(Key::Shift, Press::Down).unwrap();
    keyboard.release().unwrap();
    keyboard.write("a", &always).unwrap();
    assert_eq!(down(&painter), [0; 0], "whatever pressed it");
}

#[test]
fn a_spare_key_that_another_layout_uses_is_left_to_it() {
    let server = Server::start("320x200x24", &[]);
    let (painter, mut keyboard) = (server.painter(), keyboard(&server));
    keyboard.write("漢字", &always).unwrap();
    let carries = mapping(&painter);
    let place = |symbol| carries.iter().position(|carried| *carried == symbol_of(symbol)).unwrap();
    let (taken, ours) = (place('漢'), place('字'));
    let code = u8::try_from(taken + 8).unwrap();
    painter.connection.change_keyboard_mapping(1, code, 1, &[symbol_of('ω')]).unwrap();
    painter.connection.sync().unwrap();
    drop(keyboard);
    let left = mapping(&painter);
    assert_eq!((left[taken], left[ours]), (symbol_of('ω'), x11rb::NO_SYMBOL));
}

#[test]
fn a_text_stops_between_two_characters_and_while_it_waits_for_a_key() {
    let server = Server::start("320x200x24", &[]);
    let (painter, mut keyboard) = (focused(&server), keyboard(&server));
    let left = Cell::new(3);
    let counted = || left.replace(left.get() - 1) > 0;
    keyboard.write("abcabc", &counted).unwrap();
    assert_eq!(typed(&painter), [(A, false), (B, false), (C, false)]);
    // There are fewer spare keys by far.
    let foreign: String = ('一'..).take(400).collect();
    let begun = uptime();
    let until = begun + Duration::from_millis(100);
    keyboard.write(&foreign, &|| uptime() < until).unwrap();
    let took = uptime().saturating_sub(begun);
    assert!(took < Duration::from_millis(350), "{took:?}");
}

#[test]
fn a_shift_that_the_user_s_sticky_keys_keep_does_not_change_a_text() {
    let server = Server::start("320x200x24", &[]);
    let (painter, mut keyboard) = (focused(&server), keyboard(&server));
    let x = &painter.connection;
    x.xkb_use_extension(1, 0).unwrap().reply().unwrap();
    // What was used last is the keyboard whose settings are changed.
    keyboard.write("a", &always).unwrap();
    assert_eq!(typed(&painter), [(A, false)]);
    let (mods, vmods, sticky) = (ModMask::from(0_u16), VMod::from(0_u16), BoolCtrl::STICKY_KEYS);
    let (options, none) = (AXOption::from(0_u16), BoolCtrl::from(0_u32));
    let what = Control::CONTROLS_ENABLED;
    x.xkb_set_controls(
        CORE, mods, mods, mods, mods, vmods, vmods, vmods, vmods, 1, 0, options, sticky, sticky,
        what, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, none, none, options, options, &[0; 32],
    )
    .unwrap()
    .check()
    .unwrap();
    for kind in [KEY_PRESS_EVENT, KEY_RELEASE_EVENT] {
        x.xtest_fake_input(kind, SHIFT, 0, x11rb::NONE, 0, 0, 0).unwrap();
    }
    let state = x.xkb_get_state(CORE).unwrap().reply().unwrap();
    assert_eq!(u16::from(state.latched_mods), 1, "Shift is latched");
    keyboard.write("abBA", &always).unwrap();
    assert_eq!(typed(&painter), [(A, false), (B, false), (B, true), (A, true)]);
}
