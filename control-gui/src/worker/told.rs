//! What the window is told, and how it hears of it.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use beckon_peer::{AgentMessage, Clip, Point, PointerShape, ScreenState};

use crate::input::{Input, TunnelEvent};
use crate::picture::Freshness;

/// So much of what an agent does waits for the window at most.
const WAITING: usize = 256;
/// So much is heard at once at most; between that the window draws.
const AT_ONCE: usize = 64;

/// What the window is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// For the model.
    Input(Input),
    /// The goodbye is said: the window may close.
    Finished,
}

/// Tells the window; may be cloned and sent anywhere.
#[derive(Clone)]
pub struct Tell {
    inputs: Sender<Told>,
    agent: SyncSender<Input>,
    newest: Arc<Mutex<Newest>>,
    wake: Wake,
}

/// The window's end.
pub struct Hearing {
    inputs: Receiver<Told>,
    agent: Receiver<Input>,
    newest: Arc<Mutex<Newest>>,
    wake: Wake,
}

type Wake = Arc<dyn Fn() + Send + Sync>;

/// What counts only as it is now: the newest of it replaces the one before.
#[derive(Default)]
struct Newest {
    tunnel: u32,
    picture: Option<u32>,
    /// After the picture: a picture that came later took it out.
    screen: Option<ScreenState>,
    freshness: Option<Freshness>,
    latency: Option<Duration>,
    shape: Option<PointerShape>,
    place: Option<Place>,
    clip: Option<Clip>,
}

/// Where the other pointer is; nowhere while it is hidden.
struct Place(Option<Point>);

impl Tell {
    /// Both ends; `wake` is called when there is something to hear.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> (Self, Hearing) {
        let (inputs, to_hear) = channel();
        let (agent, of_agent) = sync_channel(WAITING);
        let newest = Arc::new(Mutex::new(Newest::default()));
        let wake: Wake = Arc::new(wake);
        let tell = Self { inputs, agent, newest: Arc::clone(&newest), wake: Arc::clone(&wake) };
        (tell, Hearing { inputs: to_hear, agent: of_agent, newest, wake })
    }

    /// Tells the model; never blocks.
    pub fn input(&self, input: Input) {
        self.told(Told::Input(input));
    }

    /// Tells what the agent did in tunnel `number`. Blocks while too much waits for the window, so
    /// that an agent cannot fill it; for a thread outside of the runtime.
    pub fn agent(&self, number: u32, event: TunnelEvent) {
        match event {
            TunnelEvent::Picture { monitor } => self.newer(number, |newest| {
                newest.picture = Some(monitor);
                newest.screen = None;
            }),
            TunnelEvent::Fresh(freshness) => {
                self.newer(number, |newest| newest.freshness = Some(freshness));
            }
            TunnelEvent::Copied(clip) => self.newer(number, |newest| newest.clip = Some(clip)),
            TunnelEvent::Latency(latency) => {
                self.newer(number, |newest| newest.latency = Some(latency));
            }
            TunnelEvent::Told(AgentMessage::Screen(state)) => {
                self.newer(number, |newest| newest.screen = Some(state));
            }
            TunnelEvent::Told(AgentMessage::Pointer(shape)) => {
                self.newer(number, |newest| newest.shape = Some(shape));
            }
            TunnelEvent::Told(AgentMessage::Cursor(place)) => {
                self.newer(number, |newest| newest.place = Some(Place(place)));
            }
            event => {
                if self.agent.send(Input::Tunnel { number, event }).is_ok() {
                    (self.wake)();
                }
            }
        }
    }

    pub(super) fn told(&self, told: Told) {
        // Without a window nobody is interested any more.
        if self.inputs.send(told).is_ok() {
            (self.wake)();
        }
    }

    fn newer(&self, tunnel: u32, note: impl FnOnce(&mut Newest)) {
        let mut newest = lock(&self.newest);
        if tunnel < newest.tunnel {
            return;
        }
        if tunnel > newest.tunnel {
            *newest = Newest { tunnel, ..Newest::default() };
        }
        let asleep = newest.is_empty();
        note(&mut newest);
        drop(newest);
        if asleep {
            (self.wake)();
        }
    }
}

impl Hearing {
    /// What there is to hear, at most so much that the window still draws; of the rest it is woken
    /// again.
    pub fn take(&self) -> Vec<Told> {
        // Before the rest, so that nothing in it comes before its tunnel is up.
        let newest = std::mem::take(&mut *lock(&self.newest));
        let mut told: Vec<Told> = self.inputs.try_iter().take(AT_ONCE).collect();
        let inputs = told.len();
        told.extend(self.agent.try_iter().take(AT_ONCE).map(Told::Input));
        if inputs == AT_ONCE || told.len() - inputs == AT_ONCE {
            (self.wake)();
        }
        let number = newest.tunnel;
        let events = newest.events();
        told.extend(events.map(|event| Told::Input(Input::Tunnel { number, event })));
        told
    }
}

impl Newest {
    fn is_empty(&self) -> bool {
        let Self { tunnel: _, picture, screen, freshness, latency, shape, place, clip } = self;
        picture.is_none()
            && screen.is_none()
            && freshness.is_none()
            && latency.is_none()
            && shape.is_none()
            && place.is_none()
            && clip.is_none()
    }

