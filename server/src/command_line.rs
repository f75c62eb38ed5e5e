//! The command line of the server.

mod examining;
mod keeping;

use std::io::{ErrorKind, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use beckon_events::SessionId;
use beckon_events::account::Names;
use beckon_events::operator::Role;
use beckon_server::admin::{self, AdminAnswer, AdminRequest};
use beckon_server::clock::{Clock, SystemClock};
use beckon_server::config::{Config, LogFormat};
use beckon_server::data_folder::is_held;
use beckon_server::{RunError, logs, text};
use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Self-hosted, on-demand remote support: the server.
#[derive(Parser)]
#[command(name = "beckon-server", version)]
struct Arguments {
    /// The configuration file; every key has a default.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand)]
enum Verb {
    /// Run the server (the default).
    Serve,
    /// Set the server up and print the link for its administrator.
    Init {
        /// The company's name, as end users see it.
        #[arg(long)]
        company: String,
        /// Print a link for one more administrator, although there is one.
        #[arg(long)]
        again: bool,
    },
    /// Destroy the key of everything personal that is recorded about somebody. Cannot be undone.
    Erase {
        /// user:SESSION (the end user of a session), operator:ID or address:IP.
        subject: String,
        /// Why, without naming the person; it stands in the log.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Copy the data folder, while the server runs or not.
    Backup {
        /// A new folder.
        folder: PathBuf,
        /// Copy the keys as well, into another new folder.
        #[arg(long, value_name = "FOLDER")]
        keys: Option<PathBuf>,
    },
    /// Write a copy of the log that anybody can verify, into a new folder or zip.
    Export {
        /// A new folder, or a new file that ends in .zip.
        target: PathBuf,
        /// Only this session.
        #[arg(long, value_name = "ID", value_parser = session)]
        session: Option<SessionId>,
        /// With the keys of names: all, or subjects with commas between them.
        #[arg(long, value_name = "all|SUBJECT,…", value_parser = names)]
        with_names: Option<Names>,
    },
    /// Put a backup back into an empty data folder.
    Restore {
        /// The folder of the backup.
        folder: PathBuf,
        /// The folder of its keys.
        #[arg(long, value_name = "FOLDER")]
        keys: PathBuf,
        /// A file with the last checkpoint that somebody kept elsewhere.
        #[arg(long, value_name = "FILE")]
        seen: Option<PathBuf>,
    },
    /// Find what stands between people and this server: a line for each check, and what to do.
    Doctor {
        /// Print one JSON object instead.
        #[arg(long)]
        json: bool,
        /// Send one mail there, to see whether mails arrive.
        #[arg(long, value_name = "ADDRESS")]
        mail_to: Option<String>,
    },
    /// Print the fingerprint of the key that signs the log.
    Key,
    /// What is durable and can be forgotten.
    Vault {
        #[command(subcommand)]
        verb: VaultVerb,
    },
    /// The API tokens with which programs read the log.
    Token {
        #[command(subcommand)]
        verb: TokenVerb,
    },
    /// The read models, which are folded from the log and can be thrown away.
    Projections {
        #[command(subcommand)]
        verb: ProjectionsVerb,
    },
    /// The people with a sign-in.
    User {
        #[command(subcommand)]
        verb: UserVerb,
    },
}

#[derive(Subcommand)]
enum VaultVerb {
    /// Make a new vault where vault.db is lost: signs everybody out, and every name reads as
    /// erased.
    Renew,
}

#[derive(Subcommand)]
enum TokenVerb {
    /// Make a token that opens the log over EventStoreDB's protocol, and print it once.
    Add {
        /// What it is for, such as SIEM; it stands in the log.
        label: String,
    },
    /// Print every token with its id, its label and when it was used last.
    List,
    /// Take a token back; whoever is reading by it is cut off.
    Revoke {
        /// Its id, as `token list` shows it.
        #[arg(value_parser = token)]
        id: uuid::Uuid,
    },
}

#[derive(Subcommand)]
enum ProjectionsVerb {
    /// Print each with its version, position and rows, and how many events it is behind.
    List,
    /// Build one, or all, anew from the log, while the old ones serve.
    Rebuild {
        /// One of the names that `list` prints.
        name: Option<String>,
    },
}

#[derive(Subcommand)]
enum UserVerb {
    /// Let somebody register and print their link.
    Add {
        /// Their first and last name.
        name: String,
        /// admin, operator or auditor.
        #[arg(long)]
        role: Role,
    },
    /// Print everybody with their role, whether they can sign in, and their id.
    List,
}

/// Does what the command line says.
pub fn run() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let environment = std::env::vars().filter(|(name, _)| name.starts_with("BECKON_"));
    if let Some(Verb::Doctor { json, mail_to }) = arguments.verb {
        return examining::run(arguments.config.as_deref(), environment, json, mail_to);
    }
    let config = Config::load(arguments.config.as_deref(), environment)?;
    match arguments.verb.unwrap_or(Verb::Serve) {
        Verb::Doctor { .. } => Ok(()),
        Verb::Serve => serve(config),
        Verb::Init { company, again } => ask(config, AdminRequest::Init { company, again }),
        Verb::Erase { subject, reason } => ask(config, AdminRequest::Erase { subject, reason }),
        Verb::Backup { folder, keys } => {
            let folder = std::path::absolute(folder)?;
            let keys = keys.map(std::path::absolute).transpose()?;
            ask(config, AdminRequest::Backup { folder, keys })
        }
        Verb::Export { target, session, with_names } => {
            let target = std::path::absolute(target)?;
            let names = with_names.unwrap_or(Names::None);
            ask(config, AdminRequest::Export { target, session, names })
        }
        Verb::Restore { folder, keys, seen } => {
            say(&keeping::restore(&config, &folder, &keys, seen.as_deref())?);
            Ok(())
        }
        Verb::Key => {
            say(&keeping::log_key(&config)?);
            Ok(())
        }
        Verb::Vault { verb: VaultVerb::Renew } => {
            say(&keeping::renew_vault(&config)?);
            Ok(())
        }
        Verb::User { verb: UserVerb::Add { name, role } } => {
            ask(config, AdminRequest::AddUser { name, role })
        }
        Verb::Token { verb: TokenVerb::Add { label } } => {
            ask(config, AdminRequest::AddToken { label })
        }
        Verb::Token { verb: TokenVerb::List } => ask(config, AdminRequest::ListTokens {}),
        Verb::Token { verb: TokenVerb::Revoke { id } } => {
            ask(config, AdminRequest::RevokeToken { token: id })
        }
        Verb::Projections { verb: ProjectionsVerb::List } => {
            ask(config, AdminRequest::ListModels {})
        }
        Verb::Projections { verb: ProjectionsVerb::Rebuild { name } } => {
            ask(config, AdminRequest::RebuildModels { name })
        }
        Verb::User { verb: UserVerb::List } => ask(config, AdminRequest::ListUsers {}),
    }
}

/// Which session an export is to hold.
fn session(written: &str) -> Result<SessionId, &'static str> {
    written.trim().parse().map_err(|_| text::SESSION_WRONG)
}

/// Which token is meant.
fn token(written: &str) -> Result<uuid::Uuid, &'static str> {
    uuid::Uuid::parse_str(written.trim()).map_err(|_| text::TOKEN_ID_WRONG)
}

