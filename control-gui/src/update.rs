//! What follows from what happens: no I/O, no clock.

mod clipboard;
mod farewell;
mod log;
mod person;
mod server;
#[cfg(test)]
pub(crate) mod tests;
mod tunnel;

use std::time::Duration;

use beckon_events::Action;
use beckon_peer::ControlMessage;
use beckon_protocol::ControlSays;

use crate::effect::Effect;
use crate::input::Input;
use crate::model::{Answer, Hands, LineState, Model, Notice, Over, Question, Stage, Tunnel};
use crate::moment::Moment;

/// For how long a notice can be read.
const NOTICE_FOR: Duration = Duration::from_secs(10);
/// The pause before control comes back by itself.
const COUNTDOWN: Duration = Duration::from_secs(3);
/// The longest gap after which control comes back by itself.
const BY_ITSELF_WITHIN: Duration = Duration::from_secs(30);
/// How soon a new relay is asked for, and how often.
const RELAY_SOON: Duration = Duration::from_millis(300);
const RELAY_AGAIN: Duration = Duration::from_secs(3);
/// For how long after the tunnel came up the agent may not yet know of the approval.
const SETTLING: Duration = Duration::from_secs(5);
const RETRY_VIEW: Duration = Duration::from_millis(300);
/// How long after a reconnection the server has said whether a request still waits.
const CONFIRM_WITHIN: Duration = Duration::from_secs(2);
/// How long the server may take to prove that its log only grew.
const PROVE_WITHIN: Duration = Duration::from_secs(10);
/// When a proof that could not be given is asked for again, how often at most,
const PROVE_AGAIN: Duration = Duration::from_secs(2);
const PROVE_AGAIN_MOST: u32 = 5;
/// and how often the line may break before it came.
const DROPS_MOST: u32 = 3;
/// How long the line stays up after the end, for the receipt.
const FAREWELL: Duration = Duration::from_secs(5);
/// So many handshakes may be begun between two that are finished.
const UNFINISHED: u32 = 3;

/// Takes in what happened at `now` and says what is to be done.
pub fn update(model: &mut Model, input: Input, now: Moment) -> Vec<Effect> {
    let mut effects = step(model, input, now);
    clipboard::settle(model, &mut effects);
    effects
}

fn step(model: &mut Model, input: Input, now: Moment) -> Vec<Effect> {
    match input {
        Input::Open(_)
        | Input::OpenForged(_)
        | Input::Raise
        | Input::Trust
        | Input::DoNotTrust
        | Input::Cancel
        | Input::AskAgain
        | Input::AskFor(_)
        | Input::ShareClipboard(_)
        | Input::TakeControl
        | Input::StopControl
        | Input::SelectMonitor(_)
        | Input::Show(_)
        | Input::Close(_)
        | Input::Leave
        | Input::EndSession
        | Input::Stay
        | Input::KeyboardTaken
        | Input::Did(_) => person::did(model, input, now),
        Input::LineUp { nonce } => server::greeted(model, nonce),
        Input::LineDown { why, again_in } => {
            model.line = LineState::Down { why, again_at: now.uptime + again_in };
            // The door will show the log again.
            model.doubt.dropped += u32::from(model.proving.take().is_some());
            Vec::new()
        }
        Input::OtherVersion { download } => over(model, Over::OtherVersion { download }),
        Input::Said(said) => server::said(model, *said, now),
        Input::Tunnel { number, event } if number == model.tunnels => {
            tunnel::happened(model, event, now)
        }
        Input::Tunnel { .. } => Vec::new(),
        Input::ReceiptKept(kept) => farewell::kept(model, kept),
        Input::EvidenceKept(kept) => {
            model.evidence = Some(kept);
            Vec::new()
        }
        Input::Clipboard(event) => clipboard::happened(model, event, now),
        Input::Tick => tick(model, now),
    }
}

fn tick(model: &mut Model, now: Moment) -> Vec<Effect> {
    let due = |at: Option<Duration>| at.is_some_and(|at| at <= now.uptime);
    let mut effects = Vec::new();
    if model.farewell.as_ref().is_some_and(|farewell| due(Some(farewell.until))) {
        return farewell::finish(model);
    }
    if due(model.proving.map(|proving| proving.until)) {
        return log::due(model, now);
    }
    if let Some(session) = &mut model.session
        && due(session.ask_relay_at)
    {
        let wanted = session.tunnel == Tunnel::Down && !session.agent_lost;
        session.ask_relay_at = wanted.then_some(now.uptime + RELAY_AGAIN);
        if wanted && model.line == LineState::Up {
            effects.push(Effect::Say(ControlSays::RelayWanted {}));
        }
    }
    let owed = model.owes_proof();
    let tunnel_is_up = model.session.as_ref().is_some_and(|session| session.tunnel == Tunnel::Up);
    match &mut model.stage {
        Stage::Asking(asking) if due(asking.confirm_by) => {
            model.stage = Stage::Answered(Answer::Unknown);
        }
        Stage::Active(active) => {
            if active.notice.as_ref().is_some_and(|(_, until)| *until <= now.uptime) {
                active.notice = None;
            }
            if due(active.retry_view_at) {
                active.retry_view_at = None;
                if tunnel_is_up {
                    active.viewing = true;
                    effects.push(Effect::Send(ControlMessage::StartAction(Action::View)));
                }
            }
            if let Hands::Countdown { until } = active.hands
                && until <= now.uptime
            {
                if owed {
                    active.hands = Hands::Countdown { until: now.uptime + RETRY_VIEW };
                } else {
                    effects.extend(tunnel::take_control(model));
                }
            }
        }
        _ => {}
    }
    effects
}

/// Nothing more can be done with this session.
fn over(model: &mut Model, why: Over) -> Vec<Effect> {
    let quits = model.ending == Some(crate::model::Wish::CloseWindow);
    let mut effects = over_but_line(model, why);
    model.proving = None;
    model.line = LineState::Closed;
    effects.push(Effect::CloseLine);
    if quits {
        effects.push(Effect::Quit);
    }
    effects
}

/// The same, while the server still has something to say.
fn over_but_line(model: &mut Model, why: Over) -> Vec<Effect> {
    model.stage = Stage::Over(why);
    model.ending = None;
    model.link = None;
    // A question about the session is answered by its end; one about another link is not.
    if matches!(model.question, Some(Question::Leaving(_))) {
        model.question = None;
    }
    if let Some(session) = &mut model.session {
        session.tunnel = Tunnel::Down;
        session.ask_relay_at = None;
    }
    vec![Effect::CloseTunnel]
}

fn notice(model: &mut Model, notice: Notice, now: Moment) {
    if let Stage::Active(active) = &mut model.stage {
        active.notice = Some((notice, now.uptime + NOTICE_FOR));
    }
}
