//! Beckon Control: the operator's program.
//!
//! **Invariant.** Shows what was recorded, never what was hoped. Every byte from an agent is
//! hostile.

#![cfg_attr(target_os = "windows", windows_subsystem = "windows")]

mod app;
mod arguments;
mod config_folder;
mod effect;
mod input;
mod instance;
mod keys;
mod log_memory;
mod model;
mod moment;
mod picture;
mod pointer;
mod registration;
mod text;
mod update;
mod view;
mod worker;

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use beckon_desk::terminal as desk_terminal;
use tracing_subscriber::EnvFilter;

use crate::arguments::Wanted;
use crate::config_folder::ConfigFolder;
use crate::instance::{Instance, Link, Start};
use crate::text::terminal;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wanted = arguments::read(&arguments);
    // The window is none of the terminal's: it stays when that is closed.
    if !matches!(wanted, Ok(Wanted::Window(_))) {
        desk_terminal::attach();
    }
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match wanted.map_err(anyhow::Error::from).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            desk_terminal::alert(text::PROGRAM, &format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(wanted: Wanted) -> anyhow::Result<()> {
    match wanted {
        Wanted::Window(link) => window(link),
        Wanted::Register => {
            let entry = registration::register(&this_program()?)?;
            say(&terminal::registered(&entry))
        }
        Wanted::Unregister => {
            registration::unregister(&this_program()?)?;
            say(terminal::UNREGISTERED)
        }
        Wanted::Version => say(&terminal::version()),
        Wanted::Help => say(terminal::USAGE),
    }
}

fn window(link: Option<Link>) -> anyhow::Result<()> {
    let folder = ConfigFolder::of_user()?;
    match Instance::start(&folder, link.as_ref()).context("another start cannot be reached")? {
        Start::PassedOn => Ok(()),
        Start::First(instance) => {
            // Links are a convenience: without them the window still opens.
            if let Err(error) = registration::register_at_first_start(&this_program()?) {
                tracing::warn!(%error, "beckon:// links do not open this program");
            }
            app::run(folder, instance, link)
        }
    }
}

fn this_program() -> anyhow::Result<std::path::PathBuf> {
    std::env::current_exe().context("the path of this program is unknown")
}

fn say(text: &str) -> anyhow::Result<()> {
    std::io::stdout().write_all(text.as_bytes()).context("the answer cannot be written")
}
