//! A Control without a window: it asks, shakes hands, decodes and acknowledges as Control does,
//! and so measures the whole path but the drawing.

mod age;
mod core;
mod facts;
mod line;
mod tunnel;
mod wire;

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use beckon_events::{Action, ActionSet};
use beckon_peer::screen::{Picture, Rect, Update};
use beckon_peer::{ControlMessage, Stream};
use beckon_protocol::{ControlSays, LaunchLink};
use beckon_server::clock::Clock;

use self::core::{Core, lock};
use super::ground::{Ground, Invited};
use crate::bench::now;
use crate::clock::PATIENCE;

pub use age::{Age, Last};
pub use facts::{Facts, Over, Seen};

/// A Control at one session, on threads of its own, which end when it is dropped. It comes back
/// by itself after a broken link, and then starts again what was started.
pub struct Probe {
    core: Arc<Core>,
}

/// How a probe behaves.
#[derive(Debug, Clone, Copy)]
pub struct Habits {
    /// Connects here instead of to the server: a proxy.
    pub via: Option<SocketAddr>,
    /// When it acknowledges.
    pub acks: Acks,
    /// How often it measures the time to the agent and back.
    pub ping_every: Duration,
}

/// When a probe acknowledges updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acks {
    /// Right after decoding, as Control does.
    AtOnce,
    /// So much later.
    Late(Duration),
    /// Never.
    Never,
}

/// An update that was decoded just now.
pub struct Shown<'p> {
    /// The moment right after it was decoded.
    pub decoded: Instant,
    /// The moment at which its last record had been read.
    pub arrived: Instant,
    /// The picture.
    pub picture: &'p Picture,
    /// What changed.
    pub update: &'p Update,
    /// Its bytes on the wire: records and their frames.
    pub bytes: usize,
}

/// How much there was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Updates decoded.
    pub updates: u64,
    /// Their bytes on the wire: records and their frames.
    pub bytes: u64,
    /// All bytes from the server over all connections.
    pub received: u64,
    /// All bytes to the server over all connections.
    pub sent: u64,
    /// Channels to the agent that were begun.
    pub tunnels: u32,
}

impl Default for Habits {
    fn default() -> Self {
        Self { via: None, acks: Acks::AtOnce, ping_every: Duration::from_millis(200) }
    }
}

impl Probe {
    /// Opened by a link to any server; panics where it is not let in.
    pub fn open(link: &LaunchLink, habits: Habits) -> Self {
        let server = link.server();
        let host = format!("{}:{}", server.host(), server.effective_port());
        let mut addresses = host.to_socket_addrs().expect("the server has an address");
        let to = habits.via.or(addresses.next()).expect("the server has an address");
        let core = Arc::new(Core::new(to, host, habits));
        core::keep_time(&core);
        let (tell, inside) = mpsc::channel();
        let (kept, token) = (Arc::clone(&core), link.token().to_owned());
        let named = std::thread::Builder::new().name("probe-line".to_owned());
        named.spawn(move || line::keep(&kept, token, tell)).expect("a thread");
        let probe = Self { core };
        let let_in = inside.recv_timeout(PATIENCE).is_ok();
        assert!(let_in, "the probe was not let in: {:?}", probe.ended());
        probe
    }

