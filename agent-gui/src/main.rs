//! The program of the end user.
//!
//! **Invariant.** Nothing is captured or injected unless a grant in force allows it, checked here
//! and nowhere else (`peer::Gate`, in `update/control.rs` and `outward.rs`); what is allowed is on
//! screen, and one press ends it.
//!
//! ```text
//! window ── User ──┐                       ┌── Line   (/ws/agent)
//!                  ├─► update(model) ─► worker ── Link   (/ws/relay, sealed)
//! worker ── Input ─┘     pure              ├── Sharing (pictures), Hands (input), Border
//!                                          └── ticket file, removal, receipt file
//! ```

#![cfg_attr(target_os = "windows", windows_subsystem = "windows")]

mod app;
mod bell;
mod border;
mod capture;
mod clock_ms;
mod desktop;
mod device;
mod effect;
mod hands;
mod input;
mod model;
mod monitors;
mod outward;
mod own_window;
mod receipt_file;
mod removal;
mod shared;
mod sharing;
mod termination;
mod text;
mod ticket_file;
mod update;
mod view;
mod worker;

use std::sync::Arc;

use anyhow::Context as _;
use beckon_desk::{clock, terminal, window};
use beckon_peer::Identity;
use beckon_protocol::{AgentFileName, InvitationLink};
use time::UtcOffset;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::app::App;
use crate::input::Input;
use crate::model::Model;
use crate::own_window::OwnWindow;
use crate::shared::Shared;
use crate::worker::Worker;

fn main() -> anyhow::Result<()> {
    run().inspect_err(|error| terminal::alert(text::TITLE, &format!("{error:#}")))
}

fn run() -> anyhow::Result<()> {
    // Asked first, while there is one thread: that is when the system's answer can be trusted.
    let zone = UtcOffset::current_local_offset().unwrap_or(UtcOffset::UTC);
    log();
    let first = first_input()?;

    let identity = Identity::generate(&clock::random()).context("no keys could be made")?;
    let model = Model::new(Arc::new(identity), device::describe(), zone);
    let (effects, to_do) = tokio::sync::mpsc::unbounded_channel();
    let shared = Arc::new(Shared::new(model, effects));
    let own = OwnWindow::default();
    let worker = Worker::start(Arc::clone(&shared), to_do, own.clone())
        .context("the program could not be started")?;
    if let Some(first) = first {
        shared.feed(first);
    }

    let shown = show(&shared, own);
    // The window may be gone without being asked, for example with its display.
    shared.feed(Input::Terminated);
    if worker.join().is_err() {
        tracing::error!("the worker has failed");
    }
    shown
}

/// Logs to stderr what `RUST_LOG` names, else warnings. (An `EnvFilter` would bring half a
/// megabyte of regular expressions.)
fn log() {
    let named = std::env::var("RUST_LOG").ok().and_then(|named| named.parse::<Targets>().ok());
    let filter = named.unwrap_or_else(|| Targets::new().with_default(LevelFilter::WARN));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(lines).with(filter).init();
}

fn show(shared: &Arc<Shared>, own: OwnWindow) -> anyhow::Result<()> {
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title(text::TITLE)
            .with_app_id("beckon-agent")
            .with_inner_size(view::shape(&shared.model()).size),
        ..eframe::NativeOptions::default()
    };
    let shared = Arc::clone(shared);
    let create = move |creation: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, _> {
        Ok(Box::new(App::new(creation, shared, own)))
    };
    Ok(window::show(text::TITLE, options, Box::new(create))?)
}

/// What the argument or the program's own name says.
fn first_input() -> anyhow::Result<Option<Input>> {
    let mut arguments = std::env::args().skip(1);
    if let Some(link) = arguments.next() {
        let link = link.parse::<InvitationLink>().with_context(|| text::USAGE)?;
        return Ok(Some(Input::Linked(link)));
    }
    let program = std::env::current_exe().ok();
    let name = program.as_deref().and_then(|path| path.file_name()).and_then(|name| name.to_str());
    Ok(name.and_then(AgentFileName::find).map(Input::Named))
}
