//! Control as it stands on an operator's desk.

use crate::clock::{PATIENCE, within};
use crate::desk::Desk;
use crate::process::Process;
use crate::programs::Programs;
use crate::shot::Shot;
use crate::widget::Role;
use crate::window::Window;

/// The window of Control. The browser opened it, so it belongs to the desk and ends with it.
#[derive(Clone, Copy)]
pub struct Control<'d> {
    desk: &'d Desk,
}

impl<'d> Control<'d> {
    /// The one on this desk, awaited.
    pub fn on(desk: &'d Desk) -> Self {
        let control = Self { desk };
        control.window();
        control
    }

    /// Starts it with a link, without a browser. Where one runs already, the link is passed on to
    /// it and the process ends.
    pub fn starts(desk: &'d Desk, link: &str) -> (Self, Process) {
        let program = Programs::built().path("beckon-control");
        let process = desk.start("control", program, &[link]);
        (Self::on(desk), process)
    }

    /// Its window.
    pub fn window(self) -> Window<'d> {
        self.desk.window_titled("Beckon Control")
    }

    /// Presses Trust when it asks about a portal that it does not know.
    pub fn trusts_portal(self) {
        let window = self.window();
        // The program has a name before its window shows anything: every page has a button.
        let first = within(PATIENCE, || {
            let widgets = window.widgets();
            let has = |name: &str| widgets.iter().any(|widget| widget.name == name);
            let drawn = widgets.iter().any(|widget| widget.role == Role::Button);
            drawn.then(|| has("Trust this portal?"))
        });
        match first {
            Some(true) => window.click("Trust"),
            Some(false) => {}
            None => window.fail("the window stays empty"),
        }
    }

    /// Presses `1:1`: a pixel there is a pixel here.
    pub fn shows_exactly(self) {
        self.window().click("1:1");
    }

    /// Waits until mouse and keyboard are the operator's.
    pub fn controls(self) {
        self.window().sees("Control is active");
    }

    /// Waits until `picture` is in the window bit for bit, and returns where on the desk.
    pub fn shows(self, picture: &Shot) -> (i32, i32) {
        let find = || {
            let (x, y) = self.desk.picture().find(picture)?;
            Some((i32::try_from(x).ok()?, i32::try_from(y).ok()?))
        };
        let found = within(PATIENCE, find)
            .unwrap_or_else(|| self.window().fail("the other screen is not shown bit for bit"));
        if !self.window().place().contains(found) {
            self.window().fail("the picture is beside the window");
        }
        found
    }

    /// Presses End, and End session in the question.
    pub fn ends(self) {
        self.window().click("End");
        self.window().click("End session");
    }

    /// Presses End, and Leave in the question.
    pub fn leaves(self) {
        self.window().click("End");
        self.window().click("Leave");
    }
}
