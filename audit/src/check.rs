//! Whether the stored bytes are what they claim to be.

use std::collections::HashMap;
use std::fmt;

use beckon_events::envelope::{self, Head};
use beckon_events::session::{Event, Fact, Phase, Said, Session};
use beckon_events::{Decider, Digest, Grant, RecordedEvent, SessionId, Statement, Timestamp};

use crate::log_file::Stored;

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub struct Findings {
    /// Events that are as they were written, up to the first that is not.
    pub right: usize,
    /// Streams among them.
    pub streams: usize,
    /// The first thing that is wrong.
    pub wrong: Option<Wrong>,
}

/// What is wrong, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    position: u64,
    stream: String,
    version: u64,
    what: &'static str,
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.wrong {
            None => write!(
                f,
                "{} events in {} streams: every hash and every chain is right.\n\
                 Not checked: whether the end of the log was cut off or the whole log was written \
                 anew; this release signs no checkpoints yet.",
                self.right, self.streams
            ),
            Some(wrong) => write!(
                f,
                "WRONG at position {} (version {} of {}): {}. The {} events before it are right.",
                wrong.position, wrong.version, wrong.stream, wrong.what, self.right
            ),
        }
    }
}

/// Checks a log from its beginning and stops at the first thing that is wrong.
pub fn check(events: Vec<Stored>) -> Findings {
    let mut heads: HashMap<String, Head> = HashMap::new();
    let mut sessions: HashMap<String, Session> = HashMap::new();
    let mut last = Timestamp::default();
    let mut log = None;
    for (right, stored) in events.into_iter().enumerate() {
        let head = heads.get(&stored.stream).copied().unwrap_or_default();
        let one = One { stored: &stored, head, last, log };
        match one.check(&mut sessions) {
            Ok(at) => {
                last = at.0;
                log = Some(at.1);
                let leaf = envelope::leaf(&stored.metadata);
                heads.insert(stored.stream, Head { next: stored.version + 1, leaf });
            }
            Err(what) => {
                let (position, version) = (stored.position, stored.version);
                let wrong = Some(Wrong { position, stream: stored.stream, version, what });
                return Findings { right, streams: heads.len(), wrong };
            }
        }
    }
    let right = heads.values().map(|head| usize::try_from(head.next).unwrap_or(0)).sum();
    Findings { right, streams: heads.len(), wrong: None }
}

struct One<'a> {
    stored: &'a Stored,
    head: Head,
    last: Timestamp,
    log: Option<beckon_events::LogId>,
}

impl One<'_> {
    fn check(
        &self,
        sessions: &mut HashMap<String, Session>,
    ) -> Result<(Timestamp, beckon_events::LogId), &'static str> {
        let stored = self.stored;
        let event = envelope::read(&stored.metadata, &stored.data, stored.position)
            .map_err(|_| "it cannot be read by this version of beckon-audit")?;
        let metadata = event.metadata();
        if metadata.stream != stored.stream || metadata.version != stored.version {
            return Err("its envelope names another place");
        }
        if metadata.version != self.head.next {
            return Err("an event before it is missing");
        }
        if metadata.prev != self.head.leaf {
            return Err("it does not follow the event before it in its stream");
        }
        if metadata.body != Digest::of(&stored.data) {
            return Err("its data was changed");
        }
        if metadata.at < self.last {
            return Err("its time is before the event before it");
        }
        if self.log.is_some_and(|log| log != metadata.log) {
            return Err("it was written for another log");
        }
        if let RecordedEvent::Session(recorded) = &event {
            let session = sessions.remove(&stored.stream).unwrap_or_default();
            let id = stored.stream.strip_prefix("session-").and_then(|id| id.parse().ok());
            let id = id.ok_or("its stream is no session")?;
            check_legal(&session, id, &recorded.event)?;
            sessions.insert(stored.stream.clone(), session.evolve(&recorded.event));
        }
        Ok((metadata.at, metadata.log))
    }
}

/// No action without a grant that covers it, nothing but the removal after the end, and what only
/// the user's side knows in its own hand.
fn check_legal(session: &Session, id: SessionId, event: &Event) -> Result<(), &'static str> {
    if session.phase() > Phase::Active && !matches!(event, Event::AgentRemoved { .. }) {
        return Err("it happened after the end of its session");
    }
    if let Event::ActionStarted { action } = event {
        let granted = session.grant().is_some_and(|grant| grant.actions.contains(*action));
        if !granted {
            return Err("an action was used that nobody had allowed");
        }
    }
    let key = session.agent().map(|agent| agent.ed25519);
    let signed = |statement: &Statement| {
        let grant = key.and_then(|key| Grant::open(statement, &key, id).ok());
        grant.ok_or("it is not signed by the agent that joined")
    };
    let said = |statement: &Statement| {
        let fact = key.and_then(|key| Said::open(statement, &key, id).ok());
        fact.ok_or("it is not signed by the agent that joined")
    };
    let agrees = match event {
        Event::Approved { n, actions, until, statement, .. }
        | Event::GrantExtended { n, actions, until, statement } => {
            let grant = signed(statement)?;
            (grant.n, grant.actions, grant.until) == (*n, *actions, *until)
        }
        Event::GrantWithdrawn { n, actions, statement, .. } => {
            let grant = signed(statement)?;
            (grant.n, grant.actions) == (*n, *actions)
        }
        Event::Ended { statement: Some(statement), .. } => said(statement)? == Fact::Ended,
        Event::AgentRemoved { removed, left, statement } => {
            let counted = |list: &Vec<_>| u32::try_from(list.len()).unwrap_or(u32::MAX);
            said(statement)? == Fact::Removed { removed: counted(removed), left: counted(left) }
        }
        _ => true,
    };
    if agrees { Ok(()) } else { Err("it says something else than the agent signed") }
}

#[cfg(test)]
mod tests;
