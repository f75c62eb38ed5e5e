//! What a probe has heard and seen.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use beckon_events::session::{EndReason, EndedBy};
use beckon_events::{Action, ActionSet};
use beckon_peer::{AgentMessage, Monitor, Point, PointerShape, ScreenState, Stream, Why};
use beckon_protocol::{SessionDoor, ToControl};

use super::age::Age;

/// One decoded update.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its number.
    pub number: u32,
    /// The moment right after it was decoded.
    pub at: Instant,
    /// The moment at which its last record had been read.
    pub arrived: Instant,
    /// How long opening and decoding took.
    pub decoding: Duration,
    /// Its bytes on the wire: records and their frames.
    pub bytes: usize,
    /// When it was captured, by the agent's clock.
    pub captured_ms: u32,
    /// Whether more had changed than it shows.
    pub behind: bool,
    /// Whether something in the picture is not exact yet.
    pub rough: bool,
    /// Whether the size or the order of bytes is another one since.
    pub resized: bool,
    /// Pixels that it may have changed.
    pub area: u64,
}

/// How it is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Over {
    /// The session has ended.
    Ended(EndedBy, EndReason),
    /// What came over the channel cannot be trusted: why.
    Disturbed(String),
    /// The server does not let it in: why.
    NotValid(String),
}

/// Everything that a probe knows, but for the picture.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "facts that have nothing to do with each other")]
pub struct Facts {
    /// What the server said of the session.
    pub door: Option<Box<SessionDoor>>,
    /// Everything else that the server has said, but tickets.
    pub said: Vec<ToControl>,
    /// Whether the user's yes is recorded.
    pub approved: bool,
    /// How it is over.
    pub over: Option<Over>,
    /// Whether the line to the server stands.
    pub line_up: bool,
    /// Whether the agent is gone for the moment.
    pub agent_lost: bool,
    /// Whether a channel to the agent stands.
    pub up: bool,
    /// Channels that stood so far.
    pub tunnels: u32,
    /// The monitors.
    pub monitors: Vec<Monitor>,
    /// Whether the screen can be shown, where the agent has said so.
    pub screen: Option<ScreenState>,
    /// What the pointer looks like.
    pub pointer: Option<PointerShape>,
    /// Where the pointer is.
    pub cursor: Option<Point>,
    /// What came to an end, or never began.
    pub stopped: Vec<(Action, Why)>,
    /// Whether the user paused.
    pub paused: bool,
    /// Whole messages of streams that a probe does not understand.
    pub others: Vec<(Stream, Vec<u8>)>,
    /// The decoded updates since [`super::Probe::forget`].
    pub updates: Vec<Seen>,
    /// All that were decoded.
    pub decoded: u64,
    /// Bytes of all updates on the wire.
    pub bytes: u64,
    /// Ages of the picture, one each 10 ms since [`super::Probe::forget`].
    pub ages: Vec<Duration>,
    /// Round trips of pings since [`super::Probe::forget`].
    pub round_trips: Vec<Duration>,
    pub(super) age: Age,
    /// What runs, or is to run as soon as it may.
    pub(super) wanted: ActionSet,
    /// Starts that are to be said again.
    pub(super) again: Vec<(Duration, Action)>,
    /// Acknowledgements that wait for their time.
    pub(super) late: VecDeque<(Duration, u32)>,
    /// The channel over which everything has been started.
    pub(super) begun: u32,
    /// When another relay is asked for.
    pub(super) ask_relay_at: Option<Duration>,
}

impl Facts {
    /// Takes in what the agent says; pongs are for the one who keeps the clock.
    pub(super) fn told(&mut self, message: AgentMessage, now: Duration) {
        match message {
            AgentMessage::Monitors(monitors) => self.monitors = monitors,
            AgentMessage::Stopped { action, why } => {
                self.stopped.push((action, why));
                // The agent hears of the approval by another way, perhaps a little later.
                let settling = self.begun == self.tunnels && self.decoded == 0;
                if why == Why::NotGranted && settling && self.wanted.contains(action) {
                    self.again.push((now + Duration::from_millis(300), action));
                }
            }
            AgentMessage::Paused => self.paused = true,
            AgentMessage::Continued => self.paused = false,
            AgentMessage::Cursor(at) => self.cursor = at,
            AgentMessage::Pointer(shape) => self.pointer = Some(shape),
            AgentMessage::Screen(state) => self.screen = Some(state),
            AgentMessage::Granted(_) | AgentMessage::Pong { .. } => {}
        }
    }
}
