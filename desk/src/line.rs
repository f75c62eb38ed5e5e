//! The protocol socket that comes back by itself.

use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use beckon_events::Timestamp;
use beckon_protocol::limits::{AUTHENTICATE_WITHIN, PING_EVERY};
use beckon_protocol::{HelloFrame, Kind, ServerAddress, ToAgent, ToControl};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::{Socket, SocketError, clock};

/// So many messages wait at most.
const WAITING: usize = 64;
/// The step by which the pause between attempts grows.
const STEP: Duration = Duration::from_millis(500);
/// The longest pause between attempts.
const LONGEST: Duration = Duration::from_secs(5);
/// How long a goodbye may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// A protocol socket, kept alive until it is closed or dropped. `Out` is what is said on it.
pub struct Line<Out> {
    queue: Option<mpsc::Sender<Out>>,
    up: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

/// What happens on a [`Line`]; `In` is what is heard on it.
#[derive(Clone, Debug, PartialEq)]
pub enum LineEvent<In> {
    /// The server has greeted; now is the time to say who this is.
    Up {
        /// 32 random bytes of this connection, for signatures.
        nonce: Vec<u8>,
        /// The server's time.
        now: Timestamp,
    },
    /// The server said something.
    Message(In),
    /// There is no connection; another attempt follows by itself.
    Down {
        /// Why.
        why: SocketError,
        /// When the next attempt begins.
        again_in: Duration,
    },
    /// The server speaks another version: the line is closed.
    OtherVersion {
        /// Where the right program is to be had.
        download: String,
    },
}

/// A first message, taken apart.
pub enum Greeted<In> {
    /// The answer to the hello.
    Welcome {
        /// 32 random bytes of this connection.
        nonce: Vec<u8>,
        /// The server's time.
        now: Timestamp,
    },
    /// The versions do not fit.
    OtherVersion {
        /// Where the right program is to be had.
        download: String,
    },
    /// Anything else.
    Other(In),
}

/// What a server says, among it the greeting.
pub trait Greeting: DeserializeOwned + Send + 'static {
    /// The path of the socket on which it is said.
    const PATH: &'static str;

    /// Tells a greeting from everything else.
    fn greeted(self) -> Greeted<Self>;
}

impl Greeting for ToAgent {
    const PATH: &'static str = "/ws/agent";

    fn greeted(self) -> Greeted<Self> {
        match self {
            Self::Welcome { nonce, now, .. } => Greeted::Welcome { nonce: nonce.0, now },
            Self::OtherVersion { download, .. } => Greeted::OtherVersion { download },
            other => Greeted::Other(other),
        }
    }
}

impl Greeting for ToControl {
    const PATH: &'static str = "/ws/control";

    fn greeted(self) -> Greeted<Self> {
        match self {
            Self::Welcome { nonce, now, .. } => Greeted::Welcome { nonce: nonce.0, now },
            Self::OtherVersion { download, .. } => Greeted::OtherVersion { download },
            other => Greeted::Other(other),
        }
    }
}

impl<Out: Serialize + Send + Sync + 'static> Line<Out> {
    /// Begins to connect, within a tokio runtime. `tell` must not block.
    pub fn open<In: Greeting>(
        server: ServerAddress,
        kind: Kind,
        tell: impl FnMut(LineEvent<In>) + Send + 'static,
    ) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING);
        let up = Arc::new(AtomicBool::new(false));
        let keeper = Keeper { server, kind, up: up.clone(), tell, heard: PhantomData };
        Self { queue: Some(queue), up, task: tokio::spawn(keeper.keep(waiting)) }
    }

    /// Sends `message`; `false` where the line is down and it is not sent.
    pub fn send(&self, message: Out) -> bool {
        let queue = self.queue.as_ref().filter(|_| self.up.load(Ordering::Acquire));
        queue.is_some_and(|queue| queue.try_send(message).is_ok())
    }

    /// Sends what waits and says goodbye, for at most a second.
    pub async fn close(mut self) {
        self.queue = None;
        if timeout(CLOSE_WITHIN, &mut self.task).await.is_err() {
            tracing::warn!("the server did not take the goodbye in time");
        }
    }
}

