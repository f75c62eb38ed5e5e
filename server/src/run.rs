//! A server, from its data folder to its sockets, until it is told to stop.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use actix::Actor as _;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use beckon_events::envelope::Actor;
use beckon_events::{LogId, node};
use tokio::sync::{oneshot, watch};

use crate::actors::{Journal, Missing, Presence, Router, run_policies};
use crate::clock::{Clock, Random};
use crate::config::{self, Config};
use crate::data_folder::{DataFolder, DataFolderError};
use crate::dispatch::DispatchError;
use crate::downloads::Downloads;
use crate::evidence::{Evidence, LogOf, StartError};
use crate::face::{self, FaceError, News};
use crate::hub::Hub;
use crate::inspection::{Damage, Inspection};
use crate::keyring::{Keyring, KeyringError};
use crate::metrics::{self, Metrics};
use crate::probes::Probes;
use crate::store::writer::{self, Ended};
use crate::store::{self, OpenError, Position, ReadError, StreamName};
use crate::tls::{self, TlsError};
use crate::vault::{Vault, VaultError};
use crate::views::{self, Views, ViewsError};
use crate::{admin, gateway, partial, portal, sole_server, text};

/// The stream of this server.
pub(crate) const NODE: &str = "0";
/// An agent that was connected before a restart has so long to come back.
const BACK_WITHIN: std::time::Duration = std::time::Duration::from_secs(15);
/// Open connections get so long to finish when the server stops, in seconds.
const SHUTDOWN_SECONDS: u64 = 2;

