//! What the operator does.

use beckon_events::{Action, ActionSet};
use beckon_peer::{ControlMessage, InputEvent};
use beckon_protocol::{ControlSays, LaunchLink};

use super::{clipboard, farewell, notice, tunnel};
use crate::effect::Effect;
use crate::input::{Input, Wish};
use crate::model::{Asking, Doubt, Hands, LineState, Model, Notice, Over, Question, Stage, Tunnel};
use crate::moment::Moment;

pub(super) fn did(model: &mut Model, input: Input, now: Moment) -> Vec<Effect> {
    match input {
        Input::Open(link) => {
            let mut effects = vec![Effect::Focus];
            if matches!(model.stage, Stage::Opening | Stage::Asking(_) | Stage::Active(_)) {
                model.question = Some(Question::Switch(link));
            } else {
                effects.extend(open(model, link));
            }
            effects
        }
        Input::OpenForged(error) => {
            if matches!(model.stage, Stage::Start | Stage::Trust { .. } | Stage::Over(_)) {
                model.stage = Stage::Over(Over::NotValid(error.to_string()));
            } else {
                notice(model, Notice::Refused(error.to_string()), now);
            }
            vec![Effect::Focus]
        }
        Input::Raise => vec![Effect::Focus],
        Input::Trust => match std::mem::replace(&mut model.stage, Stage::Start) {
            Stage::Trust { link } => {
                let server = link.server().clone();
                model.known.insert(server.to_string());
                let mut effects = vec![Effect::Remember(server)];
                effects.extend(open(model, link));
                effects
            }
            stage => {
                model.stage = stage;
                Vec::new()
            }
        },
        Input::DoNotTrust => {
            if matches!(model.stage, Stage::Trust { .. }) {
                model.stage = Stage::Start;
            }
            Vec::new()
        }
        Input::Cancel => cancel(model),
        Input::AskAgain => ask_again(model),
        Input::AskFor(action) => ask_for(model, action, now),
        Input::ShareClipboard(wanted) => clipboard::choose(model, wanted),
        Input::TakeControl => tunnel::take_control(model),
        Input::StopControl => stop_control(model),
        Input::SelectMonitor(id) => match model.active() {
            Some((session, _)) if session.tunnel == Tunnel::Up => {
                vec![Effect::Send(ControlMessage::SelectMonitor(id))]
            }
            _ => Vec::new(),
        },
        Input::Show(scale) => {
            if let Stage::Active(active) = &mut model.stage {
                active.scale = scale;
            }
            Vec::new()
        }
        Input::Close(wish) => close(model, wish),
        Input::Leave => leave(model),
        Input::EndSession => end_session(model),
        Input::Stay => {
            model.question = None;
            Vec::new()
        }
        Input::KeyboardTaken => {
            notice(model, Notice::KeyboardTaken, now);
            Vec::new()
        }
        Input::Did(event) if model.sends_input() => {
            if let (InputEvent::PointerMove(to), Stage::Active(active)) = (&event, &mut model.stage)
            {
                active.pointer.operator_moved(*to, now.uptime);
            }
            vec![Effect::Send(ControlMessage::Input(event))]
        }
        _ => Vec::new(),
    }
}

/// Goes where the link leads; an unknown portal is asked about first, never connected to.
fn open(model: &mut Model, link: LaunchLink) -> Vec<Effect> {
    let mut effects = Vec::new();
    if model.line != LineState::Closed {
        effects.extend([Effect::CloseTunnel, Effect::CloseLine]);
        model.line = LineState::Closed;
    }
    model.session = None;
    model.ending = None;
    model.question = None;
    (model.proving, model.restored) = (None, None);
    model.doubt = Doubt::default();
    (model.farewell, model.evidence) = (None, None);
    if model.known.contains(&link.server().to_string()) {
        let server = link.server().clone();
        model.server = Some(server.clone());
        model.link = Some(link);
        model.stage = Stage::Opening;
        model.line = LineState::Connecting;
        effects.push(Effect::OpenLine(server));
    } else {
        model.stage = Stage::Trust { link };
    }
    effects
}

fn cancel(model: &mut Model) -> Vec<Effect> {
    match &mut model.stage {
        Stage::Opening => {
            model.stage = Stage::Start;
            model.link = None;
            model.session = None;
            model.proving = None;
            model.line = LineState::Closed;
            vec![Effect::CloseLine]
        }
        Stage::Asking(asking) if !asking.cancelling => {
            asking.cancelling = true;
            vec![Effect::Say(ControlSays::Cancel {})]
        }
        _ => Vec::new(),
    }
}

fn ask_again(model: &mut Model) -> Vec<Effect> {
    match (&model.stage, &model.session) {
        (Stage::Answered(_), Some(session))
            if model.line == LineState::Up && !model.owes_proof() =>
        {
            let actions = session.actions;
            model.stage = Stage::Asking(Asking::default());
            vec![Effect::Say(ControlSays::Request { actions })]
        }
        _ => Vec::new(),
    }
}

fn ask_for(model: &mut Model, action: Action, now: Moment) -> Vec<Effect> {
    if model.owes_proof() {
        return Vec::new();
    }
    let (Some(session), Stage::Active(active)) = (&model.session, &mut model.stage) else {
        return Vec::new();
    };
    let possible = session.may_ask_for(action) && !session.granted(action);
    if !possible || active.extension.is_some() || model.line != LineState::Up {
        return Vec::new();
    }
    active.extension = Some(action);
    notice(model, Notice::MoreAsked, now);
    let actions = ActionSet::EMPTY.with(action);
    vec![Effect::Say(ControlSays::Extend { actions })]
}

fn stop_control(model: &mut Model) -> Vec<Effect> {
    let Stage::Active(active) = &mut model.stage else { return Vec::new() };
    match std::mem::replace(&mut active.hands, Hands::Off) {
        Hands::On => vec![Effect::Send(ControlMessage::StopAction(Action::Control))],
        Hands::Countdown { .. } | Hands::Off => Vec::new(),
    }
}

fn close(model: &mut Model, wish: Wish) -> Vec<Effect> {
    match &model.stage {
        Stage::Active(_) => {
            model.question = Some(Question::Leaving(wish));
            Vec::new()
        }
        Stage::Asking(_) => vec![
            Effect::Say(ControlSays::Cancel {}),
            Effect::Say(ControlSays::Leave {}),
            Effect::Quit,
        ],
        Stage::Answered(_) => vec![Effect::Say(ControlSays::Leave {}), Effect::Quit],
        Stage::Over(_) => farewell::close(model),
        Stage::Start | Stage::Trust { .. } | Stage::Opening => vec![Effect::Quit],
    }
}

fn leave(model: &mut Model) -> Vec<Effect> {
    let goodbye = match model.stage {
        Stage::Asking(_) => vec![ControlSays::Cancel {}, ControlSays::Leave {}],
        _ => vec![ControlSays::Leave {}],
    };
    let mut effects: Vec<Effect> = goodbye.into_iter().map(Effect::Say).collect();
    match model.question.take() {
        Some(Question::Switch(link)) => effects.extend(open(model, link)),
        Some(Question::Leaving(_)) => effects.push(Effect::Quit),
        None => return Vec::new(),
    }
    effects
}

fn end_session(model: &mut Model) -> Vec<Effect> {
    match model.question.take() {
        Some(Question::Leaving(wish)) => {
            model.ending = Some(wish);
            vec![Effect::Say(ControlSays::End {})]
        }
        question => {
            model.question = question;
            Vec::new()
        }
    }
}
