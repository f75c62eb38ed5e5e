//! What the threads of a probe share.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use beckon_events::Action;
use beckon_events::session::ControlKeys;
use beckon_peer::screen::Decoder;
use beckon_peer::{ControlMessage, Identity, Sealer, Stream};
use beckon_protocol::{ControlSays, encode};
use beckon_server::clock::Random;
use tokio_tungstenite::tungstenite::Message;

use super::age::Last;
use super::facts::{Facts, Over};
use super::wire::{Meter, Saying};
use super::{Acks, Habits, Shown};
use crate::bench::now;

/// How soon another relay is asked for after one broke, and how often: as Control does.
const RELAY_SOON: Duration = Duration::from_millis(300);
const RELAY_AGAIN: Duration = Duration::from_secs(3);
/// How often time alone is looked at; each time the age of the picture is noted.
const TICK: Duration = Duration::from_millis(10);
/// How often each connection says that it lives.
const ALIVE_EVERY: Duration = Duration::from_secs(4);

/// A Control without a window, as its threads see it.
pub struct Core {
    pub identity: Identity,
    pub random: Random,
    /// Where to connect.
    pub to: SocketAddr,
    /// The name of the server.
    pub host: String,
    pub meter: Meter,
    pub habits: Mutex<Habits>,
    pub screen: Mutex<Screen>,
    pub line: Mutex<Option<Saying>>,
    pub out: Mutex<Option<Out>>,
    facts: Mutex<Facts>,
    changed: Condvar,
    stopping: AtomicBool,
    epoch: Instant,
}

/// The picture, and who looks at each update.
#[derive(Default)]
pub struct Screen {
    pub decoder: Decoder,
    pub watch: Option<Watch>,
}

