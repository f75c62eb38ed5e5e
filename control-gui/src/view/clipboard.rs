//! The clipboard in the toolbar.

use std::time::Duration;

use beckon_desk::clipboard::Shares;
use beckon_desk::widgets;
use beckon_events::Action;
use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{Button, PopupCloseBehavior, Ui, vec2};

use crate::input::Input;
use crate::model::{Active, LineState, Model, Session, Tunnel};
use crate::text;

/// Asks for it, or lets the operator choose the directions.
pub(super) fn show(
    ui: &mut Ui,
    model: &Model,
    (session, active): (&Session, &Active),
    now: Duration,
    inputs: &mut Vec<Input>,
) {
    if session.granted(Action::Clipboard) {
        let button = Button::new(text::CLIPBOARD).min_size(vec2(0.0, beckon_desk::theme::TOUCH));
        let stays = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        MenuButton::from_button(button)
            .config(stays)
            .ui(ui, |ui| choices(ui, session, active, now, inputs));
    } else if active.extension == Some(Action::Clipboard) {
        widgets::muted(ui, text::ASKED_FOR_CLIPBOARD);
    } else if session.may_ask_for(Action::Clipboard) {
        let possible = model.line == LineState::Up && active.extension.is_none();
        if widgets::plain(ui, text::ASK_FOR_CLIPBOARD, possible).clicked() {
            inputs.push(Input::AskFor(Action::Clipboard));
        }
    }
}

fn choices(
    ui: &mut Ui,
    session: &Session,
    active: &Active,
    now: Duration,
    inputs: &mut Vec<Input>,
) {
    let possible = session.tunnel == Tunnel::Up && !active.paused;
    let Shares { mut sends, mut takes } = active.clipboard.wanted;
    ui.add_enabled_ui(possible, |ui| {
        let sent = ui.checkbox(&mut sends, text::SEND_COPIED);
        let got = ui.checkbox(&mut takes, text::GET_COPIED);
        if sent.changed() || got.changed() {
            inputs.push(Input::ShareClipboard(Shares { sends, takes }));
        }
    });
    let last = active.clipboard.last.map(|last| text::went(last, now));
    widgets::muted(ui, last.as_deref().unwrap_or(text::NOTHING_WENT));
}