    fn events(self) -> impl Iterator<Item = TunnelEvent> {
        let told = [
            self.screen.map(AgentMessage::Screen),
            self.shape.map(AgentMessage::Pointer),
            self.place.map(|Place(place)| AgentMessage::Cursor(place)),
        ];
        // A latency says how old a place of the pointer may be.
        let picture = self.picture.map(|monitor| TunnelEvent::Picture { monitor });
        let known = self.freshness.map(TunnelEvent::Fresh);
        let latency = self.latency.map(TunnelEvent::Latency);
        let clip = self.clip.map(TunnelEvent::Copied);
        let events = picture.into_iter().chain(known).chain(latency).chain(clip);
        events.chain(told.into_iter().flatten().map(TunnelEvent::Told))
    }
}

fn lock(newest: &Mutex<Newest>) -> MutexGuard<'_, Newest> {
    newest.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use beckon_peer::AgentMessage;

    use super::*;

    fn tunnel(event: TunnelEvent) -> Told {
        Told::Input(Input::Tunnel { number: 1, event })
    }

    #[test]
    fn an_agent_that_says_more_than_the_window_hears_waits() {
        const SAID: usize = 1_000;
        let (tell, hearing) = Tell::new(|| {});
        let said = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&said);
        let agent = thread::spawn(move || {
            for _ in 0..SAID {
                tell.agent(1, TunnelEvent::Told(AgentMessage::Paused));
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        while said.load(Ordering::SeqCst) < WAITING {
            thread::yield_now();
        }
        thread::sleep(Duration::from_millis(50));
        assert_eq!(said.load(Ordering::SeqCst), WAITING);
        let at_once = hearing.take();
        assert_eq!(at_once.len(), AT_ONCE, "the window draws in between");
        let mut heard = at_once.len();
        while heard < SAID {
            heard += hearing.take().len();
            thread::yield_now();
        }
        agent.join().unwrap();
        assert_eq!(heard, SAID, "nothing is lost");
    }

    #[test]
    fn what_is_left_to_hear_wakes_the_window_again() {
        let woken = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&woken);
        let (tell, hearing) = Tell::new(move || {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        for _ in 0..=AT_ONCE {
            tell.input(Input::Raise);
        }
        let before = woken.load(Ordering::SeqCst);
        assert_eq!(hearing.take().len(), AT_ONCE);
        assert_eq!(woken.load(Ordering::SeqCst), before + 1);
        assert_eq!(hearing.take().len(), 1);
        assert_eq!(woken.load(Ordering::SeqCst), before + 1);
    }

    #[test]
    fn of_pictures_and_latencies_only_the_newest_is_heard() {
        let (tell, hearing) = Tell::new(|| {});
        for monitor in 0..10_000 {
            tell.agent(1, TunnelEvent::Picture { monitor });
            tell.agent(1, TunnelEvent::Latency(Duration::from_millis(u64::from(monitor))));
        }
        let latency = TunnelEvent::Latency(Duration::from_millis(9_999));
        let picture = TunnelEvent::Picture { monitor: 9_999 };
        assert_eq!(hearing.take(), [tunnel(picture), tunnel(latency)]);
        assert_eq!(hearing.take(), []);
        tell.agent(2, TunnelEvent::Latency(Duration::ZERO));
        // An older tunnel is of no interest.
        tell.agent(1, TunnelEvent::Picture { monitor: 7 });
        let newer = Input::Tunnel { number: 2, event: TunnelEvent::Latency(Duration::ZERO) };
        assert_eq!(hearing.take(), [Told::Input(newer)]);
    }

    #[test]
    fn a_screen_that_is_lost_comes_after_the_picture_before_it_and_not_after_the_one_after_it() {
        let (tell, hearing) = Tell::new(|| {});
        let lost = || AgentMessage::Screen(ScreenState::Lost(beckon_peer::LostWhy::Locked));
        let picture = || TunnelEvent::Picture { monitor: 1 };
        tell.agent(1, picture());
        tell.agent(1, TunnelEvent::Told(lost()));
        let both = [tunnel(picture()), tunnel(TunnelEvent::Told(lost()))];
        assert_eq!(hearing.take(), both);
        tell.agent(1, TunnelEvent::Told(lost()));
        tell.agent(1, picture());
        assert_eq!(hearing.take(), [tunnel(picture())]);
    }

    #[test]
    fn of_the_pointer_only_the_newest_is_heard_and_the_window_is_woken_once() {
        let woken = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&woken);
        let (tell, hearing) = Tell::new(move || {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        let at = |x| AgentMessage::Cursor(Some(Point { monitor: 1, x, y: 0 }));
        let shape = |side: u16| {
            let rgba = vec![1; usize::from(side) * 4];
            let name = String::new();
            AgentMessage::Pointer(PointerShape { name, hot: (0, 0), size: (side, 1), rgba })
        };
        for n in 1..90 {
            tell.agent(1, TunnelEvent::Told(at(u32::from(n))));
            tell.agent(1, TunnelEvent::Told(shape(n)));
        }
        let newest = [shape(89), at(89)].map(|told| tunnel(TunnelEvent::Told(told)));
        assert_eq!(hearing.take(), newest);
        assert_eq!(woken.load(Ordering::SeqCst), 1);
    }
}
