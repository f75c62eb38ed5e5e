//! The window for screen readers: what egui says of itself goes out, what a screen reader does
//! comes in.
//!
//! On Linux this goes to AT-SPI directly. eframe would take the way through winit, which brings
//! the whole of Wayland along.

use std::sync::{Arc, Mutex, PoisonError};

use accesskit_unix::Adapter;
use egui::accesskit::{
    ActionHandler, ActionRequest, ActivationHandler, DeactivationHandler, Rect, TreeUpdate,
};
use egui::{Context, Event, FullOutput, Plugin, RawInput, ViewportInfo};

/// Makes the window of `ctx` readable from the next picture on.
pub fn open(ctx: &Context) {
    ctx.add_plugin(Accessibility::default());
}

/// What a screen reader wants to be done, until the next picture.
type Actions = Arc<Mutex<Vec<ActionRequest>>>;

#[derive(Default)]
struct Accessibility {
    adapter: Option<Adapter>,
    actions: Actions,
    /// The outer and the inner edges as they were told, in pixels of the desktop.
    bounds: Option<(Rect, Rect)>,
    focused: Option<bool>,
}

impl Accessibility {
    fn tell_window(&mut self, window: &ViewportInfo, zoom: f32) {
        let scale = zoom * window.native_pixels_per_point.unwrap_or(1.0);
        let bounds = window.outer_rect.zip(window.inner_rect);
        let bounds = bounds.map(|(outer, inner)| (pixels(outer, scale), pixels(inner, scale)));
        if let Some(adapter) = &mut self.adapter {
            if let Some((outer, inner)) = bounds.filter(|now| self.bounds != Some(*now)) {
                adapter.set_root_window_bounds(outer, inner);
            }
            if let Some(focused) = window.focused.filter(|now| self.focused != Some(*now)) {
                adapter.update_window_focus_state(focused);
            }
        }
        (self.bounds, self.focused) = (bounds, window.focused);
    }
}

impl Plugin for Accessibility {
    fn debug_name(&self) -> &'static str {
        "accessibility"
    }

    fn setup(&mut self, ctx: &Context) {
        let reader = || Reader { ctx: ctx.clone(), actions: Arc::clone(&self.actions) };
        self.adapter = Some(Adapter::new(reader(), reader(), reader()));
    }

    fn on_exit(&mut self, _: &Context) {
        self.adapter = None;
    }

    fn input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        if let Some(window) = input.viewports.get(&input.viewport_id) {
            self.tell_window(window, ctx.zoom_factor());
        }
        let actions =
            std::mem::take(&mut *self.actions.lock().unwrap_or_else(PoisonError::into_inner));
        input.events.extend(actions.into_iter().map(Event::AccessKitActionRequest));
    }

    fn output_hook(&mut self, _: &Context, output: &mut FullOutput) {
        let update = output.platform_output.accesskit_update.take();
        if let Some((adapter, update)) = self.adapter.as_mut().zip(update) {
            adapter.update_if_active(|| update);
        }
    }
}

/// Whoever asks for the window; called on other threads.
struct Reader {
    ctx: Context,
    actions: Actions,
}

impl ActivationHandler for Reader {
    fn request_initial_tree(&mut self) -> Option<TreeUpdate> {
        self.ctx.enable_accesskit();
        self.ctx.request_repaint();
        None
    }
}

impl ActionHandler for Reader {
    fn do_action(&mut self, request: ActionRequest) {
        self.actions.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        self.ctx.request_repaint();
    }
}

impl DeactivationHandler for Reader {
    fn deactivate_accessibility(&mut self) {
        self.ctx.disable_accesskit();
    }
}

fn pixels(points: egui::Rect, scale: f32) -> Rect {
    let [left, top, right, bottom] = [points.left(), points.top(), points.right(), points.bottom()]
        .map(|edge| f64::from(edge * scale));
    Rect::new(left, top, right, bottom)
}

#[cfg(test)]
mod tests {
    use egui::accesskit::{Action, TreeId};
    use egui::{Id, Pos2, Vec2, ViewportId};

    use super::*;

    fn draw(ctx: &Context, accessibility: &mut Accessibility) -> (bool, usize) {
        let mut input = RawInput::default();
        let window = input.viewports.entry(ViewportId::ROOT).or_default();
        window.inner_rect =
            Some(egui::Rect::from_min_size(Pos2::new(10.0, 30.0), Vec2::splat(50.0)));
        window.outer_rect = window.inner_rect;
        window.native_pixels_per_point = Some(2.0);
        accessibility.input_hook(ctx, &mut input);
        let mut pressed = 0;
        let mut output = ctx.run_ui(input, |ui| {
            let button = ui.button("Press");
            pressed += usize::from(button.clicked());
            ui.ctx().data_mut(|data| data.insert_temp(Id::NULL, button.id));
        });
        let described = output.platform_output.accesskit_update.is_some();
        accessibility.output_hook(ctx, &mut output);
        output.textures_delta.clear();
        assert!(output.platform_output.accesskit_update.is_none(), "nobody else tells it");
        (described, pressed)
    }

    #[test]
    fn the_window_is_described_while_somebody_reads_it_and_what_they_press_is_pressed() {
        let ctx = Context::default();
        // Without a bus.
        let mut accessibility = Accessibility::default();
        let mut reader = Reader { ctx: ctx.clone(), actions: Arc::clone(&accessibility.actions) };
        assert_eq!(draw(&ctx, &mut accessibility), (false, 0));
        assert!(reader.request_initial_tree().is_none() && ctx.has_requested_repaint());
        assert_eq!(draw(&ctx, &mut accessibility), (true, 0));

        let button = ctx.data(|data| data.get_temp::<Id>(Id::NULL)).unwrap();
        reader.do_action(ActionRequest {
            action: Action::Click,
            target_tree: TreeId::ROOT,
            target_node: button.accesskit_id(),
            data: None,
        });
        assert_eq!(draw(&ctx, &mut accessibility), (true, 1));
        assert_eq!(draw(&ctx, &mut accessibility), (true, 0), "once");
        let edges = Rect::new(20.0, 60.0, 120.0, 160.0);
        assert_eq!(accessibility.bounds, Some((edges, edges)), "in pixels");

        reader.deactivate_accessibility();
        assert_eq!(draw(&ctx, &mut accessibility), (false, 0));
    }
}
