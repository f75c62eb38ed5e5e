//! What the server says.

use beckon_events::{Action, ActionSet, Statement};
use beckon_peer::{Mandate, MandateError, PeerKeys};
use beckon_protocol::{ControlSays, SessionDoor, ToControl};

use super::{CONFIRM_WITHIN, DROPS_MOST, UNFINISHED, farewell, log, notice, over, tunnel};
use crate::effect::{Effect, TunnelTerms};
use crate::log_memory::size_of;
use crate::model::{
    Active, Answer, Asked, Asking, Begins, Hands, LineState, Model, Notice, Over, Session, Stage,
    Tunnel,
};
use crate::moment::Moment;

pub(super) fn greeted(model: &mut Model, nonce: Vec<u8>) -> Vec<Effect> {
    model.line = LineState::Up;
    match (&model.link, &model.session) {
        (Some(link), _) => vec![Effect::Redeem { token: link.token().to_owned(), nonce }],
        (None, Some(session)) => vec![Effect::Resume { session: session.door.session, nonce }],
        (None, None) => Vec::new(),
    }
}

pub(super) fn said(model: &mut Model, said: ToControl, now: Moment) -> Vec<Effect> {
    if model.farewell.is_some() {
        return farewell::said(model, said, now);
    }
    if let ToControl::Asked { .. } | ToControl::Relay { .. } | ToControl::Approved { .. } = said {
        log::goes_on(model);
    }
    match said {
        // The line has taken the first two out; the others are for after the end.
        ToControl::Welcome { .. }
        | ToControl::OtherVersion { .. }
        | ToControl::Receipt { .. }
        | ToControl::HeadRecorded {} => Vec::new(),
        ToControl::Door { door } => entered(model, *door, now),
        ToControl::NotValid { why } => over(model, Over::NotValid(why)),
        ToControl::Asked { lapse_seconds, .. } => {
            let lapses_at = now.uptime + std::time::Duration::from_secs(lapse_seconds);
            if let Stage::Asking(asking) = &mut model.stage {
                asking.lapses_at = Some(lapses_at);
                asking.confirm_by = None;
            }
            Vec::new()
        }
        ToControl::Relay { ticket } => open_tunnel(model, ticket, now),
        ToControl::Approved { statement } => approved(model, &statement, now),
        ToControl::Rejected {} => answered(model, Answer::Rejected),
        ToControl::Lapsed {} => answered(model, Answer::Lapsed),
        ToControl::Cancelled {} => answered(model, Answer::Cancelled),
        ToControl::Damped {} => answered(model, Answer::Damped),
        ToControl::Left {} => answered(model, Answer::Away),
        ToControl::Extended { statement } => extended(model, &statement, now),
        ToControl::ExtensionRefused {} => {
            if let Stage::Active(active) = &mut model.stage {
                active.extension = None;
            }
            notice(model, Notice::MoreRefused, now);
            Vec::new()
        }
        ToControl::Withdrawn { statement } => granted(model, &statement, now),
        ToControl::Paused {} => paused(model, true),
        ToControl::Continued {} => paused(model, false),
        ToControl::AgentLost {} => {
            if let Some(session) = &mut model.session {
                session.agent_lost = true;
                session.ask_relay_at = None;
            }
            Vec::new()
        }
        ToControl::AgentResumed {} => {
            if let Some(session) = &mut model.session {
                session.agent_lost = false;
                if session.tunnel == Tunnel::Down {
                    session.ask_relay_at = Some(now.uptime + super::RELAY_AGAIN);
                }
            }
            Vec::new()
        }
        ToControl::Ended { by, why } => farewell::begin(model, Over::Ended { by, why }, now),
        ToControl::Expired {} => farewell::begin(model, Over::Expired, now),
        ToControl::Proof { from, checkpoint, proof } => {
            log::proven(model, from, (checkpoint, &proof), now)
        }
        ToControl::ProofLater { .. } => log::later(model, now),
        ToControl::Refused { why } => refused(model, why, now),
    }
}