/// Whose names an export is to hold.
fn names(written: &str) -> Result<Names, String> {
    if written == "all" {
        return Ok(Names::All);
    }
    let subject = |part: &str| part.trim().parse().map_err(|_| text::names_wrong(part));
    written.split(',').map(subject).collect::<Result<_, _>>().map(Names::Some)
}

/// Says on the terminal why nothing was done.
pub fn complain(error: &anyhow::Error) {
    if !error.is::<Logged>() {
        // Where even this cannot be said, the exit code says it.
        let _ = writeln!(std::io::stderr(), "beckon-server: {error:#}");
    }
}

/// Why the server ended stands in its log already, which programs read line by line.
#[derive(Debug, thiserror::Error)]
#[error("the server has ended, its log says why")]
struct Logged;

fn say(line: &str) {
    let mut terminal = std::io::stdout().lock();
    match writeln!(terminal, "{line}").and_then(|()| terminal.flush()) {
        // That nobody reads on, as `head` does, is no error.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            complain(&anyhow!(text::cannot_print(&error)));
        }
        _ => {}
    }
}

fn serve(config: Config) -> anyhow::Result<()> {
    let log = config.log;
    logs::start(log, std::io::stderr);
    match listen(config) {
        Err(error) if log.format == LogFormat::Json => {
            tracing::error!(error = format!("{error:#}"), "the server has ended");
            Err(Logged.into())
        }
        ended => ended,
    }
}

fn listen(config: Config) -> anyhow::Result<()> {
    let listener =
        TcpListener::bind(config.listen).with_context(|| text::cannot_listen(config.listen))?;
    let url = config.public_url_for(listener.local_addr()?);
    let (stop, stopped) = watch::channel(false);
    beckon_server::system(async move {
        let mut term = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        actix::spawn(async move {
            tokio::select! {
                _ = term.recv() => {}
                _ = interrupt.recv() => {}
            }
            stop.send_replace(true);
        });
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let ready = Box::new(move || say(&text::listening_on(&url)));
        beckon_server::run(config, listener, clock, stopped, ready).await?;
        Ok(())
    })
}

fn ask(config: Config, request: AdminRequest) -> anyhow::Result<()> {
    if matches!(request, AdminRequest::Backup { .. }) {
        keeping::must_copy(&config)?;
    }
    let running = admin::ask(&config.data, &request).map_err(|error| {
        let pid = is_held(&config.data);
        anyhow!(text::cannot_ask(&config.data, &error, pid.as_deref()))
    })?;
    if running.is_none() && !request.may_begin() {
        keeping::must_hold_server(&config)?;
    }
    let answer = match running {
        Some(answer) => answer,
        None if request.prints_link()
            && config.public_url.is_none()
            && config.listen.port() == 0 =>
        {
            bail!(text::PORT_UNKNOWN)
        }
        None => beckon_server::system(on_the_folder(config, request))?,
    };
    match answer {
        AdminAnswer::Done(done) => say(&done),
        AdminAnswer::Refused(why) => bail!(why),
    }
    Ok(())
}

/// No server runs: the work is done on the data folder itself.
async fn on_the_folder(config: Config, request: AdminRequest) -> Result<AdminAnswer, RunError> {
    let url = config.public_url_for(config.listen);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    if request.only_looks() {
        let opened = beckon_server::open_unrecorded(config, url, clock).await?;
        let answer = admin::carry_out(&opened.hub, request).await;
        beckon_server::close_unrecorded(&opened.hub).await?;
        return Ok(answer);
    }
    let opened = beckon_server::open(config, url, clock).await?;
    let answer = admin::carry_out(&opened.hub, request).await;
    beckon_server::close(&opened.hub).await?;
    Ok(answer)
}