/// Why a server did not start, or ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The data folder cannot be used.
    #[error(transparent)]
    Folder(#[from] DataFolderError),
    /// The log cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The log cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The log is not what was written.
    #[error(transparent)]
    Damage(#[from] Damage),
    /// The read models cannot be kept.
    #[error(transparent)]
    Views(#[from] ViewsError),
    /// The vault cannot be opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The keys of personal values cannot be used.
    #[error(transparent)]
    Keys(#[from] KeyringError),
    /// The log is there without its vault.
    #[error("{}", text::vault_gone(.0))]
    VaultGone(PathBuf),
    /// The log and what was signed of it do not fit.
    #[error(transparent)]
    Evidence(#[from] StartError),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The log cannot be offered.
    #[error(transparent)]
    Face(#[from] FaceError),
    /// Something cannot be recorded.
    #[error(transparent)]
    Dispatch(#[from] DispatchError),
    /// The operating system refused something.
    #[error("the server cannot run: {0}")]
    Io(#[from] std::io::Error),
    /// The log failed while the server ran.
    #[error("the log failed ({0}): what was confirmed is safe, start the server again")]
    Lost(String),
    /// The vault failed while the server ran.
    #[error("the vault failed ({0}): what was confirmed is safe, start the server again")]
    VaultLost(String),
    /// Somebody else writes the same log.
    #[error(
        "another server has started on this log: one log takes one server, so this one has ended. \
         Find out which of the two is to run, and start only that one"
    )]
    Superseded,
}

/// An opened data folder with everything that works on it, but no socket.
pub struct Opened {
    /// The way to everything.
    pub hub: Hub,
    ended: oneshot::Receiver<Ended>,
    /// Which log it is, and in which era.
    of: (LogId, u32),
    /// Where this start is recorded, if it is.
    started: Option<Position>,
    /// Hears what is wrong with a large log.
    damage: Option<oneshot::Receiver<Damage>>,
}

/// Opens the data folder and records the start. Called within an actix system.
pub async fn open(
    config: Config,
    public_url: crate::config::PublicUrl,
    clock: Arc<dyn Clock>,
) -> Result<Opened, RunError> {
    let mut opened = open_unrecorded(config, public_url, clock).await?;
    let (hub, (log, era)) = (&opened.hub, opened.of);
    let stream = own_stream()?;
    let build = env!("CARGO_PKG_VERSION").to_owned();
    let log_key = Some(hub.folder.log_key().public_key());
    let start = node::Command::Start { log, build, era, log_key };
    let done = hub.node(stream, hub.own(Actor::SYSTEM), start).await?;
    hub.reached(&done).await;
    // Whoever comes finds a checkpoint, and the start itself is under it.
    if let Some(position) = done.position
        && let Err(error) = hub.evidence.covering(position).await
    {
        tracing::warn!(%error, "the start is not signed yet");
    }
    if let Err(error) = crate::erase::finish(hub).await {
        tracing::error!(%error, "an erasure that was cut off is still not finished");
    }
    opened.started = done.position;
    Ok(opened)
}

/// Opens the data folder for whoever only looks: nothing is recorded, the start neither.
pub async fn open_unrecorded(
    config: Config,
    public_url: crate::config::PublicUrl,
    clock: Arc<dyn Clock>,
) -> Result<Opened, RunError> {
    let random = Random::new();
    let folder = Arc::new(DataFolder::open(&config.data, &random)?);
    let store = store::open(&config.store, &folder)?;
    let readers = store.readers();
    let metrics = Metrics::new(&store.troubles());
    let (ring, bell) = Views::bell();
    let (sign, asks) = Evidence::bell();
    let second = sign.clone();
    let news = News::new();
    let third = news.clone();
    let publish = move |_: &[_]| {
        ring.ring();
        second.ring();
        third.ring();
    };
    let (writer, ended) = writer::spawn(store, Box::new(publish))?;
    if readers.reader()?.last_position()?.is_some() && !folder.vault_db().exists() {
        return Err(RunError::VaultGone(folder.vault_db()));
    }
    // A cluster looks after its own files.
    let is_file = matches!(config.store, config::Store::Sqlite(_));
    let inspection = is_file.then(|| Inspection::begin(&readers)).transpose()?;
    let vault = Vault::open(&folder.vault_db(), folder.pepper(), &random)?;
    let keys = Keyring::open(vault.clone(), folder.keks().clone(), random.clone())?;
    if config.store == config::Store::Memory {
        // It holds another log each time.
        views::discard(&folder.read_db())?;
    }
    let views = Views::start(&readers, bell, Arc::new(keys.clone()), &folder.read_db())?;
    let of = LogOf::read(&*readers.reader()?, &own_stream()?, &public_url)?;
    let of = of.unwrap_or_else(|| LogOf::new(LogId(random.uuid()), &public_url));
    let (log, era) = (of.log, of.era);
    let files = (config.store != config::Store::Memory).then_some(folder.path());
    let signer = Arc::clone(&folder);
    let evidence = Evidence::start(files, of, &readers, signer, &config.evidence, (sign, asks))?;
    let damage = inspection.map(|inspection| inspection.go_on(evidence.latest())).transpose()?;
    let last = views.read(|models| models.last_at);
    let seals = (keys.clone(), random.clone());
    let journal = Journal::new(writer, readers, Arc::clone(&clock), log, last, seals);
    let journal = journal.counted(metrics.clone());
    let downloads = Downloads::open(config.downloads.clone().unwrap_or(folder.downloads()));
    let hub = Hub {
        config: Arc::new(config),
        clock,
        random,
        vault,
        keys,
        folder,
        public_url,
        views,
        launches: crate::launches::Launches::default(),
        tickets: crate::tickets::Tickets::default(),
        tokens: crate::tokens::Tokens::default(),
        news,
        downloads,
        reception: portal::Reception::default(),
        evidence,
        journal,
        metrics,
        probes: Probes::default(),
        presence: Presence::default(),
        router: Router::default().start(),
        rare: Arc::default(),
    };
    // An export or a backup that was killed may have left keys.
    let here = hub.folder.path().to_owned();
    let sweep = move || std::fs::metadata(&here).map(|own| partial::sweep(&here, &own));
    tokio::task::spawn_blocking(sweep).await.map_err(std::io::Error::other)??;
    Ok(Opened { hub, ended, of: (log, era), started: None, damage })
}

/// Runs a server on `listener` until `stop` holds true; `ready` is called once it listens.
pub async fn run(
    config: Config,
    listener: TcpListener,
    clock: Arc<dyn Clock>,
    stop: watch::Receiver<bool>,
    ready: Box<dyn FnOnce() + Send>,
) -> Result<(), RunError> {
    let public_url = config.public_url_for(listener.local_addr()?);
    let opened = open(config, public_url, clock).await?;
    serve(opened, listener, stop, ready).await
}

/// Serves an opened data folder on `listener` until `stop` holds true.
pub async fn serve(
    opened: Opened,
    listener: TcpListener,
    mut stop: watch::Receiver<bool>,
    ready: Box<dyn FnOnce() + Send>,
) -> Result<(), RunError> {
    let Opened { hub, ended, started, damage, .. } = opened;
    let tls = hub.config.tls.as_ref().map(tls::load).transpose()?;
    drop_orphans(&hub).await?;
    expect_everybody(&hub);
    let admin = admin::listen(hub.clone(), stop.clone())?;
    let face = face::open(&hub)?;
    let metrics = hub.config.metrics.map(|at| metrics::serve(&hub, at)).transpose()?;
    actix::spawn(run_policies(hub.clone(), stop.clone()));
    let watching = actix::spawn(hub.evidence.clone().watch());
    let data = Data::new(hub.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .configure(gateway::configure)
            .configure(|config| portal::configure(config, data.clone()))
    })
    .workers(2)
    .tcp_nodelay(true)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .disable_signals();
    let server = match tls {
        Some(tls) => server.listen_rustls_0_23(listener, tls)?,
        None => server.listen(listener)?,
    };
    let server = server.run();
    let handle = server.handle();
    let serving = actix::spawn(server);
    tracing::info!(address = %hub.public_url, "listening");
    ready();
    let failed = tokio::select! {
        _ = stop.wait_for(|stop| *stop) => None,
        ended = ended => Some(RunError::Lost(match ended {
            Ok(Ended::Lost(why)) => why,
            Ok(Ended::Stopped) | Err(_) => "its thread has ended".to_owned(),
        })),
        damage = found(damage) => Some(damage.into()),
        why = hub.vault.lost() => Some(RunError::VaultLost(why)),
        () = sole_server::superseded(&hub, started) => Some(RunError::Superseded),
    };
    handle.stop(true).await;
    if let Err(error) = serving.await {
        tracing::warn!(%error, "a worker did not end properly");
    }
    drop(admin);
    // It waits for its thread, which may wait for an answer from this one.
    if let Err(error) = tokio::task::spawn_blocking(move || drop(face)).await {
        tracing::warn!(%error, "the log's port did not close properly");
    }
    if let Some(metrics) = metrics {
        metrics.stop(false).await;
    }
    watching.abort();
    if let Some(error) = failed {
        return Err(error);
    }
    close(&hub).await
}

/// Waits until the log turns out to be damaged.
async fn found(damage: Option<oneshot::Receiver<Damage>>) -> Damage {
    if let Some(Ok(damage)) = futures_util::future::OptionFuture::from(damage).await {
        return damage;
    }
    std::future::pending().await
}

/// Runs `future` in an actix system, as the program does.
pub fn system<F: Future>(future: F) -> F::Output {
    actix::System::new().block_on(future)
}

/// Records the proper end.
pub async fn close(hub: &Hub) -> Result<(), RunError> {
    let stopped = hub.node(own_stream()?, hub.own(Actor::SYSTEM), node::Command::Stop).await;
    close_unrecorded(hub).await?;
    Ok(stopped.map(drop)?)
}

/// Ends what was opened by [`open_unrecorded`].
pub async fn close_unrecorded(hub: &Hub) -> Result<(), RunError> {
    // Signed up to its end; the data folder is free when the sequencer has gone.
    hub.evidence.finish().await;
    let views = hub.views.clone();
    tokio::task::spawn_blocking(move || views.finish()).await.map_err(std::io::Error::other)?;
    Ok(())
}

fn own_stream() -> Result<StreamName, RunError> {
    Ok(StreamName::node(NODE).map_err(|error| std::io::Error::other(error.to_string()))?)
}

/// Invitations whose session was never recorded, or is closed, are forgotten.
async fn drop_orphans(hub: &Hub) -> Result<(), RunError> {
    let kept = hub.in_vault(Vault::invitations).await?;
    for session in kept {
        let open = hub.views.read(|models| {
            let row = models.sessions.get(session);
            row.is_some_and(beckon_projections::SessionRow::is_live)
        });
        if !open {
            hub.in_vault(move |vault| vault.close_invitation(session)).await?;
        }
    }
    Ok(())
}

/// After a restart nobody is connected; those who were get some time to come back.
fn expect_everybody(hub: &Hub) {
    let now = hub.journal.now();
    let joined = hub.views.read(|models| {
        let rows = models.sessions.live_ids().filter_map(|id| models.sessions.get(id));
        rows.filter(|row| row.joined.is_some())
            .map(|row| (row.id, row.reconnecting, row.state))
            .collect::<Vec<_>>()
    });
    for (session, lost, state) in joined {
        if !lost {
            hub.presence.missing(session, Missing::Agent, now, BACK_WITHIN);
        }
        if state == beckon_projections::SessionState::InSession {
            let within = hub.config.session.operator_away;
            hub.presence.missing(session, Missing::Operator, now, within);
        }
    }
}
