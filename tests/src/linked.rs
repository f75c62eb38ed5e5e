//! Two people in a session over a network that is slow or broken on purpose: the real agent at a
//! desk, a proxy, a real server in this process, and a Control without a window.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use beckon_events::Action;
use beckon_peer::screen::{Picture, Rect};
use beckon_peer::{ControlMessage, InputEvent, Text};
use beckon_protocol::InvitationLink;

use crate::bench::now;
use crate::clock::{Deadline, PATIENCE};
use crate::desk::Desk;
use crate::inside::probe::{Habits, Probe};
use crate::operator::Wish;
use crate::portal::Portal;
use crate::process::Process;
use crate::programs::Programs;
use crate::proxy::{Proxy, Way};
use crate::server::Server;
use crate::session::{COMPANY, stands_aside};
use crate::shot::{Place, Shot};
use crate::user::User;

/// The size of a terminal in characters, and its inner edge in pixels.
const COLUMNS: u32 = 60;
const ROWS: u32 = 20;
const EDGE: u32 = 2;
/// The side of a tile in pixels.
const TILE: u32 = 64;

/// A session in which the user has said yes to everything; nothing is started yet.
pub struct Linked<'d> {
    /// Control.
    pub probe: Probe,
    /// Between the agent and the server.
    pub proxy: Proxy,
    /// Who is helped.
    pub user: User<'d>,
}

/// A real server, and an operator who creates sessions at it.
pub struct Helpdesk {
    /// The server.
    pub server: Server,
    portal: Portal,
}

/// When something was seen first: the number of the update and the time since the start.
pub type First = (u32, Duration);

/// What came when of a first picture.
#[derive(Debug, Clone, Copy, Default)]
pub struct Firsts {
    /// The text was there, bit for bit.
    pub text: Option<First>,
    /// Something of the photo was there.
    pub photo: Option<First>,
    /// All was there, if not yet sharp.
    pub all: Option<First>,
}

/// A terminal of the user's that stands at a known place.
pub struct Terminal {
    process: Process,
    /// Where its text is on the desk.
    pub text: Place,
    /// Characters in its first line.
    written: AtomicU32,
}

impl Helpdesk {
    /// Opens with an empty server.
    pub fn opens() -> Self {
        let server = Server::start();
        let portal = Portal::signs_up(&server);
        Self { server, portal }
    }

    /// Brings the user at `desk` and a Control together, over a good network.
    pub fn helps<'d>(&mut self, desk: &'d Desk) -> Linked<'d> {
        let invitation = self.portal.creates("Printer");
        let server = self.server.address().parse().expect("an address");
        let proxy = Proxy::to(server, Way::default());
        let mut link: InvitationLink = invitation.link.parse().expect("a link");
        link.server = proxy.address().to_string().parse().expect("an address");
        let program = Programs::built().path("beckon-agent");
        let user = User::starts(desk, program, &[&link.to_string()]);
        user.joins(COMPANY);
        let probe =
            Probe::open(&self.portal.launches(&invitation, Wish::Control), Habits::default());
        probe.request([Action::Control].into_iter().collect());
        user.window().becomes("Approve", true);
        user.approves();
        stands_aside(&user);
        probe.approved();
        Linked { probe, proxy, user }
    }

    /// Resident memory of the server, in bytes.
    pub fn memory(&self) -> u64 {
        resident(self.server.process().pid())
    }
}

