//! What is typed at Control under one keyboard layout is written under another, exactly; and
//! nothing stays pressed.

use std::fmt::Write as _;

use beckon_tests::canvas::{Canvas, pattern};
use beckon_tests::clock::eventually;
use beckon_tests::desk::Desk;
use beckon_tests::entry::Entry;
use beckon_tests::operator::Wish;
use beckon_tests::server::Server;
use beckon_tests::session::Session;
use beckon_tests::stage::Stage;
use beckon_tests::user::Border;
use x11rb::protocol::xproto::ConnectionExt as _;

/// Keys by their X codes, as a person presses them: `+` with Shift, `^` with Alt Gr.
struct Layout {
    name: &'static str,
    keys: &'static str,
    text: &'static str,
    /// The key that carries A, and that of C.
    a: u8,
}

const LAYOUTS: [Layout; 5] = [
    Layout { name: "us", keys: "29 52 +38 47 +11 34 +49 +34 +21", text: "yzA;@[~{+", a: 38 },
    Layout {
        name: "de",
        keys: "29 52 20 47 +38 ^24 ^26 ^16 ^20 49 26 21 26 48",
        text: "zyßöA@€{\\êéä",
        a: 38,
    },
    Layout {
        name: "fr",
        keys: "24 +24 11 16 18 +11 ^19 ^26 ^13 34 26 ^18 +29",
        text: "aAéèç2@€{ê^Y",
        a: 24,
    },
    Layout {
        name: "ch",
        keys: "29 47 +47 +34 ^11 ^26 ^34 21 26 +38 ^16",
        text: "zöéè@€[êA|",
        a: 38,
    },
    Layout {
        name: "cz",
        keys: "11 12 13 14 47 29 52 +11 ^11 21 26 +21 26 +38",
        text: "ěščřůzy2@éěA",
        a: 38,
    },
];

#[test]
fn text_is_the_same_under_every_pair_of_layouts_and_nothing_stays_pressed() {
    let _stage = Stage::take();
    let mut server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let Session { user, control, .. } = Session::begins(&server, &office, &home, Wish::Control);
    control.shows_exactly();
    let entry = Entry::open(&home, "A letter");
    entry.take_keyboard();
    control.window().activate();

    let pairs = [
        (0, 0),
        (1, 1),
        (2, 2),
        (3, 3),
        (4, 4),
        (0, 1),
        (1, 0),
        (0, 2),
        (2, 1),
        (1, 4),
        (4, 2),
        (3, 0),
        (2, 3),
    ];
    for (here, there) in pairs {
        let (here, there) = (&LAYOUTS[here], &LAYOUTS[there]);
        lays_out(&office, here.name);
        lays_out(&home, there.name);
        types(&office, here.keys);
        println!("{} to {}", here.name, there.name);
        entry.reads(here.text);
        clears(&office, &entry, here);
    }

    lays_out(&office, "us");
    lays_out(&home, "de");
    for caps in [&office, &home] {
        presses(caps, "66");
        types(&office, "38 +38 11 +11");
        let caps_here = std::ptr::eq(caps, &raw const office);
        entry.reads(if caps_here { "Aa2@" } else { "aA2@" });
        clears(&office, &entry, &LAYOUTS[0]);
        presses(caps, "66");
    }

    // A key that is held repeats there, until the window is left.
    types(&office, "38 38 38 38 38 38");
    entry.reads("aaaaaa");
    office.hand().hold("22");
    entry.reads("");
    assert!(!pressed(&home).is_empty(), "Backspace is held");
    let other = Canvas::show(&office, "Something else", (600, 500), pattern(40, 40));
    other.window(&office).activate();
    nothing_is_pressed(&home, "the window has lost the keyboard");
    office.hand().let_go("22");
    drop(other);
    control.window().activate();

    holds(&office, &home);
    server.kill();
    nothing_is_pressed(&home, "the link is lost");
    office.hand().let_go("114");
    server.start_again();
    control.controls();
    user.border_becomes(Border::Controlled);
    control.window().activate();

    holds(&office, &home);
    user.ends();
    nothing_is_pressed(&home, "the session has ended");
    office.hand().let_go("114");
}

/// Arrow right, down at both ends.
fn holds(office: &Desk, home: &Desk) {
    eventually("a key that is held", || {
        office.hand().let_go("114");
        office.hand().hold("114");
        beckon_tests::clock::within(std::time::Duration::from_secs(1), || {
            pressed(home).contains(&114).then_some(())
        })
    });
}

fn lays_out(desk: &Desk, layout: &str) {
    let (status, said) = desk.environment().run("setxkbmap", &[layout]);
    assert!(status.success(), "setxkbmap {layout}: {said}");
}

fn clears(office: &Desk, entry: &Entry<'_>, layout: &Layout) {
    let script = format!("keydown 37 key {} keyup 37 key 22", layout.a);
    does(office, &script);
    entry.reads("");
}

fn presses(desk: &Desk, key: &str) {
    does(desk, &format!("key {key}"));
}

fn types(desk: &Desk, keys: &str) {
    let script = keys.split_whitespace().fold(String::new(), |mut script, key| {
        let (held, key) = match key.split_at(1) {
            ("+", key) => (Some(50), key),
            ("^", key) => (Some(92), key),
            _ => (None, key),
        };
        let _ = match held {
            Some(held) => write!(script, "keydown {held} key {key} keyup {held} "),
            None => write!(script, "key {key} "),
        };
        script
    });
    does(desk, &script);
}

fn does(desk: &Desk, script: &str) {
    let words: Vec<&str> = script.split_whitespace().collect();
    let (status, said) = desk.environment().run("xdotool", &words);
    assert!(status.success(), "xdotool {script}: {said}");
}

/// The keys and buttons that the X server holds to be down.
fn pressed(desk: &Desk) -> Vec<u16> {
    const BUTTONS: u16 = 0x1F00;
    let (x, screen) = x11rb::connect(Some(desk.display())).expect("a desk has a display");
    let root = x11rb::connection::Connection::setup(&x).roots[screen].root;
    let keys = x.query_keymap().expect("X is there").reply().expect("X answers").keys;
    let pointer = x.query_pointer(root).expect("X is there").reply().expect("X answers");
    let keys = keys.iter().zip(0_u16..).flat_map(|(byte, at)| {
        (0..8_u16).filter(move |bit| byte & (1 << bit) != 0).map(move |bit| at * 8 + bit)
    });
    let buttons = Some(u16::from(pointer.mask) & BUTTONS).filter(|mask| *mask != 0);
    keys.chain(buttons).collect()
}

/// Waits until no key and no button is down on `desk`.
pub(super) fn nothing_is_pressed(desk: &Desk, when: &str) {
    let left = || pressed(desk).is_empty().then_some(());
    let free = beckon_tests::clock::within(beckon_tests::clock::PATIENCE, left);
    assert!(free.is_some(), "{when}: still pressed: {:?}", pressed(desk));
}
