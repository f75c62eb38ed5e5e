//! The server of Beckon: session actors, event store, gateway, portal.
//!
//! **Invariant.** The only place that appends. Whatever must survive a restart is first an
//! event. The relay forwards bytes that it cannot read.
//!
//! ```text
//! browser ──► portal ──┐                       ┌──► store (log.db)
//! agent ────► gateway ─┼──► Hub ──► actors ────┤
//! Control ──► gateway ─┘     │                 └──► views (read models) ──► portal
//!                            └──► vault (secrets and counters)
//! ```
//!
//! ```no_run
//! use std::sync::Arc;
//! use beckon_server::{clock::SystemClock, config::Config};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::load(None, std::iter::empty())?;
//! let listener = std::net::TcpListener::bind(config.listen)?;
//! let (_stop, stopped) = tokio::sync::watch::channel(false);
//! let clock = Arc::new(SystemClock::new());
//! let server = beckon_server::run(config, listener, clock, stopped, Box::new(|| {}));
//! actix::System::new().block_on(server)?;
//! # Ok(())
//! # }
//! ```

pub mod actors;
pub mod admin;
pub mod backup;
mod client_address;
pub mod clock;
pub mod config;
pub mod data_folder;
pub mod database;
mod disk;
pub mod dispatch;
pub mod doctor;
pub mod downloads;
pub mod erase;
pub mod evidence;
pub mod export;
pub mod face;
pub mod gateway;
pub mod hub;
mod inspection;
pub mod ip_prefix;
pub mod keyring;
pub mod launches;
pub mod logs;
pub mod mail;
pub mod mention;
pub mod metrics;
mod partial;
mod people;
pub mod portal;
pub mod probes;
mod rare;
pub mod renewal;
mod run;
mod sole_server;
pub mod store;
pub mod text;
pub mod tickets;
mod tls;
mod tokens;
pub mod vault;
pub mod views;

pub use run::{
    Opened, RunError, close, close_unrecorded, open, open_unrecorded, run, serve, system,
};
