//! The window.

use std::sync::Arc;

use beckon_desk::theme;
use eframe::{CreationContext, Frame};
use egui::{Context, Ui, ViewportCommand, WindowLevel};

use crate::input::{Input, User};
use crate::model::{Model, Phase, Stage};
use crate::own_window::OwnWindow;
use crate::shared::{Shared, now};
use crate::view::{self, Shape};

/// Draws the shared model and feeds back what the user does.
pub struct App {
    shared: Arc<Shared>,
    own: OwnWindow,
    shape: Option<Shape>,
    /// The number of the request for which the window came to the front.
    raised_for: Option<u32>,
}

impl App {
    /// Dresses the window.
    pub fn new(creation: &CreationContext<'_>, shared: Arc<Shared>, own: OwnWindow) -> Self {
        theme::apply(&creation.egui_ctx);
        #[cfg(target_os = "linux")]
        beckon_desk::accessibility::open(&creation.egui_ctx);
        shared.draw_on(creation.egui_ctx.clone());
        let id = beckon_desk::window::number(creation);
        // Of a window of Windows the lower half counts.
        own.set_id(id.and_then(|id| u32::try_from(id & u64::from(u32::MAX)).ok()));
        Self { shared, own, shape: None, raised_for: None }
    }

    fn fit(&mut self, ctx: &Context, model: &Model) {
        let shape = view::shape(model);
        if self.shape == Some(shape) {
            return;
        }
        ctx.send_viewport_cmd(ViewportCommand::InnerSize(shape.size));
        if self.shape.map(|before| before.on_top) != Some(shape.on_top) {
            let level = if shape.on_top { WindowLevel::AlwaysOnTop } else { WindowLevel::Normal };
            ctx.send_viewport_cmd(ViewportCommand::WindowLevel(level));
        }
        self.shape = Some(shape);
    }

    /// A question comes to the front, once.
    fn raise(&mut self, ctx: &Context, model: &Model) {
        let asked = match &model.stage {
            Stage::Session(session) => match &session.phase {
                Phase::Asked(asked) if asked.dialog.is_some() => Some(asked.number),
                _ => None,
            },
            _ => None,
        };
        if asked.is_some() && asked != self.raised_for {
            ctx.send_viewport_cmd(ViewportCommand::Minimized(false));
            ctx.send_viewport_cmd(ViewportCommand::Focus);
        }
        self.raised_for = asked;
    }

    fn tell_own_window(&self, ctx: &Context) {
        let (rect, scale, focused) = ctx.input(|input| {
            let window = input.viewport();
            (window.outer_rect, input.pixels_per_point(), window.focused.unwrap_or_default())
        });
        let edges = rect.map(|rect| {
            [rect.left(), rect.top(), rect.right(), rect.bottom()].map(|edge| pixels(edge * scale))
        });
        self.own.set_seen(edges, focused);
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _: &mut Frame) {
        let model = self.shared.model();
        let gone = matches!(model.stage, Stage::Gone);
        if !gone && ctx.input(|input| input.viewport().close_requested()) {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.shared.feed(Input::User(User::Closes));
        }
        if gone || matches!(self.shared.model().stage, Stage::Gone) {
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
        self.fit(ctx, &model);
        self.raise(ctx, &model);
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut Frame) {
        let (model, now) = (self.shared.model(), now());
        self.tell_own_window(ui.ctx());
        for done in view::draw(ui, &model, now) {
            self.shared.feed(Input::User(done));
        }
        if let Some(soon) = view::next_change(&model, now) {
            ui.ctx().request_repaint_after(soon);
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a desktop is far smaller than i32 reaches")]
fn pixels(points: f32) -> i32 {
    points.round() as i32
}
