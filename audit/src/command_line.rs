//! The command line of the auditor. It exits with 0 when all is well, 3 when an export is
//! consistent but tied to nothing, 1 when something is wrong, 2 when it could not look.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use beckon_audit::text::told as text;
use beckon_audit::{
    AsOf, Format, Options, comparison, receipt, replay, sessions, terminal, verify, work_report,
};
use beckon_events::SessionId;
use beckon_protocol::evidence::Fingerprint;
use clap::{Parser, Subcommand};

/// Reads exports of Beckon's log, offline.
#[derive(Parser)]
#[command(name = "beckon-audit", version)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Verify an export; stops at the first thing that is wrong.
    Verify {
        /// The export: a folder or a zip.
        export: PathBuf,
        /// The fingerprint of the log's key, as `beckon-server init` printed it.
        #[arg(long)]
        key: Option<Fingerprint>,
        /// A checkpoint or a receipt that you kept elsewhere; may be repeated.
        #[arg(long)]
        seen: Vec<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// How many threads to use, at most 64; as many as there are processors, unless said.
        #[arg(long)]
        jobs: Option<usize>,
    },
    /// Check a receipt by itself.
    VerifyReceipt {
        /// The receipt.
        file: PathBuf,
        /// The fingerprint of the log's key.
        #[arg(long)]
        key: Option<Fingerprint>,
    },
    /// List the sessions of an export.
    Sessions {
        /// The export: a folder or a zip.
        export: PathBuf,
        /// Only those with this in id, state, operator, name, note, device or time.
        search: Option<String>,
    },
    /// Tell what happened in one session.
    Replay {
        /// The export: a folder or a zip.
        export: PathBuf,
        /// The session's id.
        #[arg(value_parser = replay::session_id)]
        session: SessionId,
        /// Show the events as they are stored.
        #[arg(long)]
        events: bool,
        /// Only up to a time (2026-11-22T08:00:00.000000Z) or the index of an event.
        #[arg(long)]
        as_of: Option<AsOf>,
    },
    /// Report about one session on paper; verifies the export first.
    Report {
        /// The export: a folder or a zip.
        export: PathBuf,
        /// The session's id.
        #[arg(value_parser = replay::session_id)]
        session: SessionId,
        /// In which form.
        #[arg(long, default_value = "text")]
        format: Format,
        /// The fingerprint of the log's key.
        #[arg(long)]
        key: Option<Fingerprint>,
    },
    /// Whether a newer export of a log goes on from an older one.
    Diff {
        /// The older export.
        old: PathBuf,
        /// The newer export.
        new: PathBuf,
    },
}

/// Does what the command line says.
pub fn run() -> anyhow::Result<ExitCode> {
    Ok(match Arguments::parse().verb {
        Verb::Verify { export, key, seen, json, jobs } => {
            let jobs = jobs.unwrap_or_else(processors);
            let report = verify(&export, &Options { key, seen, jobs })?;
            if json {
                say(&report.json()?)?;
            } else {
                say(&report.to_string())?;
            }
            ExitCode::from(report.exit_code())
        }
        Verb::VerifyReceipt { file, key } => {
            let found = receipt::check(&file, key)?;
            say(&found.text)?;
            ExitCode::from(found.exit_code)
        }
        Verb::Sessions { export, search } => {
            say(&sessions::list(&export, search.as_deref())?)?;
            ExitCode::SUCCESS
        }
        Verb::Replay { export, session, events, as_of } => {
            let told = if events {
                replay::events(&export, session, as_of)?
            } else {
                replay::sentences(&export, session, as_of)?
            };
            say(&told)?;
            ExitCode::SUCCESS
        }
        Verb::Report { export, session, format, key } => {
            let options = Options { key, seen: Vec::new(), jobs: processors() };
            let report = work_report::of(&export, session, &options)?;
            say(&format.of(&report)?)?;
            ExitCode::from(report.exit_code())
        }
        Verb::Diff { old, new } => {
            let found = comparison::of(&old, &new)?;
            say(&found.to_string())?;
            ExitCode::from(found.exit_code())
        }
    })
}

/// Says why nothing could be looked at.
pub fn complain(error: &anyhow::Error) {
    let said = terminal::line(&format!("{error:#}"));
    // Where even this cannot be said, the exit code says it.
    let _ = writeln!(std::io::stderr(), "beckon-audit: {said}");
}

fn say(lines: &str) -> anyhow::Result<()> {
    terminal::print(&mut std::io::stdout().lock(), lines).context(text::CANNOT_PRINT)
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(16)
}
