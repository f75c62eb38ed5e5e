//! An entry: the end user's own application with one line to write in.

use crate::clock::{PATIENCE, eventually, within};
use crate::desk::Desk;
use crate::process::Process;
use crate::shot::Place;
use crate::widget::{Role, Widget};
use crate::window::Window;

/// A real GTK dialog of somebody else's program, with a field, OK and Cancel.
pub struct Entry<'d> {
    desk: &'d Desk,
    process: Process,
    title: String,
}

impl<'d> Entry<'d> {
    /// Opens it and waits until it can be written in.
    pub fn open(desk: &'d Desk, title: &str) -> Self {
        let arguments = ["--entry", "--title", title, "--text", "Write here", "--width", "360"];
        let process = desk.start("entry", "zenity", &arguments);
        let entry = Self { desk, process, title: title.to_owned() };
        entry.field();
        entry
    }

    /// Its window.
    pub fn window(&self) -> Window<'d> {
        self.desk.window_titled(&self.title)
    }

    /// What is written in it now.
    pub fn text(&self) -> String {
        self.field().text.unwrap_or_default()
    }

    /// Waits until exactly this is written in it.
    pub fn reads(&self, text: &str) {
        if within(PATIENCE, || (self.text() == text).then_some(())).is_none() {
            self.window().fail(&format!("“{}” is written instead of “{text}”", self.text()));
        }
    }

    /// Where its field is on the desk.
    pub fn place(&self) -> Place {
        let place = || self.field().place.filter(|place| place.area() > 0);
        eventually("a place of the field", place)
    }

    /// Waits until its field has the keyboard.
    pub fn has_keyboard(&self) {
        if within(PATIENCE, || self.field().is_focused().then_some(())).is_none() {
            self.window().fail("the field does not have the keyboard");
        }
    }

    /// Clicks into the field, so that it has the keyboard.
    pub fn take_keyboard(&self) {
        self.window().click_on(&self.field());
    }

    /// Waits until somebody presses OK, and returns what the program then has.
    pub fn finished(mut self) -> String {
        self.process.ends();
        let words = self.process.words();
        words.lines().last().unwrap_or_default().to_owned()
    }

    fn field(&self) -> Widget {
        let window = self.window();
        let field = || window.widgets().into_iter().find(|widget| widget.role == Role::Field);
        within(PATIENCE, field).unwrap_or_else(|| window.fail("there is nothing to write in"))
    }
}
