//! What stands above and below the picture.

use std::time::Duration;

use beckon_desk::theme::{Palette, TOUCH, space};
use beckon_desk::widgets::{self, Tone};
use beckon_events::Action;
use egui::{Align, Button, ComboBox, Layout, Panel, Ui, vec2};

use crate::input::{Input, Wish};
use crate::model::{Active, Hands, LineState, Model, Scale, Session, Tunnel};
use crate::text;

pub(super) fn show(
    ui: &mut Ui,
    model: &Model,
    (session, active): (&Session, &Active),
    now: Duration,
    inputs: &mut Vec<Input>,
) {
    Panel::top("toolbar").show_separator_line(false).show(ui, |ui| {
        ui.add_space(space::XS);
        ui.horizontal_wrapped(|ui| {
            scale(ui, active, inputs);
            monitors(ui, active, inputs);
            state(ui, active);
            control(ui, model, (session, active), now, inputs);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if widgets::danger(ui, text::END, model.ending.is_none()).clicked() {
                    inputs.push(Input::Close(Wish::End));
                }
            });
        });
        banners(ui, model, (session, active), now);
        ui.add_space(space::XS);
    });
}

pub(super) fn status(ui: &mut Ui, session: &Session, active: &Active, now: Duration) {
    Panel::bottom("status").show_separator_line(false).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            if session.tunnel == Tunnel::Up {
                widgets::muted(ui, text::ENCRYPTED).on_hover_text(text::ENCRYPTED_HOVER);
            } else {
                widgets::muted(ui, text::NOT_ENCRYPTED);
            }
            if let Some(latency) = active.latency {
                widgets::muted(ui, &text::latency(latency)).on_hover_text(text::LATENCY_HOVER);
            }
            if let Some(pictured_at) = active.pictured_at {
                let age = text::picture_age(now.saturating_sub(pictured_at));
                widgets::muted(ui, &age).on_hover_text(text::PICTURE_AGE_HOVER);
            }
            widgets::muted(ui, &text::device(&session.door.device));
        });
    });
}

fn scale(ui: &mut Ui, active: &Active, inputs: &mut Vec<Input>) {
    for (scale, name) in [(Scale::Fit, text::FIT), (Scale::Exact, text::EXACT)] {
        let button = Button::selectable(active.scale == scale, name);
        if ui.add(button.min_size(vec2(0.0, TOUCH))).clicked() {
            inputs.push(Input::Show(scale));
        }
    }
}

fn monitors(ui: &mut Ui, active: &Active, inputs: &mut Vec<Input>) {
    if active.monitors.len() < 2 {
        return;
    }
    let name = |(index, monitor)| text::monitor(index, monitor);
    let label = widgets::body(ui, text::MONITOR);
    let shown = active.monitors.iter().enumerate().find(|(_, m)| Some(m.id) == active.monitor);
    let list = ComboBox::from_id_salt("monitors")
        .selected_text(shown.map_or_else(String::new, name))
        .show_ui(ui, |ui| {
            for (index, monitor) in active.monitors.iter().enumerate() {
                let chosen = Some(monitor.id) == active.monitor;
                if ui.selectable_label(chosen, name((index, monitor))).clicked() {
                    inputs.push(Input::SelectMonitor(monitor.id));
                }
            }
        });
    list.response.labelled_by(label.id);
}

fn state(ui: &mut Ui, active: &Active) {
    let palette = Palette::of(ui);
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
            if widgets::plain(ui, text::STOP_CONTROL, true).clicked() {
                inputs.push(Input::StopControl);
            }
        }
        Hands::Countdown { until } => {
            widgets::body(ui, &text::control_in(until.saturating_sub(now)));
            if widgets::plain(ui, text::STOP, true).clicked() {
                inputs.push(Input::StopControl);
            }
        }
        Hands::Off if session.granted(Action::Control) => {
            if widgets::plain(ui, text::TAKE_CONTROL, up && !active.paused).clicked() {
                inputs.push(Input::TakeControl);
            }
        }
        Hands::Off if active.extension == Some(Action::Control) => {
            widgets::muted(ui, text::ASKED_FOR_CONTROL);
        }
        Hands::Off if session.may_ask_for(Action::Control) => {
            let possible = model.line == LineState::Up && active.extension.is_none();
            if widgets::plain(ui, text::ASK_FOR_CONTROL, possible).clicked() {
                inputs.push(Input::AskFor(Action::Control));
            }
        }
        Hands::Off => {}
    }
}

fn banners(ui: &mut Ui, model: &Model, (session, active): (&Session, &Active), now: Duration) {
    if model.ending.is_some() {
        widgets::banner(ui, Tone::Plain, text::ENDING);
    }
    if let LineState::Down { why, again_at } = &model.line {
        let again_in = again_at.saturating_sub(now);
        widgets::banner(ui, Tone::Warning, &text::line_down(why, again_in));
    } else if session.agent_lost {
        widgets::banner(ui, Tone::Warning, text::RECONNECTING_AGENT);
    } else if session.tunnel != Tunnel::Up {
        widgets::banner(ui, Tone::Warning, text::RECONNECTING);
    }
    if active.paused {
        widgets::banner(ui, Tone::Warning, text::PAUSED);
    }
    if model.owes_proof() && model.line == LineState::Up {
        widgets::banner(ui, Tone::Plain, text::CHECKING_LOG);
    }
    if let Some((notice, _)) = &active.notice {
        widgets::banner(ui, Tone::Plain, &text::notice(notice));
    }
}