/// Takes in a grant; what it no longer names stops here too.
pub(super) fn granted(model: &mut Model, statement: &Statement, now: Moment) -> Vec<Effect> {
    let (Some(session), Stage::Active(active)) = (&mut model.session, &mut model.stage) else {
        return Vec::new();
    };
    match session.accept(statement) {
        Ok(()) | Err(MandateError::Stale) => {}
        Err(error) => return distrust(model, error.to_string()),
    }
    if active.viewing && !session.granted(Action::View) {
        active.viewing = false;
        active.hands = Hands::Off;
        notice(model, Notice::ViewWithdrawn, now);
    } else if active.hands != Hands::Off && !session.granted(Action::Control) {
        active.hands = Hands::Off;
        notice(model, Notice::ControlWithdrawn, now);
    }
    Vec::new()
}

pub(super) fn paused(model: &mut Model, paused: bool) -> Vec<Effect> {
    if let Stage::Active(active) = &mut model.stage {
        active.paused = paused;
    }
    Vec::new()
}

/// The other side is not who it should be: the server is told, and nothing goes on.
pub(super) fn distrust(model: &mut Model, why: String) -> Vec<Effect> {
    let mut effects = vec![Effect::Say(ControlSays::Disturbed {})];
    effects.extend(over(model, Over::Distrust(why)));
    effects
}

fn entered(model: &mut Model, door: SessionDoor, now: Moment) -> Vec<Effect> {
    let first = model.link.take().is_some();
    let same = model.session.as_ref().is_some_and(|session| {
        session.door.session == door.session && session.door.agent == door.agent
    });
    if !first && !same {
        let why = "the other side is not who it was".to_owned();
        return distrust(model, why);
    }
    if model.ending.is_some() {
        return vec![Effect::Say(ControlSays::End {})];
    }
    match log::at_door(model, &door, now) {
        Ok(mut effects) => {
            effects.extend(go_in(model, door, first, now));
            if model.proving.is_some() && model.doubt.dropped >= DROPS_MOST {
                return log::unproved(model);
            }
            effects
        }
        Err(wrong) => {
            let shown = (Some(door.log_key), door.checkpoint.as_deref());
            log::alarm(model, wrong, shown, now)
        }
    }
}

fn go_in(model: &mut Model, door: SessionDoor, new: bool, now: Moment) -> Vec<Effect> {
    let agent = PeerKeys::from(door.agent);
    if let Stage::Active(active) = &mut model.stage {
        // What happened meanwhile was not heard; what still holds is said after the door.
        active.extension = None;
        active.paused = false;
    }
    let statement = door.grant.clone();
    match &mut model.session {
        Some(session) if !new => {
            session.agent_lost = false;
            session.door = door;
        }
        _ => {
            model.session = Some(Session {
                entered_at: now.wall,
                floor: door.checkpoint.as_deref().map_or(0, size_of),
                mandate: Mandate::new(agent.ed25519, door.session, model.keys.ed25519),
                allowed: ActionSet::EMPTY,
                actions: door.wanted,
                door,
                tunnel: Tunnel::Down,
                agent_lost: false,
                lost_at: None,
                ask_relay_at: None,
                unfinished: 0,
            });
        }
    }
    let Some(session) = &mut model.session else { return Vec::new() };
    if let Some(statement) = statement {
        if let Err(error) = session.accept(&statement)
            && error != MandateError::Stale
        {
            return distrust(model, error.to_string());
        }
        if session.actions.is_empty() {
            session.actions = session.mandate.grant().map_or(session.actions, |g| g.actions);
        }
        // Said yes while the line was down: nothing waits for another click.
        let begins =
            if matches!(model.stage, Stage::Asking(_)) { Begins::All } else { Begins::View };
        if !matches!(model.stage, Stage::Active(_)) {
            model.stage = Stage::Active(Box::new(Active { begins, ..Active::new(now.uptime) }));
        }
        session.ask_relay_at =
            (session.tunnel == Tunnel::Down).then_some(now.uptime + super::RELAY_AGAIN);
        return Vec::new();
    }
    match &mut model.stage {
        Stage::Asking(asking) => {
            asking.confirm_by = Some(now.uptime + CONFIRM_WITHIN);
            Vec::new()
        }
        Stage::Active(_) => answered(model, Answer::Away),
        Stage::Answered(_) => Vec::new(),
        Stage::Start | Stage::Trust { .. } | Stage::Opening | Stage::Over(_) => ask_first(model),
    }
}

