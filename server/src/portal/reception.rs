//! What all threads of the portal share.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::web;
use beckon_events::Digest;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::attempts::{self, Attempts, Crowded};
use super::refusal::Refusal;
use crate::ip_prefix::IpPrefix;
use crate::text;
use crate::vault::VaultError;

/// Who waits to sign in, and who has to look again whether they still are. One per process.
#[derive(Clone, Debug)]
pub struct Reception(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    attempts: Mutex<Attempts>,
    /// Hashing a password takes 19 MiB and a core: at most two at once.
    hashing: Semaphore,
    /// An export takes the disk for a while: one at a time.
    exporting: Arc<Semaphore>,
    /// A work report may read very many rows: one at a time.
    reporting: Arc<Semaphore>,
    bell: watch::Sender<u64>,
}

/// A sign-in under way; dropping it makes room for the next.
#[derive(Debug)]
pub struct Attempt {
    reception: Reception,
    account: Digest,
    source: IpPrefix,
    wait: Duration,
}

/// The one export that is being made; dropping it makes room for the next.
#[derive(Debug)]
pub(super) struct OnlyExport(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

impl Default for Reception {
    fn default() -> Self {
        Self(Arc::new(Inner {
            attempts: Mutex::default(),
            hashing: Semaphore::new(2),
            exporting: Arc::new(Semaphore::new(1)),
            reporting: Arc::new(Semaphore::new(1)),
            bell: watch::Sender::new(0),
        }))
    }
}

impl Reception {
    /// Some web session has ended: whoever shows something live looks whether it was theirs.
    pub fn ring(&self) {
        self.0.bell.send_modify(|rung| *rung = rung.wrapping_add(1));
    }

    pub(super) fn bell(&self) -> watch::Receiver<u64> {
        self.0.bell.subscribe()
    }

    /// Somebody at `address` tries to sign in with `email`; `now` is monotonic.
    pub(super) fn attempt(
        &self,
        email: &str,
        address: IpAddr,
        now: Duration,
    ) -> Result<Attempt, Crowded> {
        let length = if address.to_canonical().is_ipv4() { 32 } else { 64 };
        let (account, source) = (attempts::account(email), IpPrefix::of(address, length));
        let wait = self.attempts().begin(account, source, now)?;
        Ok(Attempt { reception: self.clone(), account, source, wait })
    }

    /// Runs what hashes a password.
    pub(super) async fn hashing<R: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<R, VaultError> + Send + 'static,
    ) -> Result<R, Refusal> {
        let _one_of_two = self.0.hashing.acquire().await.map_err(|_| Refusal::Busy)?;
        Ok(web::block(work).await??)
    }

    /// The right to make an export, unless one is being made.
    pub(super) fn export(&self) -> Result<OnlyExport, Refusal> {
        let under_way = |_| Refusal::Rule(text::EXPORT_UNDER_WAY.to_owned());
        let only = Arc::clone(&self.0.exporting).try_acquire_owned().map_err(under_way)?;
        Ok(OnlyExport(only))
    }

    /// The turn to read a work report, once whoever came before has read theirs.
    pub(super) async fn report(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.0.reporting).acquire_owned().await.map_err(|_| Refusal::Busy)
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.0.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OnlyExport {
    /// Makes it. It goes on when nobody waits for it any more.
    pub(super) async fn make<R: Send + 'static>(
        self,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R, Refusal> {
        let made = move || {
            let _only = self;
            work()
        };
        Ok(web::block(made).await?)
    }
}

impl Attempt {
    /// Its turn comes; the password may be looked at.
    pub async fn turn(&self) {
        tokio::time::sleep(self.wait).await;
    }

    /// The password was right.
    pub fn succeed(&self) {
        self.reception.attempts().succeed(self.account);
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.reception.attempts().leave(self.account, self.source);
    }
}
