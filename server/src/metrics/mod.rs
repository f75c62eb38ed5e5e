//! The server's numbers, for Prometheus.
//!
//! **Invariant.** No name, address, code or id is in them: labels come from lists in this program.
//! Counting is an addition; whatever has to be looked up is looked up when somebody reads.

mod meters;
mod port;
mod reading;

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;

use crate::clock::{Clock, SystemClock};
use crate::gateway::pipe::Side;
use crate::store::AppendError;
use crate::store::troubles::Troubles;
use meters::{Answered, Meters};
pub use port::serve;
pub use reading::read;

/// The numbers of one server. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    meters: Meters,
    /// Appends take real time, whatever clock a test shows.
    clock: SystemClock,
    address: OnceLock<SocketAddr>,
}

/// Something that counts for as long as this lives.
#[must_use]
pub struct Present(Gauge);

impl Drop for Present {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Present {
    fn of(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Metrics {
    /// All at zero, with those that the store keeps itself.
    pub fn new(store: &Troubles) -> Self {
        let clock = SystemClock::new();
        let meters = Meters::new(store, clock.now());
        Self(Arc::new(Inner { meters, clock, address: OnceLock::new() }))
    }

    /// Where they are served; none where they are not.
    pub fn address(&self) -> Option<SocketAddr> {
        self.0.address.get().copied()
    }

    /// An event was recorded. Both words are those of [`beckon_events::DomainEvent`].
    pub fn recorded(&self, category: &'static str, name: &'static str) {
        self.0.meters.events.get_or_create(&[("category", category), ("type", name)]).inc();
    }

    /// The time, for [`Metrics::appended`].
    pub fn now(&self) -> Duration {
        self.0.clock.monotonic()
    }

    /// An append that began at `begun` has been answered.
    pub fn appended(&self, begun: Duration, error: Option<&AppendError>) {
        let kind = match error {
            None => {
                let took = self.now().saturating_sub(begun);
                return self.0.meters.append_seconds.observe(took.as_secs_f64());
            }
            // Somebody asks whether the writer is there.
            Some(AppendError::Empty) => return,
            Some(error) => error.kind(),
        };
        self.0.meters.append_errors.get_or_create(&[("kind", kind)]).inc();
    }

    /// An agent is connected.
    pub fn agent(&self) -> Present {
        Present::of(&self.0.meters.agents)
    }

    /// A Control is connected.
    pub fn control(&self) -> Present {
        Present::of(&self.0.meters.controls)
    }

    /// Somebody is connected to the face.
    pub fn face_connection(&self) -> Present {
        Present::of(&self.0.meters.face_connections)
    }

    /// Somebody reads or follows the log over the face.
    pub fn face_stream(&self) -> Present {
        Present::of(&self.0.meters.face_streams)
    }

    /// Sealed bytes that `from` has sent were passed on.
    pub fn relayed(&self, from: Side, bytes: usize) {
        let meter = match from {
            Side::Agent => &self.0.meters.relayed_to_control,
            Side::Control => &self.0.meters.relayed_to_agent,
        };
        meter.inc_by(bytes as u64);
    }

    /// A request was answered; `route` is the pattern of the path.
    pub fn answered(&self, route: &'static str, status: u16) {
        self.0.meters.requests.get_or_create(&Answered { route, status }).inc();
    }

    /// A sign-in was refused.
    pub fn sign_in_refused(&self) {
        self.0.meters.sign_ins_refused.inc();
    }

    /// A wrong code was tried.
    pub fn wrong_code(&self) {
        self.0.meters.wrong_codes.inc();
    }

    /// Somebody has to wait before the next code.
    pub fn throttled(&self) {
        self.0.meters.throttles.inc();
    }

    /// A mail was handed to the mail server, or not.
    pub fn mailed(&self, sent: bool) {
        let outcome = if sent { "sent" } else { "failed" };
        self.0.meters.mails.get_or_create(&[("outcome", outcome)]).inc();
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new(&Troubles::default())
    }
}
