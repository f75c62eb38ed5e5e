//! A window that the processor draws, for computers without OpenGL. Otherwise as eframe does it.

use std::fmt::Display;
use std::iter;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use eframe::{App, AppCreator, CreationContext, Frame, NativeOptions, UserEvent};
use egui::{Context, ViewportBuilder, ViewportCommand, ViewportEvent, ViewportId, ViewportInfo};
use egui_system_font_provider::SystemFontProvider;
use egui_winit::{State, accesskit_winit};
use softbuffer::Surface;
use winit::application::ApplicationHandler;
use winit::event::{StartCause, WindowEvent};
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoopProxy, OwnedDisplayHandle};
use winit::platform::windows::{IconExtWindows, WindowExtWindows};
use winit::window::{Icon, Window, WindowId};

use super::WindowError;
use super::raster::{Canvas, Raster};
use crate::clock;

/// How often it is drawn at most.
const RHYTHM: Duration = Duration::from_millis(15);
/// How often a window lives that nobody sees: Windows does not ask it to draw.
const UNSEEN: Duration = Duration::from_millis(100);

/// The number of the icon among the resources of the program.
const ICON: u16 = 1;
/// How often a picture is laid out at most before it is shown.
const PASSES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);

/// The number of the window, 0 where there is none: eframe lets nobody else tell it to the program.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// The number of the window, if the processor draws one.
pub(super) fn number() -> Option<u64> {
    let number = NUMBER.load(Ordering::Relaxed);
    (number != 0).then_some(number)
}

/// The window from its beginning to its end.
pub(super) struct Software<'a> {
    builder: ViewportBuilder,
    clipboard_shortcuts: bool,
    create: Option<AppCreator<'a>>,
    proxy: EventLoopProxy<UserEvent>,
    shown: Option<Shown<'a>>,
    failed: Option<WindowError>,
}

/// The window while it is open.
struct Shown<'a> {
    app: Box<dyn App + 'a>,
    frame: Frame,
    ctx: Context,
    window: Arc<Window>,
    surface: Surface<OwnedDisplayHandle, Arc<Window>>,
    state: State,
    info: ViewportInfo,
    raster: Raster,
    /// When it was drawn.
    drawn: Instant,
    /// When it is to be drawn again.
    next: Option<Instant>,
}

impl<'a> Software<'a> {
    /// A window as eframe would open it with these options.
    pub(super) fn new(
        options: NativeOptions,
        create: AppCreator<'a>,
        proxy: EventLoopProxy<UserEvent>,
    ) -> Self {
        let NativeOptions { viewport, clipboard_shortcuts, .. } = options;
        // Without a picture it would be white at first.
        let builder = viewport.with_visible(false);
        let create = Some(create);
        Self { builder, clipboard_shortcuts, create, proxy, shown: None, failed: None }
    }

    /// How it ended.
    pub(super) fn result(self) -> Result<(), WindowError> {
        self.failed.map_or(Ok(()), Err)
    }

    fn open(&mut self, events: &ActiveEventLoop) -> Result<(), WindowError> {
        let Some(create) = self.create.take() else { return Ok(()) };
        let ctx = Context::default();
        ctx.set_embed_viewports(false);
        ctx.options_mut(|options| options.max_passes = PASSES);
        ctx.add_font_provider(Arc::new(SystemFontProvider::new()));
        let window = egui_winit::create_window(&ctx, events, &self.builder).map_err(failure)?;
        let window = Arc::new(window);
        NUMBER.store(window.id().into(), Ordering::Relaxed);
        // The one that the program carries, in the sizes that Windows asks for.
        match Icon::from_resource(ICON, None) {
            Ok(icon) => {
                window.set_taskbar_icon(Some(icon.clone()));
                window.set_window_icon(Some(icon));
            }
            Err(error) => tracing::warn!(%error, "the window has no icon"),
        }
        let context = softbuffer::Context::new(events.owned_display_handle()).map_err(failure)?;
        let surface = Surface::new(&context, Arc::clone(&window)).map_err(failure)?;
        let scale = egui_winit::pixels_per_point(&ctx, &window);
        let theme = window.theme();
        let mut state = State::new(ctx.clone(), ViewportId::ROOT, events, Some(scale), theme, None);
        state.set_clipboard_shortcuts(self.clipboard_shortcuts);
        state.init_accesskit(events, &window, self.proxy.clone());
        let proxy = self.proxy.clone();
        ctx.set_request_repaint_callback(move |info| {
            let asked = proxy.send_event(UserEvent::RequestRepaint {
                viewport_id: info.viewport_id,
                when: clock::instant() + info.delay,
                cumulative_pass_nr: info.current_cumulative_pass_nr,
            });
            if asked.is_err() {
                tracing::debug!("the window is closed");
            }
        });
        let mut info = ViewportInfo::default();
        egui_winit::update_viewport_info(&mut info, &ctx, &window, true);
        let app =
            create(&CreationContext::_new_kittest(ctx.clone())).map_err(WindowError::Content)?;
        let drawn = clock::instant();
        let (frame, raster) = (Frame::_new_kittest(), Raster::default());
        let mut shown =
            Shown { app, frame, ctx, window, surface, state, info, raster, drawn, next: None };
        shown.draw(events)?;
        shown.window.set_visible(true);
        self.shown = Some(shown);
        Ok(())
    }

    /// Ends the window where something failed.
    fn check(&mut self, events: &ActiveEventLoop, done: Result<(), WindowError>) {
        if let Err(error) = done {
            self.failed = Some(error);
            events.exit();
        }
    }
}

