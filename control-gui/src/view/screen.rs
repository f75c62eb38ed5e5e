//! The picture, and what is done over it.

use beckon_desk::theme::Palette;
use beckon_desk::widgets;
use beckon_events::Action;
use beckon_peer::InputEvent;
use egui::style::{ScrollFadeStyle, ScrollStyle};
use egui::{
    CentralPanel, Color32, Event, EventFilter, Frame, Response, Role, ScrollArea, Sense, Stroke,
    StrokeKind, Ui, Vec2, WidgetInfo, pos2, scroll_area::ScrollSource, vec2,
};

use super::Panes;
use crate::input::Input;
use crate::keys::Keys;
use crate::model::{Active, Model, Scale};
use crate::pointer::Placement;
use crate::text;

pub(super) fn show(
    ui: &mut Ui,
    model: &Model,
    active: &Active,
    panes: &mut Panes,
    inputs: &mut Vec<Input>,
) {
    let frame = Frame::new().fill(Palette::of(ui).surface);
    CentralPanel::default().frame(frame).show(ui, |ui| {
        let sending = model.sends_input() && model.question.is_none();
        match panes.canvas.size() {
            Some(size) => {
                let (response, placement) = picture(ui, active, size, panes, sending);
                let placement =
                    Placement { monitor: active.monitor.unwrap_or_default(), ..placement };
                let begins = sending && !panes.sending;
                done(ui, &response, &placement, sending, begins, panes, inputs);
            }
            None => nothing_yet(ui, model),
        }
        // The keyboard becomes the picture's once there is one.
        panes.sending = sending && panes.canvas.size().is_some();
    });
}

fn nothing_yet(ui: &mut Ui, model: &Model) {
    let granted = model.active().is_some_and(|(session, _)| session.granted(Action::View));
    ui.centered_and_justified(|ui| {
        widgets::body(ui, if granted { text::NO_PICTURE_YET } else { text::VIEW_IS_OFF });
    });
}

/// Draws the picture and says where it is.
fn picture(
    ui: &mut Ui,
    active: &Active,
    size: [u32; 2],
    panes: &Panes,
    sending: bool,
) -> (Response, Placement) {
    let pixel = 1.0 / ui.ctx().pixels_per_point();
    let pixels = vec2(size[0] as f32, size[1] as f32);
    match active.scale {
        Scale::Fit => {
            let space = ui.available_size();
            let scale = (space / pixels).min_elem().min(pixel);
            draw(ui, active, size, space, scale, panes)
        }
        Scale::Exact => {
            // Nothing lies over the picture: no bars, no fading edges.
            ui.spacing_mut().scroll = ScrollStyle {
                fade: ScrollFadeStyle { strength: 0.0, ..ScrollFadeStyle::default() },
                ..ScrollStyle::solid()
            };
            // The wheel belongs to the other computer while it is controlled.
            let source = if sending { ScrollSource::SCROLL_BAR } else { ScrollSource::ALL };
            ScrollArea::both()
                .auto_shrink(false)
                .scroll_source(source)
                .show(ui, |ui| {
                    let space = ui.available_size().max(pixels * pixel);
                    draw(ui, active, size, space, pixel, panes)
                })
                .inner
        }
    }
}

fn draw(
    ui: &mut Ui,
    active: &Active,
    size: [u32; 2],
    space: Vec2,
    scale: f32,
    panes: &Panes,
) -> (Response, Placement) {
    let (place, response) = ui.allocate_exact_size(space, Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, text::PICTURE));
    let drawn = vec2(size[0] as f32, size[1] as f32) * scale;
    let corner = place.min + ((space - drawn) / 2.0).max(Vec2::ZERO);
    // On the grid of this screen's pixels, or 1:1 would not be exact.
    let grid = ui.ctx().pixels_per_point();
    let corner = pos2((corner.x * grid).round() / grid, (corner.y * grid).round() / grid);
    let rect = egui::Rect::from_min_size(corner, drawn);
    let painter = ui.painter();
    panes.canvas.paint(painter, corner, scale);
    if !active.viewing || active.paused {
        painter.rect_filled(rect, 0, Color32::from_black_alpha(128));
    }
    if panes.focused {
        let ring = Stroke::new(2.0, Palette::of(ui).accent);
        painter.rect_stroke(rect, 0, ring, StrokeKind::Outside);
    }
    (response, Placement { monitor: 0, size, rect })
}

/// Sends what is done over the picture, while it is the operator's to do.
fn done(
    ui: &Ui,
    response: &Response,
    placement: &Placement,
    sending: bool,
    begins: bool,
    panes: &mut Panes,
    inputs: &mut Vec<Input>,
) {
    let over = sending && response.contains_pointer();
    let events = ui.input(|input| input.events.clone());
    let pressed = |event: &Event| matches!(event, Event::PointerButton { pressed: true, .. });
    if begins || (over && events.iter().any(pressed)) {
        response.request_focus();
    }
    let focused = sending && response.has_focus() && ui.input(|input| input.focused);
    if focused {
        let all =
            EventFilter { tab: true, horizontal_arrows: true, vertical_arrows: true, escape: true };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, all));
    }
    let mut did = Vec::new();
    for event in &events {
        let event = std::slice::from_ref(event);
        if over || panes.pointer.is_dragging() {
            did.extend(panes.pointer.moved(event, placement));
        }
        if focused {
            did.extend(panes.keys.typed(event));
        }
    }
    if panes.focused && !focused {
        panes.keys.release();
        panes.pointer.release();
        did.push(InputEvent::ReleaseAll);
    }
    panes.focused = focused;
    if sending {
        inputs.extend(only_last_moves(did).into_iter().map(Input::Did));
    }
}

/// Of several moves in a row only the last is of interest.
fn only_last_moves(did: Vec<InputEvent>) -> Vec<InputEvent> {
    let mut out: Vec<InputEvent> = Vec::with_capacity(did.len());
    for event in did {
        match (out.last_mut(), event) {
            (Some(last @ InputEvent::PointerMove(_)), event @ InputEvent::PointerMove(_)) => {
                *last = event;
            }
            (_, event) => out.push(event),
        }
    }
    out
}
