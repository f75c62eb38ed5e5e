//! One client on a thread of its own: whatever it leaves behind goes when the thread goes.

use std::future::Future;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use eventstore::{Client, ClientSettings, Credentials};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use super::nodelay;
use super::trouble::Trouble;
use crate::clock::{Clock, SystemClock};

/// A runtime that does not even notice that time is up is given up on after this.
const STUCK: Duration = Duration::from_millis(500);

/// A request that took so long may have waited for an acknowledgement: a connection that the
/// client made anew by itself is looked for…
const SLOW: Duration = Duration::from_millis(25);
/// … but not more often than so.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// A client with its own runtime. Dropping it ends everything the client has started, also what
/// the client itself would keep for ever.
pub(super) struct Connection {
    client: Client,
    credentials: Option<Credentials>,
    runtime: Handle,
    ports: Vec<u16>,
    clock: SystemClock,
    /// When its sockets were last looked at; none: never.
    looked: Mutex<Option<Duration>>,
    _end: oneshot::Sender<()>,
}

impl Connection {
    /// A client that connects when it is first asked.
    pub(super) fn new(
        settings: ClientSettings,
        credentials: Option<Credentials>,
        ports: Vec<u16>,
    ) -> Result<Self, Trouble> {
        let failed = |error: std::io::Error| Trouble::Client(error.to_string());
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel::<()>();
        let run = move || {
            // It ends when the connection is dropped.
            let _ = runtime.block_on(ended);
            // A look-up of a name may still be going on: it is not waited for.
            runtime.shutdown_background();
        };
        thread::Builder::new().name("event store".to_owned()).spawn(run).map_err(failed)?;
        let client = Client::with_runtime_handle(handle.clone(), settings).map_err(Trouble::of)?;
        let (clock, looked) = (SystemClock::new(), Mutex::default());
        Ok(Self { client, credentials, runtime: handle, ports, clock, looked, _end: end })
    }

    /// Does `work` on the client's thread; the caller's thread waits, at most `within`.
    pub(super) fn ask<T, W>(
        &self,
        within: Duration,
        work: impl FnOnce(Client, Option<Credentials>) -> W,
    ) -> Result<T, Trouble>
    where
        T: Send + 'static,
        W: Future<Output = Result<T, Trouble>> + Send + 'static,
    {
        let begun = self.clock.monotonic();
        let work = work(self.client.clone(), self.credentials.clone());
        let (answer, answered) = mpsc::sync_channel(1);
        let task = self.runtime.spawn(async move {
            let done = tokio::time::timeout(within, work).await;
            // Nobody waits any more: what was asked for is not needed.
            let _ = answer.send(done.unwrap_or(Err(Trouble::Silent)));
        });
        match answered.recv_timeout(within + STUCK) {
            Ok(done) => {
                if done.is_ok() {
                    self.look_at_sockets(begun);
                }
                done
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                task.abort();
                Err(Trouble::Silent)
            }
            // The task has panicked, or its runtime is gone.
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(Trouble::Unreachable),
        }
    }

    /// After the first request, and after slow ones.
    fn look_at_sockets(&self, begun: Duration) {
        let now = self.clock.monotonic();
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let since = |then| now.saturating_sub(then);
        let due = looked.is_none_or(|at| since(begun) >= SLOW && since(at) >= LOOK_AGAIN);
        if due {
            *looked = Some(now);
            drop(looked);
            nodelay::send_at_once(&self.ports);
        }
    }
}
