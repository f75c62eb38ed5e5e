//! What a running server says about itself.

use std::net::SocketAddr;
use std::time::Duration;

use beckon_events::Timestamp;
use serde::{Deserialize, Serialize};

use crate::hub::Hub;
use crate::portal;
use crate::probes::Probe;

/// What a running server says about itself over `admin.sock`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its process.
    pub pid: u32,
    /// Its version.
    pub build: String,
    /// Where people reach it.
    pub public_url: String,
    /// Its time of day.
    pub now: Timestamp,
    /// The time that the next event gets: later than `now` where the clock was set back.
    pub log_at: Timestamp,
    /// Whether the log takes events.
    pub writes: bool,
    /// Why the log cannot be read; none where it can.
    pub unreadable: Option<String>,
    /// How far the read models are behind the log.
    pub read_models: Behind,
    /// How long the oldest event waits for its place in the tree, in seconds.
    pub tree_seconds: u64,
    /// Where its metrics are, where they are on.
    pub metrics: Option<SocketAddr>,
    /// A word that only it can answer.
    pub probe: Probe,
}

/// How far something is behind the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behind {
    /// In positions of the store.
    pub positions: u64,
    /// For how long the oldest event waits, in seconds.
    pub seconds: u64,
}

/// The time in an envelope.
#[derive(Deserialize)]
struct At {
    at: Timestamp,
}

impl Standing {
    /// Of the server that runs here.
    pub async fn of(hub: &Hub) -> Self {
        let (read_models, unreadable) = match behind(hub).await {
            Ok(behind) => (behind, None),
            Err(why) => (Behind::default(), Some(why)),
        };
        Self {
            pid: std::process::id(),
            build: env!("CARGO_PKG_VERSION").to_owned(),
            public_url: hub.public_url.to_string(),
            now: hub.clock.now(),
            log_at: hub.journal.now(),
            writes: portal::journal_answers(hub).await,
            unreadable,
            read_models,
            tree_seconds: hub.evidence.waiting().map_or(0, |waiting| waiting.as_secs()),
            metrics: hub.metrics.address(),
            probe: hub.probes.issue(hub.clock.monotonic(), &hub.random),
        }
    }
}

/// How far the read models are behind the log, or why that cannot be read.
pub async fn behind(hub: &Hub) -> Result<Behind, String> {
    /// A store that hangs is answered for after this.
    const WITHIN: Duration = Duration::from_secs(2);
    let (readers, now) = (hub.journal.readers(), hub.clock.now());
    let folded = *hub.views.changed().borrow();
    let look = move || {
        let reader = readers.reader()?;
        let after = (folded > 0).then(|| crate::store::Position::from_bits(folded));
        let Some(first) = reader.read_all(after, 1)?.into_iter().next() else {
            return Ok(Behind::default());
        };
        let last = reader.last_position()?.map_or(0, crate::store::Position::to_bits);
        let at = serde_json::from_slice::<At>(&first.metadata).map_or(now, |read| read.at);
        let positions = last.max(first.position.to_bits()).saturating_sub(folded);
        Ok(Behind { positions, seconds: now.since(at).as_secs() })
    };
    let looked = tokio::time::timeout(WITHIN, tokio::task::spawn_blocking(look)).await;
    match looked {
        Ok(Ok(read)) => read.map_err(|error: crate::store::ReadError| error.to_string()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("it did not answer in time".to_owned()),
    }
}