/// Asks the end user, once the log of the server is known to be what it was.
pub(super) fn ask_first(model: &mut Model) -> Vec<Effect> {
    match (&model.stage, &model.session) {
        (Stage::Opening, Some(session)) if model.proving.is_none() => {
            let actions = session.actions;
            model.stage = Stage::Asking(Asking::default());
            vec![Effect::Say(ControlSays::Request { actions })]
        }
        _ => Vec::new(),
    }
}

fn open_tunnel(model: &mut Model, ticket: String, now: Moment) -> Vec<Effect> {
    if !matches!(model.stage, Stage::Asking(_) | Stage::Active(_)) {
        return Vec::new();
    }
    tunnel::broke(model, now);
    let Some(session) = &mut model.session else { return Vec::new() };
    // Coming back after a broken link does not count.
    if matches!(model.stage, Stage::Asking(_)) {
        session.unfinished += 1;
        if session.unfinished > UNFINISHED {
            return distrust(model, "the connection was disturbed".to_owned());
        }
    }
    session.tunnel = Tunnel::Opening;
    session.ask_relay_at = None;
    model.tunnels += 1;
    vec![Effect::OpenTunnel(Box::new(TunnelTerms {
        number: model.tunnels,
        ticket,
        session: session.door.session,
        policy: session.door.policy.clone(),
        certificate: session.door.certificate.clone(),
        agent: session.door.agent.into(),
    }))]
}

fn approved(model: &mut Model, statement: &Statement, now: Moment) -> Vec<Effect> {
    let Some(session) = &mut model.session else { return Vec::new() };
    if let Err(error) = session.accept(statement) {
        return distrust(model, error.to_string());
    }
    model.stage =
        Stage::Active(Box::new(Active { begins: Begins::All, ..Active::new(now.uptime) }));
    match session.tunnel {
        Tunnel::Up => tunnel::begin(model, now),
        Tunnel::Opening => Vec::new(),
        Tunnel::Down => {
            session.ask_relay_at = Some(now.uptime + super::RELAY_SOON);
            Vec::new()
        }
    }
}

/// The end user is not, or no longer, with the operator; asking again is the next step.
fn answered(model: &mut Model, answer: Answer) -> Vec<Effect> {
    if !matches!(model.stage, Stage::Asking(_) | Stage::Active(_)) {
        return Vec::new();
    }
    let Some(session) = &mut model.session else { return Vec::new() };
    session.tunnel = Tunnel::Down;
    session.ask_relay_at = None;
    session.unfinished = 0;
    model.question = None;
    model.stage = Stage::Answered(answer);
    vec![Effect::CloseTunnel]
}

fn extended(model: &mut Model, statement: &Statement, now: Moment) -> Vec<Effect> {
    let mut effects = granted(model, statement, now);
    if let (Some(session), Stage::Active(active)) = (&model.session, &mut model.stage)
        && let Some(action) = active.extension.take()
        && session.granted(action)
    {
        if action == Action::Control {
            effects.extend(tunnel::take_control(model));
        }
        notice(model, Notice::MoreAllowed, now);
    }
    effects
}

fn refused(model: &mut Model, why: String, now: Moment) -> Vec<Effect> {
    // Nothing that is refused was said before it on this connection.
    if model.proving.is_some_and(|proving| proving.asked == Asked::First) {
        return log::not_proven(model, now);
    }
    match &mut model.stage {
        Stage::Asking(_) => answered(model, Answer::Refused(why)),
        Stage::Active(active) => {
            active.extension = None;
            model.ending = None;
            notice(model, Notice::Refused(why), now);
            Vec::new()
        }
        _ => Vec::new(),
    }
}
