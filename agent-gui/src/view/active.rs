//! The small window while somebody helps.

use std::time::Duration;

use beckon_desk::theme::{Palette, space};
use beckon_desk::widgets::{self, Tone};
use beckon_events::{Action, ActionSet};
use egui::{Ui, Vec2, vec2};

use crate::input::User;
use crate::model::{Active, Channel, Extension, Now, Session};
use crate::text;

/// The size that holds everything, in points.
pub(super) fn size(session: &Session, active: &Active) -> Vec2 {
    let rows = u8::try_from(allowed(session).iter().count().max(1)).unwrap_or(u8::MAX);
    let banners = u8::from(session.notice.is_some())
        + u8::from(active.paused)
        + 3 * u8::from(active.extension.is_some())
        + u8::from(!is_connected(session));
    vec2(420.0, 152.0 + 40.0 * f32::from(rows) + 60.0 * f32::from(banners))
}

/// How soon the timer shows something else. It counts minutes: a window that is drawn each second
/// for hours takes more of a processor than all the rest, and each time goes over the line too.
pub(super) fn next_minute(active: &Active, now: Now) -> Duration {
    const MINUTE: Duration = Duration::from_mins(1);
    let gone = now.at.since(active.since).as_micros() % MINUTE.as_micros();
    MINUTE.saturating_sub(Duration::from_micros(u64::try_from(gone).unwrap_or(0)))
}

pub(super) fn draw(
    ui: &mut Ui,
    session: &Session,
    active: &Active,
    now: Now,
    done: &mut Vec<User>,
) {
    widgets::heading(ui, &text::helps(&active.who.name, &active.who.company));
    widgets::muted(ui, &text::for_so_long(now.at.since(active.since)));
    if !is_connected(session) {
        widgets::banner(ui, Tone::Warning, text::RECONNECTING);
    }
    if let Some(notice) = &session.notice {
        widgets::banner(ui, Tone::Plain, notice);
    }
    if active.paused {
        widgets::banner(ui, Tone::Warning, text::PAUSED);
    }
    if let Some(extension) = active.extension {
        ask_more(ui, session, active, extension, now, done);
    }
    let allowed = allowed(session);
    if allowed.is_empty() {
        widgets::body(ui, text::NOTHING_ALLOWED);
    }
    for action in allowed.iter() {
        row(ui, session, action, now, done);
    }
    ui.add_space(space::XS);
    widgets::buttons(ui, |ui| {
        let (words, does) = if active.paused {
            (text::CONTINUE, User::Continues)
        } else {
            (text::PAUSE, User::Pauses)
        };
        if widgets::plain(ui, words, true).clicked() {
            done.push(does);
        }
        if widgets::danger(ui, text::END_SESSION, true).clicked() {
            done.push(User::AsksToEnd);
        }
    });
}

/// One action: whether it is in use, and the click that takes it back.
fn row(ui: &mut Ui, session: &Session, action: Action, now: Now, done: &mut Vec<User>) {
    let used = session.in_use(action, now);
    let palette = Palette::of(ui);
    let color = match (used, action) {
        (false, _) => palette.muted,
        (true, Action::Control) => palette.bad,
        (true, _) => palette.accent,
    };
    ui.horizontal(|ui| {
        let words = match (used, action) {
            (true, Action::Clipboard) => text::shared_clipboard(session.clipboard(now)),
            (true, _) => text::in_use(action),
            (false, _) => text::ALLOWED,
        };
        if widgets::plain(ui, text::withdraw(action), true).clicked() {
            done.push(User::Withdraws(action));
        }
        widgets::coloured(ui, color, words);
    });
}

fn ask_more(
    ui: &mut Ui,
    session: &Session,
    active: &Active,
    extension: Extension,
    now: Now,
    done: &mut Vec<User>,
) {
    widgets::banner(ui, Tone::Warning, &text::asks_more(&active.who.name, extension.actions));
    widgets::buttons(ui, |ui| {
        let ready = extension.is_armed(now) && session.online;
        if widgets::primary(ui, text::ALLOW, ready).clicked() {
            done.push(User::Allows);
        }
        if widgets::plain(ui, text::REFUSE, true).clicked() {
            done.push(User::Refuses);
        }
    });
}

fn allowed(session: &Session) -> ActionSet {
    session.gate.grant().map_or(ActionSet::EMPTY, |grant| grant.actions)
}

fn is_connected(session: &Session) -> bool {
    session.online && matches!(session.channel, Channel::Open(_))
}
