//! What the pictures' thread and its watcher both know.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use beckon_desk::clock;
use beckon_peer::screen::Pace;
use beckon_peer::{AgentMessage, LostWhy, ScreenState};
use tokio::sync::mpsc;

use super::Standing;
use crate::capture::CaptureError;
use crate::text;

/// The window system may take so long for an answer before Control hears of it.
const ANSWERS_WITHIN: Duration = Duration::from_millis(600);
/// A screen that stays away for so long is given up.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(30);

/// How far the thread is, and whether it has the screen.
pub struct Progress {
    pace: Mutex<Pace>,
    state: Mutex<State>,
    tell: mpsc::Sender<Vec<u8>>,
    fail: Box<dyn Fn(String) + Send + Sync>,
}

#[derive(Default)]
struct State {
    standing: Standing,
    /// Since when the window system owes an answer.
    asked: Option<Duration>,
    /// Whether Control was told that it is owed for too long.
    overdue: bool,
    lost: Option<Lost>,
    failed: bool,
    /// Whether the thread has failed: no picture comes from it any more.
    ended: bool,
}

struct Lost {
    since: Duration,
    why: LostWhy,
    words: String,
}

/// Whether the window system has answered as soon as it has to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It has.
    InTime,
    /// Control was told that the screen is lost.
    Late,
}

impl Progress {
    /// Nothing was captured yet.
    pub fn new(tell: mpsc::Sender<Vec<u8>>, fail: Box<dyn Fn(String) + Send + Sync>) -> Self {
        let (pace, state) = (Mutex::new(Pace::new()), Mutex::default());
        Self { pace, state, tell, fail }
    }

    /// How far the agent may run ahead of Control.
    pub fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new turn begins.
    pub fn begin(&self) {
        let mut state = self.state();
        if state.ended {
            drop(state);
            return (self.fail)(text::pictures_failed());
        }
        (state.lost, state.overdue, state.failed) = (None, false, false);
    }

    /// The thread has failed.
    pub fn ends(&self) {
        let mut state = self.state();
        (state.ended, state.asked, state.failed) = (true, None, true);
        self.lose(&mut state, clock::uptime(), LostWhy::Failed, text::pictures_failed());
        drop(state);
        (self.fail)(text::pictures_failed());
    }

    /// How far the pictures are.
    pub fn standing(&self) -> Standing {
        let state = self.state();
        let is_behind = state.standing.is_behind || state.lost.is_some() || state.asked.is_some();
        Standing { is_behind, ..state.standing }
    }

    /// The thread is that far.
    pub fn stands(&self, standing: Standing) {
        self.state().standing = standing;
    }

    /// The window system is asked something now.
    pub fn asks(&self, now: Duration) {
        self.state().asked = Some(now);
    }

    /// It has answered.
    pub fn is_answered(&self) -> Answer {
        let mut state = self.state();
        state.asked = None;
        if std::mem::take(&mut state.overdue) { Answer::Late } else { Answer::InTime }
    }

    /// The screen is shown.
    pub fn found(&self) {
        let mut state = self.state();
        if state.lost.take().is_some() {
            state.failed = false;
            self.say(ScreenState::Shown);
        }
    }

    /// There is no picture.
    pub fn lost(&self, error: &CaptureError) {
        let words = error.to_string();
        self.lose(&mut self.state(), clock::uptime(), error.why(), words);
    }

    /// Looks whether an answer is overdue.
    pub fn watch(&self, now: Duration) {
        let mut state = self.state();
        let overdue = |asked: Duration| now.saturating_sub(asked) >= ANSWERS_WITHIN;
        if state.asked.is_some_and(overdue) {
            state.overdue = true;
            let words = text::screen_does_not_answer();
            self.lose(&mut state, now, LostWhy::NotAnswering, words);
        }
        let is_over = |lost: &&Lost| {
            !is_before_the_user(lost.why) && now.saturating_sub(lost.since) >= GIVEN_UP_AFTER
        };
        let given_up = state.lost.as_ref().filter(is_over).map(|lost| lost.words.clone());
        if let (Some(words), false) = (given_up, state.failed) {
            state.failed = true;
            drop(state);
            (self.fail)(words);
        }
    }

    fn lose(&self, state: &mut State, now: Duration, why: LostWhy, words: String) {
        let told = state.lost.as_ref().map(|lost| lost.why);
        // While the user is the one who is asked, nothing fails.
        let failing = state.lost.as_ref().filter(|lost| !is_before_the_user(lost.why));
        let since = failing.map_or(now, |lost| lost.since);
        state.lost = Some(Lost { since, why, words });
        if told != Some(why) {
            tracing::warn!(?why, "the screen is lost");
            self.say(ScreenState::Lost(why));
        }
    }

