//! The marks of events on the timeline of a replay.

use super::axis::{Axis, Place};
use super::film::Film;
use crate::text;

/// The mark of one event.
pub struct Tick {
    /// The event, from 0.
    pub index: usize,
    /// Where.
    pub place: Place,
    /// What it is about.
    pub about: About,
    /// What it is called.
    pub words: String,
}

/// What an event is about; each has a shape of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Its beginning and its end.
    Life,
    /// Who is connected.
    Ties,
    /// What is asked for and allowed.
    Consent,
    /// What is done.
    Use,
}

impl About {
    /// All of it, in the order of the legend.
    pub const ALL: [Self; 4] = [Self::Life, Self::Ties, Self::Consent, Self::Use];

    /// What the event of this name is about.
    fn of(kind: &str) -> Self {
        match kind {
            "Joined" | "OperatorConnected" | "OperatorLeft" | "AgentLost" | "AgentResumed" => {
                Self::Ties
            }
            "ApprovalRequested" | "ApprovalCancelled" | "Approved" | "Rejected"
            | "ApprovalLapsed" | "ExtensionRequested" | "GrantExtended" | "ExtensionRefused"
            | "GrantWithdrawn" => Self::Consent,
            "ActionStarted" | "ActionStopped" | "ClipboardShared" | "Paused" | "Continued" => {
                Self::Use
            }
            _ => Self::Life,
        }
    }

    /// For the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Life => "life",
            Self::Ties => "ties",
            Self::Consent => "consent",
            Self::Use => "use",
        }
    }

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Life => text::replay::LIFE,
            Self::Ties => text::replay::TIES,
            Self::Consent => text::replay::CONSENT,
            Self::Use => text::replay::USE,
        }
    }

    /// Its shape, around the middle of a box of 12 by 12.
    pub fn shape(self) -> &'static str {
        match self {
            Self::Life => "M6 1a5 5 0 1 0 .01 0z",
            Self::Ties => "M1.5 1.5h9v9h-9z",
            Self::Consent => "M6 0l6 6-6 6-6-6z",
            Self::Use => "M4.5 1h3v10h-3z",
        }
    }
}

/// One for each event.
pub fn of(film: &Film, axis: &Axis) -> Vec<Tick> {
    let tick = |(index, step): (usize, &super::film::Step)| Tick {
        index,
        place: axis.place(index),
        about: About::of(&step.kind),
        words: text::replay::tick(index + 1, &step.sentence),
    };
    film.steps.iter().enumerate().map(tick).collect()
}

#[cfg(test)]
mod tests {
    use beckon_events::DomainEvent;
    use beckon_events::session::Event;

    use super::*;

    #[test]
    fn every_event_is_about_something_and_most_about_more_than_life() {
        let about = |wanted| Event::NAMES.iter().filter(|kind| About::of(kind) == wanted).count();
        let all = About::ALL.map(about);
        assert_eq!(all, [7, 5, 9, 5], "a new event belongs somewhere: look where");
    }
}