impl Linked<'_> {
    /// The network between the agent and the server from now on, both ways alike.
    pub fn network(&self, way: Way) {
        self.proxy.set_both(|now| *now = way);
    }

    /// Starts view and control, and waits until the picture is there.
    pub fn shown(&self) -> Instant {
        self.probe.start(Action::View);
        self.probe.start(Action::Control);
        self.probe.wait_for(PATIENCE, |_| true).expect("a picture")
    }

    /// Starts view and control where nothing was shown before, and waits until all is there.
    pub fn begins_with(&self, text: Rect, photo: Rect) -> Firsts {
        let wanted = rgba(&self.user.desk().picture(), text);
        let (firsts, begun) = (Arc::new(Mutex::new(Firsts::default())), now());
        let seen = Arc::clone(&firsts);
        self.probe.watch(move |shown| {
            let first = Some((shown.update.number, shown.decoded - begun));
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            if seen.text.is_none() && shown.picture.rgba(text) == wanted {
                seen.text = first;
            }
            let mut photo = shown.picture.rgba(photo).into_iter().enumerate();
            if seen.photo.is_none() && photo.any(|(index, byte)| index % 4 != 3 && byte != 0) {
                seen.photo = first;
            }
            if seen.all.is_none() && !shown.update.behind {
                seen.all = first;
            }
        });
        self.probe.start(Action::View);
        self.probe.start(Action::Control);
        let over = Deadline::after(PATIENCE * 2);
        loop {
            let firsts = *firsts.lock().unwrap_or_else(PoisonError::into_inner);
            if over.passed() || [firsts.text, firsts.photo, firsts.all].iter().all(Option::is_some)
            {
                return firsts;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Types a character as the operator; how long it takes until it is seen in `terminal`, by
    /// the cursor that goes on to the next cell.
    pub fn types(&self, terminal: &Terminal, character: &str) -> Option<Duration> {
        let next = terminal.next_cell();
        let begun = now();
        let text = Text::new(character).expect("a character");
        self.probe.send(&ControlMessage::Input(InputEvent::Text(text)));
        let is_dark = |pixel: &[u8]| pixel[..3].iter().all(|byte| *byte < 128);
        let seen = |picture: &Picture| picture.rgba(next).chunks(4).any(is_dark);
        let Some(seen) = self.probe.wait_for(PATIENCE, seen) else {
            self.user.desk().shot("not-typed");
            return None;
        };
        Some(seen.saturating_duration_since(begun))
    }

    /// Resident memory of the agent, in bytes.
    pub fn memory_of_agent(&mut self) -> u64 {
        resident(self.user.agent().pid())
    }
}

impl Terminal {
    /// Opens one with its text at `corner`, in which `program` runs.
    pub fn open(desk: &Desk, title: &str, corner: (i32, i32), program: &[&str]) -> Self {
        let geometry = format!("{COLUMNS}x{ROWS}+{}+{}", corner.0, corner.1);
        let look = ["-geometry", &geometry, "-title", title, "-fa", "Monospace", "-fs", "11"];
        let colours = ["-bg", "white", "-fg", "black", "+sb", "-e"];
        let arguments = [&look[..], &colours, program].concat();
        let process = desk.start(&format!("terminal-{title}"), "xterm", &arguments);
        let text = desk.window_of(&process).place();
        Self { process, text, written: AtomicU32::new(0) }
    }

    /// One in which what is typed is shown.
    pub fn to_type_in(desk: &Desk, corner: (i32, i32)) -> Self {
        let terminal = Self::open(desk, "Notes", corner, &["cat"]);
        terminal.take_keyboard(desk);
        terminal
    }

    /// One in which lines of text go by, `a_second` of them.
    pub fn scrolling(desk: &Desk, corner: (i32, i32), a_second: u32) -> Self {
        let pause = 1.0 / f64::from(a_second);
        let script = format!(
            "n=0; while :; do n=$((n+1)); echo \"line $n of what goes by: $((n*7919%9973))\"; sleep {pause}; done"
        );
        Self::open(desk, "Log", corner, &["sh", "-c", &script])
    }

    /// Its user clicks into it, and the agent has had the time to see that what is typed does not
    /// go into its own window.
    pub fn take_keyboard(&self, desk: &Desk) {
        desk.hand().click(self.text.middle());
        std::thread::sleep(Duration::from_millis(500));
    }

    /// Writes in its first line, as its user.
    pub fn write(&self, desk: &Desk, text: &str) {
        let length = u32::try_from(text.len()).expect("a short text");
        self.written.fetch_add(length, Ordering::Relaxed);
        desk.hand().write(text);
    }

    /// Whether another character has room in its first line.
    pub fn has_room(&self) -> bool {
        self.written.load(Ordering::Relaxed) + 2 < COLUMNS
    }

    /// The inner part of the cell to which the cursor goes with another character.
    fn next_cell(&self) -> Rect {
        assert!(self.has_room(), "the first line is full");
        let column = self.written.fetch_add(1, Ordering::Relaxed) + 1;
        let (width, height) = (self.text.width - 2 * EDGE, self.text.height - 2 * EDGE);
        let (width, height) = (width / COLUMNS, height / ROWS);
        let Rect { x, y, .. } = self.rect();
        Rect {
            x: x + EDGE + column * width + 1,
            y: y + EDGE + 1,
            width: width - 2,
            height: height - 2,
        }
    }

    /// Where its text is in the picture of a desk with one monitor.
    pub fn rect(&self) -> Rect {
        let Place { x, y, width, height } = self.text;
        Rect { x: x.unsigned_abs(), y: y.unsigned_abs(), width, height }
    }

    /// Ends it.
    pub fn close(mut self) {
        self.process.kill();
    }
}

/// The part in which whole tiles belong to one window.
pub fn whole_tiles(place: Place) -> Rect {
    let (left, top) = (place.x.unsigned_abs(), place.y.unsigned_abs());
    let (x, y) = (left.div_ceil(TILE) * TILE, top.div_ceil(TILE) * TILE);
    let (right, bottom) = ((left + place.width) / TILE * TILE, (top + place.height) / TILE * TILE);
    Rect { x, y, width: right - x, height: bottom - y }
}

/// A part of the desk as a picture gives it.
pub fn rgba(shot: &Shot, rect: Rect) -> Vec<u8> {
    let rows = rect.y..rect.y + rect.height;
    let colours = rows.flat_map(|y| (rect.x..rect.x + rect.width).map(move |x| shot.colour(x, y)));
    colours.flat_map(|[red, green, blue]| [red, green, blue, 255]).collect()
}

/// Resident memory of a process, in bytes.
pub fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.expect("its memory") * 1_024
}

/// The value below which `percent` of them lie.
pub fn percentile(mut values: Vec<Duration>, percent: usize) -> Option<Duration> {
    values.sort_unstable();
    let last = values.len().checked_sub(1)?;
    values.get(last * percent / 100).copied()
}

/// Somebody types at the desk for `time`; the probe begins its figures anew with it.
pub fn busy(desk: &Desk, probe: &Probe, time: Duration) {
    let over = Deadline::after(time);
    // What was on its way when the network changed belongs to neither.
    let begun = Deadline::after(Duration::from_millis(700).min(time / 4));
    let mut forgotten = false;
    while !over.passed() {
        desk.hand().write("the quick brown fox ");
        if begun.passed() && !std::mem::replace(&mut forgotten, true) {
            probe.forget();
        }
    }
}
