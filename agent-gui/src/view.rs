//! Draws the model and gathers what the user does. Changes nothing.

mod active;
mod entry;
mod over;
mod request;
#[cfg(test)]
mod tests;
mod waiting;

use std::time::Duration;

use beckon_desk::theme::Palette;
use beckon_desk::widgets;
use egui::{Event, Key, Ui, Vec2, vec2};

use crate::input::User;
use crate::model::{Model, Now, Phase, Session, Stage};
use crate::text;

/// The shape of the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// Its size in points.
    pub size: Vec2,
    /// Whether it stays on top of others.
    pub on_top: bool,
}

/// The shape that fits what is shown.
pub fn shape(model: &Model) -> Shape {
    const PAGE: Vec2 = vec2(420.0, 560.0);
    match &model.stage {
        Stage::Session(session) => match &session.phase {
            Phase::Active(active) if !session.asks_end => {
                Shape { size: active::size(session, active), on_top: true }
            }
            Phase::Ready | Phase::Recording(_) => Shape { size: PAGE, on_top: false },
            Phase::Asked(_) | Phase::Active(_) => Shape { size: PAGE, on_top: true },
        },
        Stage::Entry(_) | Stage::Over(_) | Stage::Gone => Shape { size: PAGE, on_top: false },
    }
}

/// How soon what is shown changes with time alone.
pub fn next_change(model: &Model, now: Now) -> Option<Duration> {
    const CLOCK: Duration = Duration::from_millis(500);
    const QUESTION: Duration = Duration::from_millis(100);
    match &model.stage {
        Stage::Entry(entry) => entry.wait(now).map(|_| CLOCK),
        Stage::Session(session) => match &session.phase {
            Phase::Ready => None,
            Phase::Active(active) if !session.has_dialog() => {
                Some(active::next_minute(active, model.by_server(now)))
            }
            Phase::Asked(_) | Phase::Recording(_) | Phase::Active(_) => Some(QUESTION),
        },
        Stage::Over(_) | Stage::Gone => None,
    }
}

/// Draws the window.
pub fn draw(ui: &mut Ui, model: &Model, now: Now) -> Vec<User> {
    let (mut done, now) = (Vec::new(), model.by_server(now));
    match &model.stage {
        Stage::Entry(page) => widgets::page(ui, |ui| entry::draw(ui, page, now, &mut done)),
        Stage::Session(session) => draw_session(ui, session, now, &mut done),
        Stage::Over(page) => widgets::page(ui, |ui| over::draw(ui, page, model.zone, &mut done)),
        Stage::Gone => {}
    }
    done
}

fn draw_session(ui: &mut Ui, session: &Session, now: Now, done: &mut Vec<User>) {
    if session.has_dialog() {
        ignore_held_keys(ui);
    }
    match &session.phase {
        Phase::Active(active) => {
            widgets::page(ui, |ui| active::draw(ui, session, active, now, done));
        }
        Phase::Asked(asked) if asked.dialog.is_some() => {
            widgets::page(ui, |ui| request::draw(ui, session, asked, now, done));
        }
        Phase::Ready | Phase::Asked(_) | Phase::Recording(_) => {
            widgets::page(ui, |ui| waiting::draw(ui, session, done));
        }
    }
    if session.asks_end {
        widgets::dialog(ui.ctx(), "end", |ui| ask_to_end(ui, done));
    }
}

fn ask_to_end(ui: &mut Ui, done: &mut Vec<User>) {
    widgets::heading(ui, text::END_QUESTION);
    widgets::body(ui, text::END_MEANS);
    widgets::buttons(ui, |ui| {
        if widgets::danger(ui, text::END, true).clicked() {
            done.push(User::Ends);
        }
        if widgets::plain(ui, text::CANCEL, true).clicked() {
            done.push(User::Stays);
        }
    });
}

/// The button that is always there.
fn end_session(ui: &mut Ui, done: &mut Vec<User>) {
    widgets::buttons(ui, |ui| {
        if widgets::danger(ui, text::END_SESSION, true).clicked() {
            done.push(User::AsksToEnd);
        }
    });
}

/// A key that is held down since before a question came up does not answer it.
fn ignore_held_keys(ui: &Ui) {
    ui.ctx().input_mut(|input| {
        input.events.retain(|event| {
            !matches!(event, Event::Key { key: Key::Enter | Key::Space, repeat: true, .. })
        });
    });
}

/// A green tick: no font is asked for it.
fn tick(ui: &mut Ui) {
    let color = Palette::of(ui).good;
    let (rect, _) = ui.allocate_exact_size(vec2(24.0, 24.0), egui::Sense::empty());
    let at = |x: f32, y: f32| rect.min + vec2(x, y);
    let stroke = egui::Stroke::new(3.0, color);
    ui.painter().line(vec![at(4.0, 13.0), at(10.0, 19.0), at(20.0, 6.0)], stroke);
}
