//! The command line of the server.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use beckon_events::operator::Role;
use beckon_server::admin::{self, AdminAnswer, AdminRequest};
use beckon_server::clock::{Clock, SystemClock};
use beckon_server::config::{Config, LogFormat};
use beckon_server::{RunError, text};
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
    /// The people with a sign-in.
    User {
        #[command(subcommand)]
        verb: UserVerb,
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
}

/// Does what the command line says.
pub fn run() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let environment = std::env::vars().filter(|(name, _)| name.starts_with("BECKON_"));
    let config = Config::load(arguments.config.as_deref(), environment)?;
    match arguments.verb.unwrap_or(Verb::Serve) {
        Verb::Serve => serve(config),
        Verb::Init { company, again } => ask(config, AdminRequest::Init { company, again }),
        Verb::User { verb: UserVerb::Add { name, role } } => {
            ask(config, AdminRequest::AddUser { name, role })
        }
    }
}

/// Says on the terminal why nothing was done.
#[expect(clippy::print_stderr, reason = "the terminal is where the administrator reads")]
pub fn complain(error: &anyhow::Error) {
    eprintln!("beckon-server: {error:#}");
}

#[expect(clippy::print_stdout, reason = "the terminal is where the administrator reads")]
fn say(line: &str) {
    println!("{line}");
}

fn serve(config: Config) -> anyhow::Result<()> {
    start_logs(&config);
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
    let running =
        admin::ask(&config.data, &request).with_context(|| text::cannot_ask(&config.data))?;
    let answer = match running {
        Some(answer) => answer,
        None if config.public_url.is_none() && config.listen.port() == 0 => {
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
    let opened = beckon_server::open(config, url, clock).await?;
    let answer = admin::carry_out(&opened.hub, request).await;
    beckon_server::close(&opened.hub).await?;
    Ok(answer)
}

fn start_logs(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::new(format!(
        "warn,beckon_server={level}",
        level = config.log.level
    ));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Json => logs.json().init(),
        LogFormat::Text => logs.init(),
    }
}
