//! A window of a Windows program: read with the eyes, used with the hand.

use std::path::PathBuf;
use std::time::Duration;

use crate::clock::{PATIENCE, within};
use crate::desk::Desk;
use crate::eyes::Reading;
use crate::shot::{Place, Shot};
use crate::window::Window;

/// Reading takes longer than asking.
const LONGER: Duration = Duration::from_secs(40);

/// The window whose title ends like this. Everything that asks waits as long as a person would and then
/// panics with what is to be read instead.
#[derive(Clone, Copy)]
pub struct Pane<'d> {
    desk: &'d Desk,
    title: &'static str,
}

impl<'d> Pane<'d> {
    /// The one on this desk, awaited.
    pub fn titled(desk: &'d Desk, title: &'static str) -> Self {
        let pane = Self { desk, title };
        pane.window();
        pane
    }

    /// Its window.
    pub fn window(self) -> Window<'d> {
        let is_it = |window: &Window<'_>| window.title().ends_with(self.title) && window.is_open();
        within(PATIENCE, || self.desk.windows().into_iter().find(is_it)).unwrap_or_else(|| {
            let titles: Vec<_> = self.desk.windows().iter().map(Window::title).collect();
            let picture = self.desk.shot("no-window");
            panic!("no window “{}” but {titles:?}: {}", self.title, picture.display())
        })
    }

    /// The part of it that is on the screen, and where that is.
    pub fn picture(self) -> (Shot, Place) {
        let (place, desk) = (self.window().place(), self.desk.picture());
        let far = |at: i32, length: u32, most: u32| {
            at.saturating_add_unsigned(length).clamp(0, most.cast_signed())
        };
        let (x, y) = (place.x.max(0), place.y.max(0));
        let right = far(place.x, place.width, desk.width());
        let bottom = far(place.y, place.height, desk.height());
        let (width, height) = ((right - x).unsigned_abs(), (bottom - y).unsigned_abs());
        let seen = Place { x, y, width, height };
        (desk.part(seen), seen)
    }

    /// What is to be read in it now.
    pub fn reading(self) -> Reading {
        Reading::of(&self.picture().0)
    }

    /// Waits until these words are to be read in it.
    pub fn sees(self, words: &str) {
        if within(LONGER, || self.reading().shows(words).then_some(())).is_none() {
            self.fail(&format!("“{words}” is not to be read"));
        }
    }

    /// Clicks on the words that stand for themselves, as on a button, once they are there.
    pub fn click(self, words: &str) {
        let found = within(LONGER, || {
            let (picture, seen) = self.picture();
            let (x, y) = Reading::of(&picture).alone(words)?.middle();
            // What still moves is not clicked.
            (self.picture().1 == seen).then_some((seen.x + x, seen.y + y))
        });
        let at = found.unwrap_or_else(|| self.fail(&format!("nothing is called “{words}”")));
        self.window().activate();
        self.desk.hand().click(at);
    }

    /// Clicks these words until others are to be read: a button may not be ready yet.
    pub fn clicks_until(self, words: &str, others: &str) {
        let mut click = || {
            let (picture, seen) = self.picture();
            let reading = Reading::of(&picture);
            if reading.shows(others) {
                return Some(());
            }
            if let Some((x, y)) = reading.alone(words).map(Place::middle) {
                self.window().activate();
                self.desk.hand().click((seen.x + x, seen.y + y));
            }
            None
        };
        if within(LONGER, &mut click).is_none() {
            self.fail(&format!("“{words}” was clicked and “{others}” did not come"));
        }
    }

    /// Keeps it as `target/shots/<name>.png` and says where.
    pub fn shot(self, name: &str) -> PathBuf {
        self.picture().0.keep(name)
    }

    /// Fails the scenario with a sentence, what is to be read and a picture of the desk.
    pub fn fail(self, sentence: &str) -> ! {
        let picture = self.desk.shot(&format!("failed-{}", self.desk.name()));
        let text = self.reading().text();
        let picture = picture.display();
        panic!("{sentence} in “{}”\npicture: {picture}\nit shows: {text}", self.title);
    }
}
