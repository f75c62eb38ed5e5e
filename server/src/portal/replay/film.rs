//! A session, event by event, as it stands in the log.

use std::time::Duration;

use beckon_events::envelope::{self, Actor, EnvelopeError};
use beckon_events::session::Event;
use beckon_events::{RecordedEvent, SessionId, Timestamp};
use beckon_projections::text::sentence;
use beckon_projections::{Projection, SessionStanding, SessionTimeline};

use crate::dispatch::DispatchError;
use crate::hub::Hub;
use crate::keyring::Keyring;
use crate::store::{StoredEvent, StreamName};
use crate::text;

/// All events of a session, the oldest first.
pub struct Film {
    /// One for each event.
    pub steps: Vec<Step>,
}

/// One event, and how the session stood right after it.
pub struct Step {
    /// As it is stored.
    pub stored: StoredEvent,
    /// The event's name; empty where that cannot be read.
    pub kind: String,
    /// When.
    pub at: Timestamp,
    /// Who, where that can be read.
    pub actor: Option<Actor>,
    /// What happened.
    pub sentence: String,
    /// How the session stood.
    pub standing: SessionStanding,
    /// When it ends, unless the agent comes back; none while that is there.
    pub lost_until: Option<Timestamp>,
}

impl Film {
    /// Reads the stream of `session`. An event that cannot be read says so and changes nothing:
    /// whoever looks for damage must see what is around it.
    pub async fn of(hub: &Hub, session: SessionId) -> Result<Self, DispatchError> {
        let events = hub.journal.read_stream(StreamName::session(session)).await?;
        let keys = hub.keys.clone();
        let read = tokio::task::spawn_blocking(move || Self::fold(session, events, &keys));
        let cut_off = |_| DispatchError::Unavailable("reading the log failed".to_owned());
        let read = read.await.map_err(cut_off)?;
        read.map_err(|error| DispatchError::Unavailable(error.to_string()))
    }

    fn fold(
        session: SessionId,
        events: Vec<StoredEvent>,
        keys: &Keyring,
    ) -> Result<Self, EnvelopeError> {
        let mut timeline = SessionTimeline::of(session);
        let mut standing = SessionStanding::of(session);
        let mut lost_until = None;
        let mut steps: Vec<Step> = Vec::with_capacity(events.len());
        for stored in events {
            let before = steps.last().map_or_else(Timestamp::default, |step| step.at);
            let metadata = envelope::metadata(&stored.metadata).ok();
            let position = stored.position.to_bits();
            let sentence = match envelope::read(&stored.metadata, &stored.data, position, keys) {
                Ok(event) => {
                    timeline.apply(&event);
                    standing.apply(&event);
                    lost_until = lost(lost_until, &event);
                    let told = timeline.entries().last().map(|line| sentence(&line.entry));
                    told.unwrap_or_default()
                }
                Err(error @ EnvelopeError::Keys(_)) => return Err(error),
                Err(error) => text::replay::unreadable(&error.to_string()),
            };
            steps.push(Step {
                stored,
                at: metadata.as_ref().map_or(before, |metadata| metadata.at),
                actor: metadata.as_ref().map(|metadata| metadata.actor),
                kind: metadata.map(|metadata| metadata.kind).unwrap_or_default(),
                sentence,
                standing: standing.clone(),
                lost_until: lost_until.filter(|_| standing.session().is_open()),
            });
        }
        Ok(Self { steps })
    }

    /// When each event happened.
    pub fn times(&self) -> Vec<Timestamp> {
        self.steps.iter().map(|step| step.at).collect()
    }

    /// From the first event to the last.
    pub fn lasted(&self) -> Duration {
        match (self.steps.first(), self.steps.last()) {
            (Some(first), Some(last)) => last.at.since(first.at),
            _ => Duration::ZERO,
        }
    }
}

fn lost(until: Option<Timestamp>, event: &RecordedEvent) -> Option<Timestamp> {
    let RecordedEvent::Session(recorded) = event else { return until };
    match &recorded.event {
        Event::AgentLost { until } => Some(*until),
        Event::AgentResumed {} => None,
        _ => until,
    }
}
