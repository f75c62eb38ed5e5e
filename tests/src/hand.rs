//! A hand: the pointer and the keyboard of one person, moved as a person would.

use crate::process::Environment;
use crate::shot::Place;

/// Moves the real pointer and presses the real keys of a desk.
#[derive(Debug, Clone, Copy)]
pub struct Hand<'d> {
    environment: &'d Environment,
}

/// A button of the pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    /// The one under the index finger.
    Left,
    /// The wheel, pressed.
    Middle,
    /// The one that opens menus.
    Right,
}

/// A way to turn the wheel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Towards the top of what is read.
    Up,
    /// Towards its end.
    Down,
}

impl<'d> Hand<'d> {
    pub(crate) fn new(environment: &'d Environment) -> Self {
        Self { environment }
    }

    /// Moves the pointer to a point of the desk.
    pub fn point_at(self, (x, y): (i32, i32)) {
        self.do_it(&["mousemove", "--sync", &x.to_string(), &y.to_string()]);
    }

    /// Moves there and clicks with the left button.
    pub fn click(self, at: (i32, i32)) {
        self.click_with(Button::Left, at);
    }

    /// Moves there and clicks with a button.
    pub fn click_with(self, button: Button, (x, y): (i32, i32)) {
        let (x, y, button) = (x.to_string(), y.to_string(), button.number());
        // A person's press lasts: a window that is drawn once a frame must see both edges.
        self.do_it(&[
            "mousemove",
            &x,
            &y,
            "sleep",
            "0.06",
            "mousedown",
            button,
            "sleep",
            "0.04",
            "mouseup",
            button,
        ]);
    }

    /// Presses the left button at one point, moves to another and lets go.
    pub fn drag(self, from: (i32, i32), to: (i32, i32)) {
        let (a, b, c, d) =
            (from.0.to_string(), from.1.to_string(), to.0.to_string(), to.1.to_string());
        self.do_it(&[
            "mousemove",
            &a,
            &b,
            "sleep",
            "0.06",
            "mousedown",
            "1",
            "sleep",
            "0.06",
            "mousemove",
            &c,
            &d,
            "sleep",
            "0.06",
            "mouseup",
            "1",
        ]);
    }

    /// Turns the wheel by `notches` where the pointer is.
    pub fn turn_wheel(self, turn: Turn, notches: u32) {
        let button = if turn == Turn::Up { "4" } else { "5" };
        self.do_it(&["click", "--repeat", &notches.to_string(), "--delay", "30", button]);
    }

    /// Types text into whatever has the keyboard. Characters that the keyboard does not have must
    /// have been taught to it before the window was opened, see [`Self::teach_keyboard`].
    pub fn write(self, text: &str) {
        self.do_it(&["type", "--delay", "25", "--", text]);
    }

    /// Presses and releases keys by name, such as `Return`, `ctrl+a`, `F5`.
    pub fn press(self, keys: &[&str]) {
        self.do_it(&[&["key", "--delay", "25", "--"], keys].concat());
    }

    /// Presses a key and keeps it down.
    pub fn hold(self, key: &str) {
        self.do_it(&["keydown", "--", key]);
    }

    /// Lets go of a key.
    pub fn let_go(self, key: &str) {
        self.do_it(&["keyup", "--", key]);
    }

    /// Puts characters on keys that this keyboard does not use, as if it had been bought so.
    /// Otherwise each character would change the layout while it is typed, and windows that hear
    /// of it too late would show another one.
    pub fn teach_keyboard(self, characters: &str) {
        const FIRST_SPARE: usize = 200;
        const SPARE: usize = 30;
        let mut taught: Vec<char> =
            characters.chars().filter(|letter| !letter.is_ascii()).collect();
        taught.sort_unstable();
        taught.dedup();
        assert!(taught.len() <= SPARE, "at most {SPARE} characters can be taught");
        for (key, letter) in (FIRST_SPARE..).zip(taught) {
            let code = u32::from(letter);
            let rule = format!("keycode {key} = U{code:04X} U{code:04X}");
            let (status, said) = self.environment.run("xmodmap", &["-e", &rule]);
            assert!(status.success(), "the keyboard did not learn {letter}: {said}");
        }
    }

    /// Puts the pointer into a corner where it hovers over nothing of `place`.
    pub fn rest_away_from(self, place: Place) {
        let corner = if place.contains((1, 1)) { (i32::MAX / 4, i32::MAX / 4) } else { (1, 1) };
        self.do_it(&["mousemove", &corner.0.to_string(), &corner.1.to_string()]);
    }

    fn do_it(self, arguments: &[&str]) {
        let (status, said) = self.environment.run("xdotool", arguments);
        assert!(status.success(), "xdotool {arguments:?}: {said}");
    }
}

impl Button {
    fn number(self) -> &'static str {
        match self {
            Self::Left => "1",
            Self::Middle => "2",
            Self::Right => "3",
        }
    }
}