/// Who looks at each update.
pub type Watch = Box<dyn FnMut(&Shown<'_>) + Send>;

/// The way to the agent.
pub struct Out {
    pub number: u32,
    pub sealer: Sealer,
    pub saying: Saying,
}

/// Locks; a thread that panicked is reported by its own panic.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Core {
    pub fn new(to: SocketAddr, host: String, habits: Habits) -> Self {
        let random = Random::new();
        let identity = Identity::generate(random.secure()).expect("randomness");
        Self {
            identity,
            random,
            to,
            host,
            meter: Meter::default(),
            habits: Mutex::new(habits),
            screen: Mutex::default(),
            line: Mutex::default(),
            out: Mutex::default(),
            facts: Mutex::default(),
            changed: Condvar::new(),
            stopping: AtomicBool::new(false),
            epoch: now(),
        }
    }

    pub fn keys(&self) -> ControlKeys {
        let (x25519, ed25519) = (self.identity.x25519_public(), self.identity.ed25519_public());
        ControlKeys { x25519, ed25519 }
    }

    /// The time since the probe began.
    pub fn uptime(&self) -> Duration {
        self.epoch.elapsed()
    }

    pub fn facts(&self) -> MutexGuard<'_, Facts> {
        lock(&self.facts)
    }

    /// Changes what is known, and wakes who waits for it.
    pub fn note<T>(&self, change: impl FnOnce(&mut Facts) -> T) -> T {
        let done = change(&mut self.facts());
        self.changed.notify_all();
        done
    }

    /// Waits until something changes, or for `limit`.
    pub fn wait(&self, limit: Duration, until: impl Fn(&Facts) -> bool) -> bool {
        let (_held, waited) = self
            .changed
            .wait_timeout_while(self.facts(), limit, |facts| !until(facts))
            .unwrap_or_else(PoisonError::into_inner);
        !waited.timed_out()
    }

    pub fn over(&self, over: Over) {
        self.note(|facts| _ = facts.over.get_or_insert(over));
    }

    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        lock(&self.screen).watch = None;
        self.cut();
    }

    /// Breaks every connection.
    pub fn cut(&self) {
        // The lock may be held by a writer that is stuck: the reader's end comes by itself.
        for_each(self.line.try_lock().ok().as_deref(), Saying::cut);
        if let Ok(out) = self.out.try_lock()
            && let Some(out) = out.as_ref()
        {
            out.saying.cut();
        }
    }

    /// Says something to the server, where the line stands.
    pub fn say(&self, said: &ControlSays) -> bool {
        let mut line = lock(&self.line);
        line.as_mut().is_some_and(|line| line.send(Message::text(encode(said))))
    }

    /// Seals and sends, where a channel stands.
    pub fn send(&self, stream: Stream, bytes: &[u8]) -> bool {
        lock(&self.out).as_mut().is_some_and(|out| out.send(stream, bytes))
    }

    pub fn tell(&self, message: &ControlMessage) -> bool {
        self.send(Stream::Control, &message.to_bytes())
    }

    /// Acknowledges as its habits say.
    pub fn acknowledge(&self, update: u32) {
        let acks = lock(&self.habits).acks;
        match acks {
            Acks::AtOnce => _ = self.tell(&ControlMessage::Ack { update }),
            Acks::Late(by) => {
                let due = self.uptime() + by;
                self.facts().late.push_back((due, update));
            }
            Acks::Never => {}
        }
    }

    /// Starts what is wanted, once the yes is recorded and the channel stands.
    pub fn begin(&self) {
        let wanted = self.note(|facts| {
            if !facts.up || !facts.approved || facts.begun == facts.tunnels {
                return None;
            }
            facts.begun = facts.tunnels;
            Some(facts.wanted)
        });
        if let Some(wanted) = wanted {
            self.say(&ControlSays::Connected {});
            for action in wanted.iter() {
                self.tell(&ControlMessage::StartAction(action));
            }
        }
    }

    pub fn start(&self, action: Action) {
        let now = self.note(|facts| {
            facts.wanted = facts.wanted.with(action);
            facts.up && facts.begun == facts.tunnels
        });
        if now {
            self.tell(&ControlMessage::StartAction(action));
        }
    }

    /// A relay broke: another one is due soon.
    pub fn broke(&self, number: u32) {
        let mut out = lock(&self.out);
        if out.as_ref().is_some_and(|out| out.number == number) {
            *out = None;
        }
        drop(out);
        let now = self.uptime();
        self.note(|facts| {
            if facts.tunnels == number {
                facts.up = false;
                facts.ask_relay_at = Some(now + RELAY_SOON);
            }
        });
    }

    /// The answer to a ping, whose number is the moment at which it was sent.
    pub fn answered(&self, nonce: u64, clock_ms: u32, last: Last) {
        let (sent, now) = (Duration::from_micros(nonce), self.uptime());
        self.note(|facts| {
            facts.round_trips.push(now.saturating_sub(sent));
            facts.age.answered((sent, now), clock_ms, last);
        });
    }

    /// The thread that does what is due.
    pub fn keep_time(&self) {
        let (mut ping_at, mut alive_at) = (Duration::ZERO, Duration::ZERO);
        while !self.is_stopping() {
            std::thread::sleep(TICK);
            let now = self.uptime();
            let due = self.due(now);
            for message in &due {
                self.tell(message);
            }
            if now >= ping_at {
                ping_at = now + lock(&self.habits).ping_every;
                // Whoever fills the channel must not hold up the clock.
                if let Ok(mut out) = self.out.try_lock()
                    && let Some(out) = out.as_mut()
                {
                    let nonce = u64::try_from(self.uptime().as_micros()).unwrap_or(u64::MAX);
                    out.send(Stream::Control, &ControlMessage::Ping { nonce }.to_bytes());
                }
            }
            if now >= alive_at {
                alive_at = now + ALIVE_EVERY;
                if let Ok(mut line) = self.line.try_lock()
                    && let Some(line) = line.as_mut()
                {
                    line.send(Message::Ping(Vec::new().into()));
                }
            }
            if self.is_relay_due(now) {
                self.say(&ControlSays::RelayWanted {});
            }
        }
    }

    /// Notes the age of the picture; what is to be said now.
    fn due(&self, now: Duration) -> Vec<ControlMessage> {
        let mut facts = self.facts();
        let age = facts.age.at(now);
        facts.ages.extend(age);
        let mut due = Vec::new();
        while facts.late.front().is_some_and(|(at, _)| *at <= now) {
            let late = facts.late.pop_front();
            due.extend(late.map(|(_, update)| ControlMessage::Ack { update }));
        }
        facts.again.retain(|(at, action)| {
            if *at <= now {
                due.push(ControlMessage::StartAction(*action));
            }
            *at > now
        });
        due
    }

    fn is_relay_due(&self, now: Duration) -> bool {
        let mut facts = self.facts();
        let wanted = facts.over.is_none() && facts.line_up && !facts.agent_lost;
        let due = wanted && facts.ask_relay_at.is_some_and(|at| at <= now);
        if due {
            facts.ask_relay_at = Some(now + RELAY_AGAIN);
        }
        due
    }
}

impl Out {
    fn send(&mut self, stream: Stream, bytes: &[u8]) -> bool {
        let Ok(records) = self.sealer.seal(stream, bytes) else { return false };
        records.into_iter().all(|record| self.saying.send(Message::binary(record)))
    }
}

fn for_each<T>(of: Option<&Option<T>>, act: impl Fn(&T)) {
    if let Some(Some(one)) = of {
        act(one);
    }
}

/// The threads of a probe that wait for something else than the network.
pub fn keep_time(core: &Arc<Core>) {
    let core = Arc::clone(core);
    let named = std::thread::Builder::new().name("probe-time".to_owned());
    named.spawn(move || core.keep_time()).expect("a thread");
}
