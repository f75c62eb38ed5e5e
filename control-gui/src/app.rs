//! The window: takes in what happens, shows the model, hands out effects.

use std::time::Duration;

use beckon_desk::{theme, window};
use eframe::{CreationContext, NativeOptions};
use egui::{Context, Ui, ViewportBuilder, ViewportCommand};

use crate::config_folder::ConfigFolder;
use crate::effect::Effect;
use crate::input::{Input, Wish};
use crate::instance::{Instance, Link};
use crate::keys::Keyboard;
use crate::model::{Model, Stage};
use crate::moment::Moment;
use crate::picture::Patches;
use crate::text;
use crate::update::update;
use crate::view::{self, Panes};
use crate::worker::{Hearing, Tell, Told, Tools, Worker};

/// How long the goodbye may take before the window closes anyway.
const GOODBYE_WITHIN: Duration = Duration::from_secs(3);
/// How often what tells the time is drawn.
const SECOND: Duration = Duration::from_secs(1);

/// Opens the window, and the session of `link`; returns when it is closed.
pub fn run(folder: ConfigFolder, instance: Instance, link: Option<Link>) -> anyhow::Result<()> {
    let options = NativeOptions {
        viewport: ViewportBuilder::default()
            .with_app_id("beckon-control")
            .with_title(text::PROGRAM)
            .with_inner_size([1_000.0, 720.0])
            .with_min_inner_size([480.0, 360.0]),
        // Ctrl+C and the like belong to the other computer. The window has no field of its own
        // that they could be for.
        clipboard_shortcuts: false,
        // A pixel there is exactly a pixel here.
        dithering: false,
        ..NativeOptions::default()
    };
    let create = move |creation: &CreationContext<'_>| -> Result<Box<dyn eframe::App>, _> {
        Ok(Box::new(App::new(creation, folder, instance, link)?))
    };
    Ok(window::show(text::PROGRAM, options, Box::new(create))?)
}

struct App {
    model: Model,
    hearing: Hearing,
    worker: Worker,
    patches: Patches,
    panes: Panes,
    title: String,
    /// Until when the goodbye may take; `Some` from Quit on.
    goodbye: Option<Duration>,
    finished: bool,
}

impl App {
    fn new(
        creation: &CreationContext<'_>,
        folder: ConfigFolder,
        instance: Instance,
        link: Option<Link>,
    ) -> anyhow::Result<Self> {
        let ctx = &creation.egui_ctx;
        theme::apply(ctx);
        #[cfg(target_os = "linux")]
        beckon_desk::accessibility::open(ctx);
        // Ctrl and + belong to the other computer.
        ctx.options_mut(|options| options.zoom_with_keyboard = false);
        let wake = ctx.clone();
        let (tell, hearing) = Tell::new(move || wake.request_repaint());
        let identity = folder.identity()?;
        let model = Model::new(identity.public(), folder.hosts()?, folder.logs()?);
        let patches = Patches::default();
        let others = tell.clone();
        instance.hear(move |input| others.input(input))?;
        let worker = Worker::start(Tools { identity, folder, patches: patches.clone(), tell })?;
        let mut app = Self {
            model,
            hearing,
            worker,
            patches,
            panes: Panes { keys: keyboard(creation), ..Panes::default() },
            title: text::PROGRAM.to_owned(),
            goodbye: None,
            finished: false,
        };
        match link {
            Some(Ok(link)) => app.happened(ctx, Input::Open(link)),
            Some(Err(error)) => app.happened(ctx, Input::OpenForged(error)),
            None => {}
        }
        Ok(app)
    }

    fn happened(&mut self, ctx: &Context, input: Input) {
        for effect in update(&mut self.model, input, Moment::now()) {
            match effect {
                Effect::Focus => {
                    ctx.send_viewport_cmd(ViewportCommand::Minimized(false));
                    ctx.send_viewport_cmd(ViewportCommand::Focus);
                }
                Effect::Quit => {
                    self.goodbye = Some(Moment::now().uptime + GOODBYE_WITHIN);
                    self.worker.carry_out(Effect::Quit);
                }
                other => self.worker.carry_out(other),
            }
        }
    }

    fn close_when_said(&mut self, ctx: &Context, now: Duration) {
        let late = self.goodbye.is_some_and(|until| until <= now);
        if self.finished || late {
            self.finished = true;
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
    }

    fn wake_in_time(&self, ctx: &Context, now: Duration) {
        let deadline = self.model.next_deadline().into_iter().chain(self.goodbye).min();
        let tells_time =
            !matches!(self.model.stage, Stage::Start | Stage::Trust { .. } | Stage::Over(_));
        let second = tells_time.then_some(SECOND);
        let left = deadline.map(|deadline| deadline.saturating_sub(now));
        if let Some(left) = left.into_iter().chain(second).min() {
            ctx.request_repaint_after(left);
        }
    }
}

/// The keyboard of the window, as closely as the window system lets it be heard.
fn keyboard(creation: &CreationContext<'_>) -> Keyboard {
    let wake = creation.egui_ctx.clone();
    Keyboard::of_window(window::number(creation), move || wake.request_repaint())
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _: &mut eframe::Frame) {
        for told in self.hearing.take() {
            match told {
                Told::Input(input) => self.happened(ctx, input),
                Told::Finished => self.finished = true,
            }
        }
        self.happened(ctx, Input::Tick);
        if let Some(input) = self.panes.unseen(ctx) {
            self.happened(ctx, input);
        }
        let asked = ctx.input(|input| input.viewport().close_requested());
        if asked && !self.finished {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            if self.goodbye.is_none() {
                self.happened(ctx, Input::Close(Wish::CloseWindow));
            }
        }
        let title = self.model.session.as_ref().map(|session| session.door.title.as_str());
        let title = text::title(title);
        if title != self.title {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
        let now = Moment::now().uptime;
        self.close_when_said(ctx, now);
        self.wake_in_time(ctx, now);
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        let taken = self.patches.take();
        if matches!(self.model.stage, Stage::Active(_)) {
            self.panes.canvas.draw_in(ui.ctx(), taken);
        } else {
            self.panes.canvas.clear();
            self.patches.forget();
        }
        let now = Moment::now().uptime;
        let inputs = view::show(ui, &self.model, now, &mut self.panes);
        if !inputs.is_empty() {
            // What was pressed changes what is shown.
            ui.ctx().request_repaint();
        }
        let ctx = ui.ctx().clone();
        for input in inputs {
            self.happened(&ctx, input);
        }
    }
}
