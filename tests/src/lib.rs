//! The harness of Beckon: real desks, windows, browsers and servers for scenarios and for the demo.
//!
//! **Invariant.** Nothing here stands in for a part of Beckon: a scenario sees what a person sees
//! and reads what the log says.
//!
//! ```text
//! Stage ── one scenario with windows at a time
//!   Desk (end user)  ◄── agent, the user's own application     Desk (operator) ◄── Browser, Control
//!     Window: sees, click, fill, shot                            Window, Browser: the same words
//!   Server ── a real program on a free port, its Log           SmtpSink ── keeps the mails
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a harness a panic is the report"
)]

pub mod accessibility;
pub mod auditor;
pub mod authority;
pub mod bed;
pub mod bench;
pub mod browser;
pub mod canvas;
pub mod clock;
pub mod control;
pub mod copied;
pub mod desk;
pub mod entry;
pub mod eyes;
pub mod follower;
pub mod hand;
pub mod http;
pub mod inside;
pub mod invitation;
pub mod linked;
pub mod log;
pub mod mail;
pub mod operator;
pub mod play;
pub mod portal;
pub mod process;
pub mod programs;
pub mod proxy;
pub mod rfb;
pub mod scratch;
pub mod server;
pub mod session;
pub mod shot;
pub mod smtp_sink;
pub mod stage;
pub mod user;
pub mod watch;
pub mod widget;
pub mod window;
pub mod wine;
pub mod workload;