impl Shown<'_> {
    /// Runs the program once, and shows what it draws.
    fn draw(&mut self, events: &ActiveEventLoop) -> Result<(), WindowError> {
        self.next = None;
        self.drawn = clock::instant();
        egui_winit::update_viewport_info(&mut self.info, &self.ctx, &self.window, false);
        let mut input = self.state.take_egui_input(&self.window);
        input.viewports = iter::once((ViewportId::ROOT, self.info.clone())).collect();
        let asked_to_close = input.viewport().close_requested();
        let (app, frame) = (&mut self.app, &mut self.frame);
        let output = self.ctx.run_ui(input, |ui| {
            app.logic(ui.ctx(), frame);
            app.ui(ui, frame);
        });
        self.info.events.clear();
        let commands: Vec<ViewportCommand> = output
            .viewport_output
            .get(&ViewportId::ROOT)
            .map(|root| root.commands.clone())
            .unwrap_or_default();
        let window = Arc::clone(&self.window);
        self.state.handle_platform_output_with_event_loop(&window, events, output.platform_output);
        let mut textures = output.textures_delta;
        self.raster.take_in(&textures);
        let shapes = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        let size = self.window.inner_size();
        if let (Some(width), Some(height)) =
            (NonZeroU32::new(size.width), NonZeroU32::new(size.height))
        {
            self.surface.resize(width, height).map_err(failure)?;
            let mut pixels = self.surface.buffer_mut().map_err(failure)?;
            pixels.fill(0);
            let [width, height] = [width, height].map(|edge| usize::try_from(edge.get()));
            let (width, height) = (width.unwrap_or_default(), height.unwrap_or_default());
            let mut canvas = Canvas { width, height, pixels: &mut pixels };
            self.raster.paint(&shapes, output.pixels_per_point, &mut canvas);
            pixels.present().map_err(failure)?;
        }
        self.raster.forget(&textures);
        // All of it was used.
        textures.clear();
        let canceled = commands.contains(&ViewportCommand::CancelClose);
        let (ctx, info) = (&self.ctx, &mut self.info);
        // What could be asked for are clipboard and screenshots, which these windows do not.
        egui_winit::process_viewport_commands(ctx, info, commands, &window, &mut Vec::new());
        if asked_to_close && !canceled {
            events.exit();
        }
        Ok(())
    }

    fn draw_at(&mut self, when: Instant) {
        let when = when.max(self.drawn + RHYTHM);
        self.next = Some(self.next.map_or(when, |next| next.min(when)));
    }

    /// Whether Windows does not ask it to draw.
    fn is_unseen(&self) -> bool {
        self.window.is_minimized() == Some(true) || self.window.is_visible() == Some(false)
    }

    fn draw_in_time(&mut self, events: &ActiveEventLoop) -> Result<(), WindowError> {
        let now = clock::instant();
        if self.next.is_some_and(|next| next <= now) {
            self.next = None;
            if self.is_unseen() {
                self.draw(events)?;
                self.next = self.next.map(|next| next.max(now + UNSEEN));
            } else {
                self.window.request_redraw();
            }
        }
        events.set_control_flow(self.next.map_or(ControlFlow::Wait, ControlFlow::WaitUntil));
        Ok(())
    }

    fn hears(&mut self, event: &WindowEvent) {
        match event {
            WindowEvent::CloseRequested => {
                self.info.events.push(ViewportEvent::Close);
                self.draw_at(clock::instant());
            }
            // While its edge is dragged nothing else is asked.
            WindowEvent::Resized(_) => self.window.request_redraw(),
            _ => {}
        }
        if self.state.on_window_event(&self.window, event).repaint {
            self.draw_at(clock::instant());
        }
    }

    fn accessed(&mut self, event: accesskit_winit::WindowEvent) {
        match event {
            accesskit_winit::WindowEvent::InitialTreeRequested => {
                self.ctx.enable_accesskit();
                self.draw_at(clock::instant());
            }
            accesskit_winit::WindowEvent::ActionRequested(asked) => {
                self.state.on_accesskit_action_request(asked);
                self.draw_at(clock::instant());
            }
            accesskit_winit::WindowEvent::AccessibilityDeactivated => {
                self.ctx.disable_accesskit();
            }
        }
    }
}

impl ApplicationHandler<UserEvent> for Software<'_> {
    fn resumed(&mut self, events: &ActiveEventLoop) {
        let opened = self.open(events);
        self.check(events, opened);
    }

    fn window_event(&mut self, events: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        let Some(shown) = &mut self.shown else { return };
        if matches!(event, WindowEvent::RedrawRequested) {
            let drawn = shown.draw(events);
            self.check(events, drawn);
        } else {
            shown.hears(&event);
        }
    }

    fn user_event(&mut self, _: &ActiveEventLoop, event: UserEvent) {
        let Some(shown) = &mut self.shown else { return };
        match event {
            UserEvent::RequestRepaint { when, cumulative_pass_nr, .. } => {
                // What was asked for before has been drawn.
                let passes = shown.ctx.cumulative_pass_nr();
                if passes == cumulative_pass_nr || passes == cumulative_pass_nr + 1 {
                    shown.draw_at(when);
                }
            }
            UserEvent::AccessKitActionRequest(event) => shown.accessed(event.window_event),
        }
    }

    fn new_events(&mut self, _: &ActiveEventLoop, _: StartCause) {}

    fn about_to_wait(&mut self, events: &ActiveEventLoop) {
        let drawn = self.shown.as_mut().map_or(Ok(()), |shown| shown.draw_in_time(events));
        self.check(events, drawn);
    }

    /// While there is a loop: windows want to be closed in it.
    fn exiting(&mut self, _: &ActiveEventLoop) {
        self.shown = None;
    }
}

fn failure(error: impl Display) -> WindowError {
    WindowError::Window(error.to_string())
}
