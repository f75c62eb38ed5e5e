//! The ways in which a peer misbehaves.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tonic::{Code, Status};

use crate::face::wire::Seats;

/// Switches for the faults of a peer; all off at first. Clones turn the same ones.
#[derive(Clone)]
pub struct Faults {
    switches: Arc<Mutex<Switches>>,
    end: Arc<watch::Sender<u64>>,
}

#[derive(Default)]
struct Switches {
    leader: Option<SocketAddr>,
    gossip_leader: Option<SocketAddr>,
    answer_after: Duration,
    read_after: Duration,
    lost_answers: u32,
    seats: Seats,
}

impl Faults {
    /// Every read and append is answered "not the leader", with `leader` as the one.
    pub fn not_leader(&self, leader: Option<SocketAddr>) {
        self.switches().leader = leader;
    }

    /// The gossip names `leader` as another node that leads.
    pub fn gossip_leader(&self, leader: Option<SocketAddr>) {
        self.switches().gossip_leader = leader;
    }

    /// An append is answered so long after it was committed.
    pub fn answer_after(&self, delay: Duration) {
        self.switches().answer_after = delay;
    }

    /// A read begins so long after it was asked for.
    pub fn read_after(&self, delay: Duration) {
        self.switches().read_after = delay;
    }

    /// The next `count` appends are committed, and instead of an answer every connection is cut.
    pub fn lose_answers(&self, count: u32) {
        self.switches().lost_answers = count;
    }

    /// New connections are closed as soon as they come.
    pub fn refuse(&self, refuse: bool) {
        self.switches().seats.close(refuse);
    }

    /// Closes every connection.
    pub fn cut(&self) {
        self.switches().seats.cut();
    }

    /// Ends every open subscription, without a reason.
    pub fn end_subscriptions(&self) {
        self.end.send_modify(|times| *times += 1);
    }

    /// How many subscriptions are open.
    pub fn open_subscriptions(&self) -> usize {
        self.end.receiver_count()
    }

    /// Fails where another node is said to lead.
    pub(in crate::face) fn leads(&self) -> Result<(), Status> {
        let Some(leader) = self.switches().leader else { return Ok(()) };
        let mut status = Status::new(Code::NotFound, "Leader info available");
        let trailers = [
            ("exception", "not-leader".to_owned()),
            ("leader-endpoint-host", leader.ip().to_string()),
            ("leader-endpoint-port", leader.port().to_string()),
        ];
        for (name, value) in trailers {
            let value = value.parse().map_err(|_| Status::internal("not the leader"))?;
            status.metadata_mut().insert(name, value);
        }
        Err(status)
    }

    /// Whom the gossip names.
    pub(in crate::face) fn leader_of_gossip(&self) -> Option<SocketAddr> {
        self.switches().gossip_leader
    }

    /// Returns when subscriptions end that are open now.
    pub(in crate::face) fn ended(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut end = self.end.subscribe();
        async move {
            // The sender lives as long as the peer; without it nothing ends any more.
            if end.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// What comes before a read.
    pub(in crate::face) async fn before_read(&self) {
        let delay = self.switches().read_after;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
    }

    /// What comes between a commit and its answer.
    pub(super) async fn after_commit(&self) {
        let (delay, lost) = {
            let mut switches = self.switches();
            let lost = switches.lost_answers > 0;
            switches.lost_answers = switches.lost_answers.saturating_sub(1);
            (switches.answer_after, lost)
        };
        if lost {
            self.cut();
            return std::future::pending().await;
        }
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
    }

    /// The connections that are meant.
    pub(super) fn over(&self, seats: Seats) {
        self.switches().seats = seats;
    }

    fn switches(&self) -> MutexGuard<'_, Switches> {
        self.switches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Faults {
    fn default() -> Self {
        Self { switches: Arc::default(), end: Arc::new(watch::Sender::new(0)) }
    }
}