impl<Out> Drop for Line<Out> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Keeper<In, Tell> {
    server: ServerAddress,
    kind: Kind,
    up: Arc<AtomicBool>,
    tell: Tell,
    heard: PhantomData<fn() -> In>,
}

/// Why one connection came to an end.
enum End {
    Closed,
    OtherVersion(String),
    Lost(SocketError),
}

impl From<SocketError> for End {
    fn from(error: SocketError) -> Self {
        Self::Lost(error)
    }
}

impl<In: Greeting, Tell: FnMut(LineEvent<In>) + Send> Keeper<In, Tell> {
    async fn keep<Out: Serialize + Send + Sync>(mut self, mut queue: mpsc::Receiver<Out>) {
        let mut failed = 0;
        loop {
            let Err(end) = self.connection(&mut queue).await;
            if self.up.swap(false, Ordering::AcqRel) {
                failed = 0;
            }
            let why = match end {
                End::Closed => return,
                End::OtherVersion(download) => {
                    (self.tell)(LineEvent::OtherVersion { download });
                    return;
                }
                End::Lost(why) => why,
            };
            let again_in = pause(failed, clock::random_u64());
            failed += 1;
            tracing::info!(server = %self.server, %why, ?again_in, "no connection");
            (self.tell)(LineEvent::Down { why, again_in });
            let next = sleep(again_in);
            tokio::pin!(next);
            loop {
                tokio::select! {
                    () = &mut next => break,
                    // What is said while the line is down is not sent later.
                    said = queue.recv() => if said.is_none() { return },
                }
            }
        }
    }

    async fn connection<Out: Serialize + Send + Sync>(
        &mut self,
        queue: &mut mpsc::Receiver<Out>,
    ) -> Result<std::convert::Infallible, End> {
        let (mut sender, mut receiver) = Socket::connect(&self.server, In::PATH).await?.split();
        sender.say(&HelloFrame::of(self.kind)).await?;
        let first = timeout(AUTHENTICATE_WITHIN, receiver.hear::<In>()).await;
        let (nonce, now) = match first.map_err(|_| SocketError::Timeout)??.greeted() {
            Greeted::Welcome { nonce, now } => (nonce, now),
            Greeted::OtherVersion { download } => return Err(End::OtherVersion(download)),
            Greeted::Other(_) => return Err(SocketError::NotBeckon.into()),
        };
        while queue.try_recv().is_ok() {}
        self.up.store(true, Ordering::Release);
        (self.tell)(LineEvent::Up { nonce, now });
        let mut ping = interval(PING_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                said = queue.recv() => {
                    let Some(said) = said else {
                        sender.close().await?;
                        return Err(End::Closed);
                    };
                    sender.say(&said).await?;
                }
                heard = receiver.hear::<In>() => match heard?.greeted() {
                    Greeted::Other(message) => (self.tell)(LineEvent::Message(message)),
                    Greeted::Welcome { .. } | Greeted::OtherVersion { .. } => {
                        return Err(SocketError::Unreadable.into());
                    }
                },
                _ = ping.tick() => sender.ping().await?,
            }
        }
    }
}

/// The pause after so many failures in a row: a random part between the half and the whole.
fn pause(failed: u32, random: u64) -> Duration {
    let whole = STEP.saturating_mul(failed + 1).min(LONGEST).max(STEP * 2);
    let half = whole / 2;
    let part = u32::try_from(random % 1_000).unwrap_or_default();
    half + half * part / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_half_a_second_to_five_seconds() {
        assert_eq!(pause(0, 0), Duration::from_millis(500));
        assert!(pause(0, 999) < Duration::from_secs(1));
        assert!((0..100).all(|failed| pause(failed, 999) <= LONGEST));
        assert_eq!(pause(100, 0), LONGEST / 2);
    }
}
