//! The keeper of the door, and how the log's port is opened.

use std::io;
use std::net::{SocketAddr, TcpListener};

use tokio::sync::{mpsc, watch};

use super::door::{Door, Knock, KnockError};
use super::introductions::{Alone, Features};
use super::listening::{Listening, Services};
use super::pages::Source;
use super::streams::LogStreams;
use crate::dispatch::DispatchError;
use crate::hub::Hub;
use crate::text;
use crate::tls::{self, TlsError};

/// The largest request, in bytes.
const REQUEST_MAX: usize = 64 * 1024;
/// Readers at the door at once; the next ones wait.
const KNOCKS_MAX: usize = 64;

/// Why the log cannot be offered.
#[derive(Debug, thiserror::Error)]
pub enum FaceError {
    /// The address is taken, or not this machine's.
    #[error("{}: {error}", text::cannot_listen(*.address))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        error: io::Error,
    },
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Its thread cannot be started.
    #[error("the log cannot be offered over EventStoreDB's protocol: {0}")]
    Start(io::Error),
}

/// Opens the port that the configuration names, if it does. Called within an actix system.
pub fn open(hub: &Hub) -> Result<Option<Listening>, FaceError> {
    let Some(face) = &hub.config.face else { return Ok(None) };
    let tls = face.tls.as_ref().map(tls::load).transpose()?;
    let address = face.listen;
    let listener =
        TcpListener::bind(address).map_err(|error| FaceError::Listen { address, error })?;
    let (knocks, knocking) = mpsc::channel(KNOCKS_MAX);
    actix::spawn(keep(hub.clone(), knocking));
    let (stop, stopped) = watch::channel(false);
    let source = Source::new(hub.journal.readers(), hub.news.clone());
    let door = Door::new(knocks, hub.tokens.revoked(), std::sync::Arc::clone(&hub.clock));
    let services = Services {
        streams: LogStreams::new(source, door, hub.random.clone(), stopped)
            .counted(hub.metrics.clone()),
        features: Features { streams: &["read"] },
        alone: Alone {
            instance: hub.random.uuid(),
            #[cfg(feature = "esdb-peer")]
            faults: None,
        },
        request_max: REQUEST_MAX,
        metrics: hub.metrics.clone(),
    };
    let listening = Listening::start(listener, tls, services, stop).map_err(FaceError::Start)?;
    tracing::info!(address = %listening.address(), "the log can be read");
    Ok(Some(listening))
}

/// Looks at the tokens that are shown, one after the other.
async fn keep(hub: Hub, mut knocking: mpsc::Receiver<Knock>) {
    while let Some(Knock { token, answer }) = knocking.recv().await {
        let verdict = match hub.admit_token(&token).await {
            Ok(Some(id)) => Ok(id),
            // Revoked at this moment.
            Ok(None) | Err(DispatchError::Rejected(_)) => Err(KnockError::Wrong),
            Err(error) => Err(KnockError::Unavailable(error.to_string())),
        };
        // Whoever hung up knocks again.
        let _ = answer.send(verdict);
    }
}
