//! The picture on the whole screen, with the toolbar behind the upper edge.

use beckon_desk::theme::{Palette, TEXT_WIDTH, space};
use egui::{
    Align2, Area, Context, Event, Frame, Id, Key, Order, Pos2, Rect, Sense, Shape, Stroke, Ui,
    ViewportCommand, pos2, vec2,
};

use super::zoom::named;
use crate::text;

/// For so long the pointer rests at the upper edge before the toolbar comes, in seconds.
const REST: f64 = 0.15;
/// For so long the toolbar is shown at the beginning, in seconds.
const AT_FIRST: f64 = 3.0;
/// So near the upper edge counts as there, in points;
const EDGE: f32 = 2.0;
/// so far below the toolbar it goes away again.
const AWAY: f32 = 24.0;
/// The size of what stays in sight.
const HANDLE: egui::Vec2 = vec2(56.0, 18.0);

/// Whether the window fills the screen, and the toolbar then.
#[derive(Debug, Default)]
pub(crate) struct FullScreen {
    wanted: bool,
    open: bool,
    /// Whether it was asked to change.
    pub(super) toggled: bool,
    /// Until when the toolbar stays, whatever the pointer does.
    open_until: f64,
    /// Since when the pointer rests at the upper edge.
    resting_since: Option<f64>,
    height: f32,
}

impl FullScreen {
    pub(super) fn is_on(&self, ctx: &Context) -> bool {
        // The window manager has a say in it.
        ctx.input(|input| input.viewport().fullscreen).unwrap_or(self.wanted)
    }

    pub(super) fn set(&mut self, ctx: &Context, on: bool) {
        let until = ctx.input(|input| input.time) + AT_FIRST;
        *self = Self { wanted: on, open: on, open_until: until, ..Self::default() };
        ctx.send_viewport_cmd(ViewportCommand::Fullscreen(on));
    }

    /// Whether Ctrl+Alt+Enter was pressed; the other computer does not hear of it.
    pub(super) fn is_toggled(ctx: &Context) -> bool {
        ctx.input_mut(|input| {
            let mut toggled = false;
            input.events.retain(|event| match event {
                Event::Key { key: Key::Enter, pressed, repeat, modifiers, .. }
                    if modifiers.ctrl && modifiers.alt =>
                {
                    toggled |= *pressed && !*repeat;
                    false
                }
                _ => true,
            });
            toggled
        })
    }

    /// What lies over the picture: the toolbar, or a handle for it that explains itself.
    pub(super) fn show(&mut self, ui: &Ui, hover: &str, content: impl FnOnce(&mut Ui)) {
        let (ctx, screen) = (ui.ctx(), ui.ctx().content_rect());
        self.follow_pointer(ctx, screen);
        let out = ctx.animate_bool(Id::unique("toolbar slides"), self.open);
        if out > 0.0 {
            let at = screen.min - vec2(0.0, (1.0 - out) * self.height);
            let frame = Frame::side_top_panel(ui.style()).shadow(ui.visuals().popup_shadow);
            let shown = Area::new(Id::unique("toolbar"))
                .order(Order::Middle)
                .constrain(false)
                .fixed_pos(at)
                .show(ctx, |ui| {
                    frame.show(ui, |ui| {
                        ui.set_width(screen.width() - frame.total_margin().sum().x);
                        content(ui);
                    });
                });
            self.height = shown.response.rect.height();
        } else {
            self.handle(ctx, screen, hover);
        }
    }

    /// Shows `banners` below the upper edge.
    pub(super) fn banners(&self, ui: &Ui, banners: impl FnOnce(&mut Ui)) {
        let below = if self.open { self.height } else { HANDLE.y } + space::S;
        Area::new(Id::unique("banners"))
            .order(Order::Middle)
            .anchor(Align2::CENTER_TOP, vec2(0.0, below))
            .interactable(false)
            .show(ui.ctx(), |ui| {
                ui.set_width(TEXT_WIDTH.min(ui.ctx().content_rect().width() - 2.0 * space::L));
                banners(ui);
            });
    }

    fn follow_pointer(&mut self, ctx: &Context, screen: Rect) {
        let (time, at, held) =
            ctx.input(|input| (input.time, input.pointer.latest_pos(), input.pointer.any_down()));
        let below = |at: Pos2| at.y - screen.top();
        // What is dragged there is not meant for the toolbar.
        let rests = at.is_some_and(|at| below(at) <= EDGE) && !held;
        if rests {
            let since = *self.resting_since.get_or_insert(time);
            if time - since >= REST {
                self.open = true;
            } else {
                wake_in(ctx, since + REST - time);
            }
        } else {
            self.resting_since = None;
        }
        let near = at.is_some_and(|at| below(at) <= self.height + AWAY);
        if self.open && !near && !ctx.any_popup_open() {
            if time >= self.open_until {
                self.open = false;
            } else {
                wake_in(ctx, self.open_until - time);
            }
        }
    }

    /// A way out that is always in sight.
    fn handle(&mut self, ctx: &Context, screen: Rect, hover: &str) {
        let at = pos2(screen.center().x - HANDLE.x / 2.0, screen.top());
        Area::new(Id::unique("toolbar handle")).order(Order::Middle).fixed_pos(at).show(
            ctx,
            |ui| {
                let (rect, response) = ui.allocate_exact_size(HANDLE, Sense::click());
                let palette = Palette::of(ui);
                let lit = response.hovered() || response.has_focus();
                let fill = if lit { palette.quiet_hover } else { palette.quiet };
                let below = egui::CornerRadius { sw: 6, se: 6, ..egui::CornerRadius::ZERO };
                ui.painter().rect_filled(rect, below, fill);
                let tip = rect.center() + vec2(0.0, 3.0);
                let arrow = vec![tip - vec2(7.0, 6.0), tip, tip + vec2(7.0, -6.0)];
                ui.painter().add(Shape::line(arrow, Stroke::new(2.0, palette.text)));
                let response = named(response, text::SHOW_TOOLBAR);
                if response.on_hover_text(hover).clicked() {
                    self.open = true;
                    self.open_until = ui.input(|input| input.time) + AT_FIRST;
                }
            },
        );
    }
}

fn wake_in(ctx: &Context, seconds: f64) {
    ctx.request_repaint_after(std::time::Duration::from_secs_f64(seconds.clamp(0.0, AT_FIRST)));
}
