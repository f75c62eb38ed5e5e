//! What stands above and below the picture.

use std::time::Duration;

use beckon_desk::theme::{Palette, TOUCH, space};
use beckon_desk::widgets;
use beckon_events::Action;
use egui::{Align, Color32, Layout, Panel, TextStyle, TextWrapMode, Ui, vec2};

use super::{Panes, banners, clipboard, monitors, special_keys, status, zoom};
use crate::input::{Input, Wish};
use crate::keys::Keys;
use crate::model::{Active, Hands, LineState, Model, Session, Tunnel};
use crate::text;

/// The least width of a button, in points.
const LEAST: f32 = 96.0;

/// Above and below the picture.
pub(super) fn show(
    ui: &mut Ui,
    model: &Model,
    both: (&Session, &Active),
    now: Duration,
    panes: &mut Panes,
    inputs: &mut Vec<Input>,
) {
    Panel::top("toolbar").show_separator_line(false).show(ui, |ui| {
        ui.add_space(space::XS);
        row(ui, model, both, now, panes, inputs);
        banners::show(ui, model, both, now);
        ui.add_space(space::XS);
    });
    Panel::bottom("status").show_separator_line(false).show(ui, |ui| {
        status::show(ui, both.0, both.1, now);
    });
}

/// Over the picture on the whole screen.
pub(super) fn over_picture(
    ui: &Ui,
    model: &Model,
    both: (&Session, &Active),
    now: Duration,
    panes: &mut Panes,
    inputs: &mut Vec<Input>,
) {
    let mut full_screen = std::mem::take(&mut panes.full_screen);
    let sends_all = panes.keys.sends_all();
    let hover = if sends_all { text::SHOW_TOOLBAR_ONLY } else { text::SHOW_TOOLBAR_HOVER };
    full_screen.show(ui, hover, |ui| {
        ui.add_space(space::XS);
        row(ui, model, both, now, panes, inputs);
        status::show(ui, both.0, both.1, now);
        ui.add_space(space::XS);
    });
    let sends_all = panes.keys.sends_all();
    if sends_all || !banners::all(model, both, now).is_empty() {
        full_screen.banners(ui, |ui| {
            if sends_all {
                banners::reminder(ui, text::SENDS_ALL_KEYS);
            }
            banners::show(ui, model, both, now);
        });
    }
    full_screen.toggled |= panes.full_screen.toggled;
    panes.full_screen = full_screen;
}

fn row(
    ui: &mut Ui,
    model: &Model,
    (session, active): (&Session, &Active),
    now: Duration,
    panes: &mut Panes,
    inputs: &mut Vec<Input>,
) {
    ui.horizontal_top(|ui| {
        // End is always in the same corner, however many rows the rest needs.
        let left = vec2(ui.available_width() - LEAST - space::S, TOUCH);
        let wrapped = Layout::left_to_right(Align::Center).with_main_wrap(true);
        ui.allocate_ui_with_layout(left, wrapped, |ui| {
            ui.set_min_width(left.x);
            ui.style_mut().wrap_mode = Some(TextWrapMode::Extend);
            ui.spacing_mut().button_padding.x = space::M;
            // Everything in a row is as high as a button, so that it stands on one line.
            ui.spacing_mut().interact_size.y = TOUCH;
            ui.horizontal(|ui| zoom::buttons(ui, active.scale, &panes.zoom, inputs));
            monitors::show(ui, active, inputs);
            state(ui, active);
            control(ui, model, (session, active), now, inputs);
            clipboard::show(ui, model, (session, active), now, inputs);
            special_keys::show(ui, model, panes, inputs);
            full_screen(ui, panes);
        });
        let middle = Layout::left_to_right(Align::Center);
        ui.allocate_ui_with_layout(vec2(LEAST, TOUCH), middle, |ui| {
            if widgets::danger(ui, text::END, model.ending.is_none()).clicked() {
                inputs.push(Input::Close(Wish::End));
            }
        });
    });
}

/// Goes on in the next row where a button that says `name` does not fit into this one.
pub(super) fn room_for(ui: &mut Ui, name: &str) {
    let font = TextStyle::Button.resolve(ui.style());
    let name = ui.painter().layout_no_wrap(name.to_owned(), font, Color32::PLACEHOLDER);
    let width = name.size().x + 2.0 * ui.spacing().button_padding.x;
    if ui.available_size_before_wrap().x < width.max(LEAST) {
        ui.end_row();
    }
}

fn full_screen(ui: &mut Ui, panes: &mut Panes) {
    let name = if panes.on_whole_screen { text::LEAVE_FULL_SCREEN } else { text::FULL_SCREEN };
    room_for(ui, name);
    let hover = if panes.keys.sends_all() { text::SENDS_ALL_KEYS } else { text::FULL_SCREEN_KEYS };
    if widgets::plain(ui, name, true).on_hover_text(hover).clicked() {
        panes.full_screen.toggled = true;
    }
}

fn state(ui: &mut Ui, active: &Active) {
    let palette = Palette::of(ui);
    room_for(ui, text::CONTROLLING);
    match (active.paused, active.hands, active.viewing) {
        (false, Hands::On, _) => widgets::coloured(ui, palette.bad, text::CONTROLLING),
        (false, _, true) => widgets::coloured(ui, palette.text, text::VIEWING),
        (true, ..) | (_, _, false) => widgets::coloured(ui, palette.muted, text::NOT_VIEWING),
    };
}

fn control(
    ui: &mut Ui,
    model: &Model,
    (session, active): (&Session, &Active),
    now: Duration,
    inputs: &mut Vec<Input>,
) {
    let up = session.tunnel == Tunnel::Up;
    match active.hands {
        Hands::On => {
            room_for(ui, text::STOP_CONTROL);
            if widgets::plain(ui, text::STOP_CONTROL, true).clicked() {
                inputs.push(Input::StopControl);
            }
        }
        Hands::Countdown { until } => {
            widgets::body(ui, &text::control_in(until.saturating_sub(now)));
            room_for(ui, text::STOP);
            if widgets::plain(ui, text::STOP, true).clicked() {
                inputs.push(Input::StopControl);
            }
        }
        Hands::Off if session.granted(Action::Control) => {
            room_for(ui, text::TAKE_CONTROL);
            if widgets::plain(ui, text::TAKE_CONTROL, up && !active.paused).clicked() {
                inputs.push(Input::TakeControl);
            }
        }
        Hands::Off if active.extension == Some(Action::Control) => {
            widgets::muted(ui, text::ASKED_FOR_CONTROL);
        }
        Hands::Off if session.may_ask_for(Action::Control) => {
            let possible = model.line == LineState::Up && active.extension.is_none();
            room_for(ui, text::ASK_FOR_CONTROL);
            if widgets::plain(ui, text::ASK_FOR_CONTROL, possible).clicked() {
                inputs.push(Input::AskFor(Action::Control));
            }
        }
        Hands::Off => {}
    }
}
