//! The picture, and what is done over it.

use beckon_desk::theme::Palette;
use beckon_desk::widgets;
use beckon_events::Action;
use beckon_peer::InputEvent;
use egui::style::{KineticScrollStyle, ScrollFadeStyle, ScrollStyle};
use egui::{
    CentralPanel, Color32, Frame, Rect, Response, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui,
    Vec2, WidgetInfo, pos2, scroll_area::ScrollSource, vec2,
};

use super::zoom::{Drawn, Zoom};
use super::{Panes, cursor, touch};
use crate::input::Input;
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
                let (response, placement, pushed) = picture(ui, active, size, panes, sending);
                let seen = response.interact_rect;
                let placement =
                    Placement { monitor: active.monitor.unwrap_or_default(), ..placement };
                let begins = sending && !panes.sending;
                touch::done(ui, &response, &placement, (sending, begins), panes, inputs);
                let at = ui.input(|input| input.pointer.latest_pos());
                if let Some(at) = at.filter(|_| pushed) {
                    // Another pixel is under the pointer now.
                    inputs.push(Input::Did(InputEvent::PointerMove(placement.pixel(at))));
                    ui.ctx().request_repaint();
                }
                if !sending && response.contains_pointer() {
                    let turned = panes.zoom.turned(ui.input(egui::InputState::zoom_delta));
                    inputs.extend(turned.map(Input::Show));
                }
                let place = (&placement, seen);
                cursor::show(ui, &response, place, active, sending, &mut panes.cursor);
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

/// Draws the picture and says where it is, and whether the pointer has moved it along.
fn picture(
    ui: &mut Ui,
    active: &Active,
    size: [u32; 2],
    panes: &mut Panes,
    sending: bool,
) -> (Response, Placement, bool) {
    let pixel = 1.0 / ui.ctx().pixels_per_point();
    let pixels = vec2(size[0] as f32, size[1] as f32);
    let all = ui.available_rect_before_wrap();
    let scale = Zoom::scale(active.scale, pixels, all.size(), pixel);
    let drawn = pixels * scale;
    let (response, placement, seen, pushed) = if active.scale == Scale::Fit {
        let (response, placement) = draw(ui, active, size, (all.size(), scale), panes);
        (response, placement, all, false)
    } else {
        // Nothing lies over the picture: no bars, no fading edges.
        ui.spacing_mut().scroll = ScrollStyle {
            fade: ScrollFadeStyle { strength: 0.0, ..ScrollFadeStyle::default() },
            // A picture that has just become larger would spring back to where it ended before.
            kinetic: KineticScrollStyle { rubber_band: false, ..KineticScrollStyle::default() },
            ..ScrollStyle::solid()
        };
        // The wheel belongs to the other computer while it is controlled.
        let source = if sending { ScrollSource::SCROLL_BAR } else { ScrollSource::ALL };
        let at = ui.input(|input| input.pointer.latest_pos());
        let seconds = ui.input(|input| input.stable_dt);
        let scrolled = panes.zoom.scrolled(all, drawn, scale, at);
        let near = at.filter(|_| sending && panes.zoom.over && scrolled.is_none());
        let pushed = near.and_then(|at| panes.zoom.pushed(drawn, at, seconds));
        let mut area = ScrollArea::both().auto_shrink(false).scroll_source(source);
        if let Some(offset) = scrolled.or(pushed) {
            area = area.scroll_offset(offset);
        }
        let shown = area.show(ui, |ui| {
            let space = ui.available_size().max(drawn);
            draw(ui, active, size, (space, scale), panes)
        });
        let (response, placement) = shown.inner;
        (response, placement, shown.inner_rect, pushed.is_some())
    };
    panes.zoom.over = response.contains_pointer() || response.is_pointer_button_down_on();
    if panes.zoom.drew(Drawn { seen, picture: placement.rect, scale, pixel }) {
        // The toolbar above says how large it is.
        ui.ctx().request_repaint();
    }
    (response, placement, pushed)
}

fn draw(
    ui: &mut Ui,
    active: &Active,
    size: [u32; 2],
    (space, scale): (Vec2, f32),
    panes: &Panes,
) -> (Response, Placement) {
    let (place, response) = ui.allocate_exact_size(space, Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, text::PICTURE));
    let drawn = vec2(size[0] as f32, size[1] as f32) * scale;
    let corner = place.min + ((space - drawn) / 2.0).max(Vec2::ZERO);
    // On the grid of this screen's pixels, or 1:1 would not be exact.
    let grid = ui.ctx().pixels_per_point();
    let corner = pos2((corner.x * grid).round() / grid, (corner.y * grid).round() / grid);
    let rect = Rect::from_min_size(corner, drawn);
    let painter = ui.painter();
    panes.canvas.paint(painter, corner, scale);
    if !active.viewing || active.paused || active.lost.is_some() {
        painter.rect_filled(rect, 0, Color32::from_black_alpha(128));
    }
    if panes.focused {
        let ring = Stroke::new(2.0, Palette::of(ui).accent);
        painter.rect_stroke(rect, 0, ring, StrokeKind::Outside);
    }
    (response, Placement { monitor: 0, size, rect })
}
