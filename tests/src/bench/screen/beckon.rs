//! Beckon as it is handed out: server, agent with its window, and a Control that does not draw.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use beckon_events::Action;
use beckon_peer::ControlMessage;
use beckon_peer::screen::PixelOrder;

use super::diary::Diary;
use super::peers::Peer;
use super::usage;
use crate::bed::Bed;
use crate::bench::now;
use crate::clock::{PATIENCE, within};
use crate::inside::probe::{Habits, Probe, Shown};
use crate::invitation::Invitation;
use crate::operator::Wish;
use crate::portal::Portal;
use crate::process::Process;
use crate::programs::Programs;
use crate::server::Server;
use crate::shot::Place;

/// A session with nothing but looking in it.
pub struct Beckon {
    server: Server,
    agent: Process,
    probe: Probe,
    diary: Arc<Mutex<Option<Arc<Diary>>>>,
    newest: Arc<Mutex<Instant>>,
    joined: Joined,
}

/// As Control does.
fn habits() -> Habits {
    Habits { ping_every: Duration::from_secs(1), ..Habits::default() }
}

/// How the session began.
#[derive(Debug, Clone, Copy)]
pub struct Joined {
    /// From the recorded yes to the first decoded picture.
    pub first_picture: Duration,
    /// Memory of the agent when only its first window was there, in megabytes.
    pub window_memory: f64,
}

impl Beckon {
    /// A session on this desk. Nothing is looked at yet.
    pub fn on(bed: &Bed) -> Self {
        let server = Server::start();
        let mut portal = Portal::signs_up(&server);
        let invitation = portal.creates("Bench");
        Self::joins(bed, server, &mut portal, &invitation)
    }

    fn joins(bed: &Bed, server: Server, portal: &mut Portal, invitation: &Invitation) -> Self {
        let program = Programs::handed_out_agent();
        let agent = bed.desk.start("agent", program, &[&invitation.link]);
        let window = bed.desk.window_of(&agent);
        window.sees("Start");
        let window_memory = usage::resident(agent.pid());
        window.click("Start");
        window.sees("Ready.");
        let probe = Probe::open(&portal.launches(invitation, Wish::View), habits());
        let diary = Arc::new(Mutex::new(None::<Arc<Diary>>));
        let newest = Arc::new(Mutex::new(now()));
        let (open, at) = (Arc::clone(&diary), Arc::clone(&newest));
        probe.watch(move |shown: &Shown<'_>| {
            *at.lock().unwrap_or_else(PoisonError::into_inner) = shown.decoded;
            if let Some(diary) = &*open.lock().unwrap_or_else(PoisonError::into_inner) {
                diary.saw(shown.decoded, |rect| shown.picture.rgba(rect));
            }
        });
        probe.request([Action::View].into_iter().collect());
        window.becomes("Approve", true);
        window.click("Approve");
        probe.approved();
        let yes = now();
        probe.start(Action::View);
        let seen = probe.wait_for(PATIENCE, |_| true).expect("a picture");
        let first_picture = seen.saturating_duration_since(yes);
        // Out of the way of what is watched.
        let window = bed.desk.window_of(&agent);
        let place = window.place();
        window.move_to(Place { x: 1_560, y: 60, ..place });
        let joined = Joined { first_picture, window_memory };
        let beckon = Self { server, agent, probe, diary, newest, joined };
        beckon.probe.send(&ControlMessage::StopAction(Action::View));
        beckon
    }

    /// How it began.
    pub fn joined(&self) -> Joined {
        self.joined
    }

    /// The process of the agent.
    pub fn agent(&self) -> u32 {
        self.agent.pid()
    }

    fn diary(&self, diary: Option<Arc<Diary>>) {
        *self.diary.lock().unwrap_or_else(PoisonError::into_inner) = diary;
    }
}

impl Peer for Beckon {
    fn name(&self) -> &'static str {
        "Beckon"
    }

    fn prefer(&mut self, _quality: u8) {}

    fn look(&mut self, diary: Arc<Diary>) {
        self.diary(Some(Arc::clone(&diary)));
        self.probe.start(Action::View);
        let seen = within(PATIENCE, || (diary.updates() > 0).then_some(()));
        assert!(seen.is_some(), "Beckon shows nothing: {:?}", self.probe.ended());
    }

    fn look_away(&mut self) {
        assert!(self.probe.ended().is_none(), "the session ended: {:?}", self.probe.ended());
        self.probe.send(&ControlMessage::StopAction(Action::View));
        self.diary(None);
        std::thread::sleep(Duration::from_millis(200));
    }

    fn received(&self) -> u64 {
        self.probe.counts().received
    }

    fn server_cpu(&self) -> Duration {
        usage::process(self.agent.pid()) + usage::process(self.server.process().pid())
    }

    fn viewer_cpu(&self) -> Duration {
        usage::own_threads("probe-")
    }

    fn differing(&self, truth: &[u8]) -> (usize, Instant) {
        let count = self.probe.with_picture(|picture| {
            let is = |shown: &[u8; 4], real: &[u8; 4]| match picture.order() {
                PixelOrder::Bgrx => shown[..3] == real[..3],
                PixelOrder::Rgbx => [shown[2], shown[1], shown[0]] == real[..3],
            };
            let rows = picture.rows().flat_map(|row| row.as_chunks::<4>().0);
            rows.zip(truth.as_chunks::<4>().0).filter(|(shown, real)| !is(shown, real)).count()
        });
        let newest = *self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        (count.unwrap_or(usize::MAX), newest)
    }
}
