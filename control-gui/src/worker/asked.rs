//! What the agent was asked for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use beckon_events::Action;
use beckon_peer::{AgentMessage, ControlMessage, Stream, Why};

/// For how long something may still be on its way after it was stopped.
const ON_ITS_WAY: Duration = Duration::from_mins(1);

/// What the agent was asked for in one tunnel; may be cloned.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    wanted: Arc<Mutex<PerStream>>,
}

/// How something of the agent is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It was asked for.
    Now,
    /// It was, until a moment ago: it is of no interest any more.
    Before,
    /// Nobody asked for it.
    Never,
}

#[derive(Debug, Default)]
struct PerStream {
    picture: Wanted,
    clipboard: Wanted,
}

#[derive(Clone, Copy, Debug, Default)]
enum Wanted {
    #[default]
    Never,
    Now,
    Until(Duration),
}

impl Asked {
    /// `message` goes to the agent.
    pub fn said(&self, message: &ControlMessage, now: Duration) {
        match message {
            ControlMessage::StartAction(Action::View) => self.lock().picture = Wanted::Now,
            ControlMessage::StopAction(Action::View) => self.lock().picture.stop(now),
            ControlMessage::StopAction(Action::Clipboard)
            | ControlMessage::ShareClipboard { back: false, .. } => self.lock().clipboard.stop(now),
            ControlMessage::ShareClipboard { back: true, .. } => {
                self.lock().clipboard = Wanted::Now;
            }
            _ => {}
        }
    }

    /// `message` came from the agent.
    pub fn heard(&self, message: &AgentMessage, now: Duration) {
        match message {
            // The answer to our own word, which counted when it was said; a newer one may have
            // followed it.
            AgentMessage::Stopped { why: Why::Finished, .. } => {}
            AgentMessage::Stopped { action: Action::View, .. } => self.lock().picture.stop(now),
            AgentMessage::Stopped { action: Action::Clipboard, .. } => {
                self.lock().clipboard.stop(now);
            }
            _ => {}
        }
    }

    /// How what comes on `stream` is to be taken.
    pub fn expects(&self, stream: Stream, now: Duration) -> Expected {
        let wanted = self.lock();
        match stream {
            Stream::Control => Expected::Now,
            Stream::Screen => wanted.picture.expected(now),
            Stream::Clipboard => wanted.clipboard.expected(now),
            Stream::File | Stream::Camera | Stream::Chat => Expected::Never,
        }
    }

    fn lock(&self) -> MutexGuard<'_, PerStream> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wanted {
    fn stop(&mut self, now: Duration) {
        if let Self::Now = self {
            *self = Self::Until(now);
        }
    }

    fn expected(self, now: Duration) -> Expected {
        match self {
            Self::Now => Expected::Now,
            Self::Until(end) if now.saturating_sub(end) <= ON_ITS_WAY => Expected::Before,
            Self::Until(_) | Self::Never => Expected::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(1_000);

    #[test]
    fn a_late_answer_to_a_stop_does_not_undo_the_start_after_it() {
        let asked = Asked::default();
        let share = |back| ControlMessage::ShareClipboard { out: false, back };
        let action = Action::Clipboard;
        for said in [
            ControlMessage::StartAction(action),
            share(true),
            share(false),
            ControlMessage::StopAction(action),
            ControlMessage::StartAction(action),
            share(true),
        ] {
            asked.said(&said, START);
        }
        asked.heard(&AgentMessage::Stopped { action, why: Why::Finished }, START);
        assert_eq!(asked.expects(Stream::Clipboard, START), Expected::Now);
    }

    #[test]
    fn pictures_are_expected_from_the_start_of_viewing_to_shortly_after_its_end() {
        let asked = Asked::default();
        let expects = |after| asked.expects(Stream::Screen, START + Duration::from_secs(after));
        assert_eq!(expects(0), Expected::Never);
        let stopped = AgentMessage::Stopped { action: Action::View, why: Why::Withdrawn };
        asked.heard(&stopped, START);
        assert_eq!(expects(0), Expected::Never, "it had not begun");
        let start = ControlMessage::StartAction(Action::View);
        asked.said(&start, START);
        asked.said(&ControlMessage::StopAction(Action::Control), START);
        assert_eq!(expects(1_000_000), Expected::Now);
        asked.heard(&stopped, START);
        assert_eq!((expects(60), expects(61)), (Expected::Before, Expected::Never));
        asked.said(&start, START);
        asked.said(&ControlMessage::StopAction(Action::View), START);
        assert_eq!((expects(60), expects(61)), (Expected::Before, Expected::Never));
    }

    #[test]
    fn what_is_copied_there_is_expected_while_it_is_wanted() {
        let asked = Asked::default();
        let expects = |after| asked.expects(Stream::Clipboard, START + Duration::from_secs(after));
        asked.said(&ControlMessage::ShareClipboard { out: true, back: false }, START);
        assert_eq!(expects(0), Expected::Never);
        asked.said(&ControlMessage::ShareClipboard { out: false, back: true }, START);
        assert_eq!(expects(0), Expected::Now);
        asked.said(&ControlMessage::ShareClipboard { out: true, back: false }, START);
        assert_eq!((expects(60), expects(61)), (Expected::Before, Expected::Never));
    }

    #[test]
    fn files_and_camera_are_never_expected() {
        for stream in [Stream::File, Stream::Camera, Stream::Chat] {
            assert_eq!(Asked::default().expects(stream, START), Expected::Never);
        }
    }
}
