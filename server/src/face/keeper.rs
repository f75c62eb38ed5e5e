//! The keeper of the door, and how the log's port is opened.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use uuid::Uuid;

use super::door::{Admission, Door, Knock, KnockError, Shown};
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
/// So many tokens are looked up at once.
const LOOKS_MAX: usize = 8;

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
    let door = Door::new(knocks, hub.tokens.revoked(), Arc::clone(&hub.clock));
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

/// Those who wait for the same use of a token to be recorded.
type Waiting = Rc<RefCell<HashMap<Uuid, Vec<Answer>>>>;
type Answer = oneshot::Sender<Result<Admission, KnockError>>;

/// Looks at the tokens that are shown, a few at once. Whoever waits for the store holds up nobody.
async fn keep(hub: Hub, mut knocking: mpsc::Receiver<Knock>) {
    let (looking, waiting) = (Arc::new(Semaphore::new(LOOKS_MAX)), Waiting::default());
    while let Ok(look) = Arc::clone(&looking).acquire_owned().await
        && let Some(knock) = knocking.recv().await
    {
        actix::spawn(open_to(hub.clone(), Rc::clone(&waiting), knock, look));
    }
}

async fn open_to(hub: Hub, waiting: Waiting, knock: Knock, look: OwnedSemaphorePermit) {
    let Knock { shown, answer } = knock;
    let found = match shown {
        Shown::Token(token) => hub.token_shown(&token).await,
        Shown::Before(id) => hub.token_with(id).await,
    };
    drop(look);
    // Whoever hung up knocks again, here and below.
    let (token, day) = match found {
        Ok(Some(found)) => (found.id, hub.day_of_use(found)),
        other => return drop(answer.send(Err(other.map_or_else(unavailable, |_| WRONG)))),
    };
    if let Some(day) = day {
        return drop(answer.send(Ok(Admission { token, day })));
    }
    if let Some(others) = waiting.borrow_mut().get_mut(&token) {
        return others.push(answer);
    }
    waiting.borrow_mut().insert(token, vec![answer]);
    let verdict = match hub.use_token(token).await {
        Ok(day) => Ok(Admission { token, day }),
        // Revoked at this moment.
        Err(DispatchError::Rejected(_)) => Err(WRONG),
        Err(error) => Err(unavailable(error)),
    };
    for answer in waiting.borrow_mut().remove(&token).into_iter().flatten() {
        let _ = answer.send(verdict.clone());
    }
}

const WRONG: KnockError = KnockError::Wrong;

fn unavailable(error: DispatchError) -> KnockError {
    KnockError::Unavailable(error.to_string())
}