    /// Opened by a link to a server in this process.
    pub fn launched<C: Clock + Clone + 'static>(ground: &Ground<C>, invited: &Invited) -> Self {
        Self::launched_with(ground, invited, Habits::default())
    }

    /// The same with other habits.
    pub fn launched_with<C: Clock + Clone + 'static>(
        ground: &Ground<C>,
        invited: &Invited,
        habits: Habits,
    ) -> Self {
        let link = format!("beckon://launch/{}?t={}", ground.address, ground.launch(invited));
        Self::open(&link.parse().expect("a link"), habits)
    }

    /// Asks the user, and returns when a channel to the agent stands.
    pub fn request(&self, actions: ActionSet) {
        self.core.say(&ControlSays::Request { actions });
        let up = self.wait_until(tunnel::WITHIN, |facts| facts.up || facts.over.is_some());
        assert!(up && self.ended().is_none(), "no channel to the agent: {:?}", self.ended());
    }

    /// Waits for the user's yes.
    pub fn approved(&self) {
        let yes = self.wait_until(PATIENCE, |facts| facts.approved || facts.over.is_some());
        assert!(yes && self.ended().is_none(), "not approved: {:?}", self.said());
    }

    /// Starts an action as soon as the yes is recorded, and again after every broken link.
    pub fn start(&self, action: Action) {
        self.core.start(action);
    }

    /// Stops an action, and does not start it again.
    pub fn stop(&self, action: Action) {
        self.core.note(|facts| facts.wanted = facts.wanted.without(action));
        self.send(&ControlMessage::StopAction(action));
    }

    /// Sends a message to the agent from this thread, where a channel stands. Blocks while the
    /// link takes no more.
    pub fn send(&self, message: &ControlMessage) -> bool {
        self.core.tell(message)
    }

    /// Seals and sends any bytes.
    pub fn send_bytes(&self, stream: Stream, bytes: &[u8]) -> bool {
        self.core.send(stream, bytes)
    }

    /// Says anything to the server.
    pub fn say(&self, said: &ControlSays) -> bool {
        self.core.say(said)
    }

    /// Changes its habits; where it connects to is settled at the start.
    pub fn habits(&self, change: impl FnOnce(&mut Habits)) {
        change(&mut lock(&self.core.habits));
    }

    /// Calls `look` after each update, on the thread that decodes: after the acknowledgement,
    /// with the picture as it is, not copied. It must be quick and must not wait for the probe.
    pub fn watch(&self, look: impl FnMut(&Shown<'_>) + Send + 'static) {
        lock(&self.core.screen).watch = Some(Box::new(look));
    }

    /// Looks at the picture of now, which is not decoded into meanwhile.
    pub fn with_picture<T>(&self, look: impl FnOnce(&Picture) -> T) -> Option<T> {
        lock(&self.core.screen).decoder.picture().map(look)
    }

    /// The pixels of a part as red, green, blue and 255, row by row.
    pub fn pixels(&self, rect: Rect) -> Vec<u8> {
        self.with_picture(|picture| picture.rgba(rect)).unwrap_or_default()
    }

    /// Width and height of the picture.
    pub fn size(&self) -> Option<(u32, u32)> {
        self.with_picture(|picture| (picture.size().width(), picture.size().height()))
    }

    /// Waits until `shows` is true of the picture. The moment at which the update was decoded
    /// that made it so, or now where it was so before.
    pub fn wait_for(&self, limit: Duration, shows: impl Fn(&Picture) -> bool) -> Option<Instant> {
        let begun = now();
        let mut first = true;
        loop {
            let decoded = self.facts(|facts| facts.decoded);
            if self.with_picture(&shows) == Some(true) {
                let last = self.facts(|facts| facts.updates.last().map(|seen| seen.at));
                return if first { Some(now()) } else { last.or_else(|| Some(now())) };
            }
            first = false;
            let left = limit.saturating_sub(begun.elapsed());
            if !self.wait_until(left, |facts| facts.decoded != decoded) {
                return None;
            }
        }
    }

    /// Waits until something is known; `false` where it is not within `limit`.
    pub fn wait_until(&self, limit: Duration, known: impl Fn(&Facts) -> bool) -> bool {
        self.core.wait(limit, known)
    }

    /// Looks at all that it knows. Short: the probe waits meanwhile.
    pub fn facts<T>(&self, look: impl FnOnce(&Facts) -> T) -> T {
        look(&self.core.facts())
    }

    /// The updates since the start or [`Self::forget`].
    pub fn updates(&self) -> Vec<Seen> {
        self.facts(|facts| facts.updates.clone())
    }

    /// Begins to keep updates, ages and round trips anew.
    pub fn forget(&self) {
        self.core.note(|facts| {
            facts.updates.clear();
            facts.ages.clear();
            facts.round_trips.clear();
        });
    }

    /// How much there was since the start.
    pub fn counts(&self) -> Counts {
        use std::sync::atomic::Ordering::Relaxed;
        let meter = &self.core.meter;
        let (received, sent) = (meter.received.load(Relaxed), meter.sent.load(Relaxed));
        self.facts(|facts| Counts {
            updates: facts.decoded,
            bytes: facts.bytes,
            received,
            sent,
            tunnels: facts.tunnels,
        })
    }

    /// How old the picture that is shown is now.
    pub fn age(&self) -> Option<Duration> {
        let now = self.core.uptime();
        self.facts(|facts| facts.age.at(now))
    }

    /// Ages of the picture, one each 10 ms since the start or [`Self::forget`].
    pub fn ages(&self) -> Vec<Duration> {
        self.facts(|facts| facts.ages.clone())
    }

    /// Round trips of pings since the start or [`Self::forget`].
    pub fn round_trips(&self) -> Vec<Duration> {
        self.facts(|facts| facts.round_trips.clone())
    }

    /// How it is over, where it is.
    pub fn ended(&self) -> Option<Over> {
        self.facts(|facts| facts.over.clone())
    }

    /// What the server has said so far, tickets left out.
    pub fn said(&self) -> Vec<beckon_protocol::ToControl> {
        self.facts(|facts| facts.said.clone())
    }

    /// Breaks every connection at once; they come back by themselves.
    pub fn cut(&self) {
        self.core.cut();
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.core.stop();
    }
}
