//! How a session stood at one point, line by line, and who could do what.

use beckon_events::Timestamp;
use beckon_events::envelope::Actor;
use beckon_events::session::{Phase, Session};
use beckon_projections::text::{power, who as called};
use beckon_projections::{Power, SessionState};

use super::exact::Exact;
use super::film::Step;
use crate::hub::Hub;
use crate::portal::session_page::who;
use crate::text;

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// For scripts and tests.
    pub slug: &'static str,
    /// What it is about.
    pub name: &'static str,
    /// What was so.
    pub words: String,
    /// Until when; the words end where it follows.
    pub until: Option<Exact>,
    /// Whether the event before made it so.
    pub changed: bool,
}

/// Somebody, and what they could do.
#[derive(Clone, Debug, PartialEq)]
pub struct Able {
    /// Who.
    pub who: String,
    /// What, in words, and when that is over or due.
    pub powers: Vec<(String, Option<Exact>)>,
}

/// The lines, always the same in the same order, so that the eye stays where it is.
pub fn of(hub: &Hub, step: &Step) -> Vec<Fact> {
    use text::replay as words;
    let session = step.standing.session();
    let state = state(step).map_or("", text::state).to_owned();
    let (asked, lapses) = asked(session);
    let grant = session.grant();
    let allowed = grant.map(|grant| grant.actions).unwrap_or_default();
    let (computer, back) = computer(step);
    let operator = step.standing.connected().map_or_else(
        || words::NOT_CONNECTED.to_owned(),
        |operator| words::is_connected(&who(hub, Actor::operator(operator))),
    );
    let paused = if session.is_paused() { words::YES } else { words::NO };
    let (ends, end) = ends(session);
    let fact = |slug, name, words, until: Option<Timestamp>| {
        let until = until.map(Exact);
        Fact { slug, name, words, until, changed: false }
    };
    vec![
        fact("state", words::STATE, state, None),
        fact("asked", words::ASKED, asked, lapses),
        fact("allowed", words::ALLOWED, words::things(allowed), None),
        fact("in-use", words::IN_USE, words::things(session.running()), None),
        fact("computer", words::COMPUTER, computer, back),
        fact("operator", words::OPERATOR, operator, None),
        fact("paused", words::PAUSED, paused.to_owned(), None),
        fact("ends", words::ENDS, ends, end),
    ]
}

/// Who could do what right after an event.
pub fn able(hub: &Hub, step: &Step) -> Vec<Able> {
    let powers = step.standing.powers(step.at);
    let line = |(somebody, powers): (_, Vec<Power>)| Able {
        who: hub.views.read(|models| called(&somebody, &models.roster)),
        powers: powers.iter().map(in_words).collect(),
    };
    powers.into_iter().map(line).collect()
}

/// The state, as the portal calls it; none before the first event.
pub fn state(step: &Step) -> Option<SessionState> {
    step.standing.row().map(|row| row.state)
}

/// The class of its bar.
pub fn class(state: SessionState) -> &'static str {
    match state {
        SessionState::WaitingForUser => "waiting-for-user",
        SessionState::Available => "available",
        SessionState::ApprovalRequested => "approval-requested",
        SessionState::InSession => "in-session",
        SessionState::Ended | SessionState::Expired => "over",
    }
}

fn in_words(able: &Power) -> (String, Option<Exact>) {
    // How long something may be used stands among the lines.
    let at = able.at().filter(|_| !matches!(able, Power::Use { .. }));
    (power(able), at.map(Exact))
}

fn asked(session: &Session) -> (String, Option<Timestamp>) {
    use text::replay as words;
    if let Some(request) = session.request() {
        let asked = format!("{}. {}", words::things(request.actions), words::LAPSES);
        return (asked, Some(request.lapses));
    }
    let extension = session.extension();
    (extension.map_or_else(|| words::NOTHING.to_owned(), words::also), None)
}

fn computer(step: &Step) -> (String, Option<Timestamp>) {
    use text::replay as words;
    let session = step.standing.session();
    let said = match session.agent() {
        None => words::NOT_THERE_YET,
        Some(_) if !session.is_open() => words::GONE,
        Some(_) if step.lost_until.is_some() => words::AWAY,
        Some(_) => words::CONNECTED,
    };
    (said.to_owned(), step.lost_until)
}

fn ends(session: &Session) -> (String, Option<Timestamp>) {
    use text::replay as words;
    let (said, at) = match session.phase() {
        Phase::Created => (words::INVITATION_ENDS, Some(session.deadline())),
        Phase::Available => (words::WAIT_ENDS, Some(session.deadline())),
        Phase::Requested => (words::REQUEST_ENDS, session.request().map(|request| request.lapses)),
        Phase::Active => (words::GRANT_ENDS, session.grant().map(|grant| grant.until)),
        Phase::Nothing | Phase::Ended | Phase::Expired => (words::NEVER, None),
    };
    (said.to_owned(), at)
}