    /// Within the lock, so that Control hears it in the order in which it happened.
    fn say(&self, state: ScreenState) {
        if let Err(error) = self.tell.try_send(AgentMessage::Screen(state).to_bytes()) {
            tracing::debug!(%error, "Control is not told about the screen");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the user has before them why there is no picture: they end it themselves, and need not
/// be told.
fn is_before_the_user(why: LostWhy) -> bool {
    match why {
        LostWhy::Locked | LostWhy::SecurityPrompt => true,
        LostWhy::NoMonitor | LostWhy::NotAnswering | LostWhy::Failed => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    struct World {
        progress: Progress,
        told: mpsc::Receiver<Vec<u8>>,
        failures: Arc<AtomicU32>,
    }

    impl World {
        fn new() -> Self {
            let (tell, told) = mpsc::channel(8);
            let failures = Arc::new(AtomicU32::new(0));
            let count = Arc::clone(&failures);
            let fail = Box::new(move |_| {
                count.fetch_add(1, Ordering::Relaxed);
            });
            Self { progress: Progress::new(tell, fail), told, failures }
        }

        fn told(&mut self) -> Option<ScreenState> {
            match AgentMessage::from_bytes(&self.told.try_recv().ok()?).unwrap() {
                AgentMessage::Screen(state) => Some(state),
                other => panic!("{other:?}"),
            }
        }
    }

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn an_overdue_answer_is_told_once_and_its_arrival_too() {
        let mut world = World::new();
        world.progress.asks(ms(1_000));
        world.progress.watch(ms(1_599));
        assert_eq!(world.told(), None);
        assert!(world.progress.standing().is_behind, "who knows what is on the screen now");
        world.progress.watch(ms(1_600));
        world.progress.watch(ms(1_700));
        assert_eq!(world.told(), Some(ScreenState::Lost(LostWhy::NotAnswering)));
        assert_eq!(world.told(), None);
        assert_eq!(world.progress.is_answered(), Answer::Late);
        world.progress.found();
        world.progress.found();
        assert_eq!(world.told(), Some(ScreenState::Shown));
        assert_eq!(world.told(), None);
        assert_eq!(world.progress.is_answered(), Answer::InTime);
    }

    #[test]
    fn a_screen_that_stays_away_is_given_up_once() {
        let mut world = World::new();
        world.progress.lost(&CaptureError::NoMonitor);
        assert_eq!(world.told(), Some(ScreenState::Lost(LostWhy::NoMonitor)));
        let now = clock::uptime();
        world.progress.watch(now + ms(29_000));
        assert_eq!(world.failures.load(Ordering::Relaxed), 0);
        for _ in 0..3 {
            world.progress.watch(now + ms(31_000));
        }
        assert_eq!(world.failures.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn another_reason_is_told_and_the_time_goes_on() {
        let mut world = World::new();
        world.progress.lost(&CaptureError::NoMonitor);
        world.progress.lost(&CaptureError::System("gone".into()));
        world.progress.lost(&CaptureError::System("still".into()));
        assert_eq!(world.told(), Some(ScreenState::Lost(LostWhy::NoMonitor)));
        assert_eq!(world.told(), Some(ScreenState::Lost(LostWhy::Failed)));
        assert_eq!(world.told(), None);
    }
    #[test]
    fn what_the_user_has_before_them_is_told_to_control_and_never_to_them() {
        for (error, why) in [
            (CaptureError::SecurityPrompt, LostWhy::SecurityPrompt),
            (CaptureError::Locked, LostWhy::Locked),
        ] {
            let mut world = World::new();
            world.progress.lost(&error);
            assert_eq!(world.told(), Some(ScreenState::Lost(why)));
            let now = clock::uptime();
            world.progress.watch(now + ms(3_600_000));
            assert_eq!(world.failures.load(Ordering::Relaxed), 0);
            world.progress.found();
            assert_eq!(world.told(), Some(ScreenState::Shown));
        }
    }

    #[test]
    fn what_fails_after_a_question_of_the_system_has_its_own_time() {
        let mut world = World::new();
        world.progress.lost(&CaptureError::SecurityPrompt);
        let asked = clock::uptime();
        std::thread::sleep(ms(30));
        world.progress.lost(&CaptureError::System("gone".into()));
        assert_eq!(world.told(), Some(ScreenState::Lost(LostWhy::SecurityPrompt)));
        assert_eq!(world.told(), Some(ScreenState::Lost(LostWhy::Failed)));
        world.progress.watch(asked + GIVEN_UP_AFTER + ms(10));
        assert_eq!(world.failures.load(Ordering::Relaxed), 0);
        world.progress.watch(clock::uptime() + GIVEN_UP_AFTER);
        assert_eq!(world.failures.load(Ordering::Relaxed), 1);
    }
}
