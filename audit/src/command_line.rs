//! The command line of the auditor. It exits with 0 when all is well, 1 when something is wrong
//! with the log, 2 when it could not look.

use std::path::PathBuf;
use std::process::ExitCode;

use beckon_events::SessionId;
use clap::{Parser, Subcommand};

use crate::check::check;
use crate::log_file::LogFile;
use crate::{replay, text};

/// Reads a copy of Beckon's log, offline.
#[derive(Parser)]
#[command(name = "beckon-audit", version)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Check every chain and every hash of a log.
    Check {
        /// A copy of log.db.
        log: PathBuf,
    },
    /// List the sessions of a log.
    Sessions {
        /// A copy of log.db.
        log: PathBuf,
    },
    /// Tell what happened in one session.
    Replay {
        /// A copy of log.db.
        log: PathBuf,
        /// The session's id.
        session: SessionId,
        /// Show the events as they are stored.
        #[arg(long)]
        events: bool,
    },
}

/// Does what the command line says.
pub fn run() -> anyhow::Result<ExitCode> {
    match Arguments::parse().verb {
        Verb::Check { log } => {
            let found = check(LogFile::open(&log)?.events()?);
            say(&found.to_string());
            Ok(if found.wrong.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Verb::Sessions { log } => {
            let sessions = replay::sessions(&LogFile::open(&log)?.events()?)?;
            say(if sessions.is_empty() { text::NO_SESSIONS } else { &sessions });
            Ok(ExitCode::SUCCESS)
        }
        Verb::Replay { log, session, events } => {
            let stored = LogFile::open(&log)?.events()?;
            let told = if events {
                replay::events(&stored, session)
            } else {
                replay::sentences(&stored, session)?
            };
            match told {
                Some(told) => say(&told),
                None => anyhow::bail!(text::no_session(session)),
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Says why nothing could be looked at.
#[expect(clippy::print_stderr, reason = "the terminal is where the auditor reads")]
pub fn complain(error: &anyhow::Error) {
    eprintln!("beckon-audit: {error:#}");
}

#[expect(clippy::print_stdout, reason = "the terminal is where the auditor reads")]
fn say(lines: &str) {
    println!("{lines}");
}
