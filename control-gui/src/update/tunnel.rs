//! What happens in the tunnel to the agent.

use std::sync::Arc;
use std::time::Duration;

use beckon_events::Action;
use beckon_peer::{AgentMessage, ControlMessage, ScreenState, Why};
use beckon_protocol::ControlSays;

use super::{
    BY_ITSELF_WITHIN, COUNTDOWN, RELAY_SOON, RETRY_VIEW, SETTLING, clipboard, notice, server,
};
use crate::effect::Effect;
use crate::input::TunnelEvent;
use crate::model::{
    Active, Begins, Hands, Model, Notice, RemotePointer, Session, Stage, Tunnel, Way,
};
use crate::moment::Moment;

pub(super) fn happened(model: &mut Model, event: TunnelEvent, now: Moment) -> Vec<Effect> {
    match event {
        TunnelEvent::Up => {
            let Some(session) = &mut model.session else { return Vec::new() };
            session.tunnel = Tunnel::Up;
            session.unfinished = 0;
            session.ask_relay_at = None;
            begin(model, now)
        }
        TunnelEvent::Told(message) => told(model, message, now),
        TunnelEvent::Picture { monitor } => {
            if let Stage::Active(active) = &mut model.stage {
                active.monitor = Some(monitor);
                active.lost = None;
            }
            Vec::new()
        }
        TunnelEvent::Fresh(freshness) => {
            if let Stage::Active(active) = &mut model.stage
                && active.lost.is_none()
            {
                active.freshness = freshness;
            }
            Vec::new()
        }
        TunnelEvent::Copied(clip) => clipboard::came(model, clip),
        TunnelEvent::ClipSent(sort) => {
            clipboard::went(model, sort, Way::Sent, now.uptime);
            Vec::new()
        }
        TunnelEvent::TooLarge => {
            notice(model, Notice::TooLarge, now);
            Vec::new()
        }
        TunnelEvent::Latency(latency) => {
            if let Stage::Active(active) = &mut model.stage {
                active.latency = Some(latency);
            }
            Vec::new()
        }
        TunnelEvent::Down => {
            broke(model, now);
            let wanted = matches!(model.stage, Stage::Asking(_) | Stage::Active(_));
            if let Some(session) = &mut model.session {
                session.tunnel = Tunnel::Down;
                session.ask_relay_at = wanted.then_some(now.uptime + RELAY_SOON);
            }
            Vec::new()
        }
        TunnelEvent::Disturbed(why) => server::distrust(model, why),
    }
}

/// Begins what is granted, once the tunnel is up and the grant has been checked.
pub(super) fn begin(model: &mut Model, now: Moment) -> Vec<Effect> {
    let owed = model.owes_proof();
    let (Some(session), Stage::Active(active)) = (&model.session, &mut model.stage) else {
        return Vec::new();
    };
    let mut effects = vec![Effect::Say(ControlSays::Connected {})];
    active.began_at = now.uptime;
    if session.mandate.allows(Action::View, now.wall) {
        active.viewing = true;
        effects.push(Effect::Send(ControlMessage::StartAction(Action::View)));
    }
    let begins = std::mem::replace(&mut active.begins, Begins::View);
    let gap = session.lost_at.map(|lost_at| now.uptime.saturating_sub(lost_at));
    if session.mandate.allows(Action::Control, now.wall) {
        match begins {
            Begins::All if owed => {
                active.hands = Hands::Countdown { until: now.uptime + RETRY_VIEW };
            }
            Begins::All => effects.extend(take_control(model)),
            Begins::ViewAndControl if gap.is_some_and(|gap| gap <= BY_ITSELF_WITHIN) => {
                active.hands = Hands::Countdown { until: now.uptime + COUNTDOWN };
            }
            Begins::ViewAndControl | Begins::View => {}
        }
    }
    effects
}

/// The tunnel, if there was one, is gone: nothing runs any more.
pub(super) fn broke(model: &mut Model, now: Moment) {
    let Some(session) = &mut model.session else { return };
    if session.tunnel != Tunnel::Up {
        return;
    }
    session.lost_at = Some(now.uptime);
    if let Stage::Active(active) = &mut model.stage {
        active.begins = match active.hands {
            Hands::Off => Begins::View,
            Hands::Countdown { .. } | Hands::On => Begins::ViewAndControl,
        };
        active.hands = Hands::Off;
        active.viewing = false;
        active.latency = None;
        active.retry_view_at = None;
        clipboard::stopped(active);
        active.freshness.loading_since = None;
        active.lost = None;
        active.pointer = RemotePointer::default();
    }
}

/// Takes mouse and keyboard, where the grant allows it.
pub(super) fn take_control(model: &mut Model) -> Vec<Effect> {
    if model.owes_proof() {
        return Vec::new();
    }
    match (&model.session, &mut model.stage) {
        (Some(session), Stage::Active(active))
            if session.tunnel == Tunnel::Up && session.granted(Action::Control) =>
        {
            active.hands = Hands::On;
            vec![Effect::Send(ControlMessage::StartAction(Action::Control))]
        }
        _ => Vec::new(),
    }
}

fn told(model: &mut Model, message: AgentMessage, now: Moment) -> Vec<Effect> {
    match message {
        AgentMessage::Granted(statement) => server::granted(model, &statement, now),
        AgentMessage::Monitors(monitors) => {
            if let Stage::Active(active) = &mut model.stage {
                active.monitors = monitors;
            }
            Vec::new()
        }
        AgentMessage::Stopped { action, why } => match (&model.session, &mut model.stage) {
            (Some(session), Stage::Active(active)) => {
                let (effects, say) = stopped(session, active, action, why, now.uptime);
                if let Some(say) = say {
                    notice(model, say, now);
                }
                effects
            }
            _ => Vec::new(),
        },
        AgentMessage::Paused => server::paused(model, true),
        AgentMessage::Continued => server::paused(model, false),
        AgentMessage::Cursor(_) | AgentMessage::Pointer(_) | AgentMessage::Screen(_) => {
            if let Stage::Active(active) = &mut model.stage {
                screen(active, message, now.uptime);
            }
            Vec::new()
        }
        // The tunnel itself has asked.
        AgentMessage::Pong { .. } => Vec::new(),
    }
}

/// What the agent says about the screen beside the picture.
fn screen(active: &mut Active, message: AgentMessage, now: Duration) {
    match message {
        AgentMessage::Cursor(place) => {
            active.pointer.is_at(place, now, active.latency.unwrap_or_default());
        }
        AgentMessage::Pointer(shape) => active.pointer.shape = Some(Arc::new(shape)),
        AgentMessage::Screen(ScreenState::Lost(why)) if active.viewing => active.lost = Some(why),
        AgentMessage::Screen(_) => active.lost = None,
        _ => {}
    }
}

fn stopped(
    session: &Session,
    active: &mut Active,
    action: Action,
    why: Why,
    now: Duration,
) -> (Vec<Effect>, Option<Notice>) {
    match (action, why) {
        // The answer to our own word, which counted when it was said; a newer one may have
        // followed it.
        (_, Why::Finished) => (Vec::new(), None),
        (Action::View, Why::NotGranted) if session.granted(Action::View) => {
            active.viewing = false;
            active.hands = Hands::Off;
            if now.saturating_sub(active.began_at) < SETTLING {
                // The agent hears of the approval by another way, perhaps a little later.
                active.retry_view_at = Some(now + RETRY_VIEW);
                return (Vec::new(), None);
            }
            // The gap was too long for the agent: the end user is to be asked again.
            (vec![Effect::Say(ControlSays::Leave {})], None)
        }
        (Action::View, why) => {
            active.viewing = false;
            active.lost = None;
            active.hands = Hands::Off;
            let notice = match why {
                Why::Unavailable => Some(Notice::ViewUnavailable),
                Why::Withdrawn | Why::NotGranted => Some(Notice::ViewWithdrawn),
                Why::Finished => None,
            };
            (Vec::new(), notice)
        }
        (Action::Control, Why::NotGranted)
            if session.granted(action) && now.saturating_sub(active.began_at) < SETTLING =>
        {
            active.hands = Hands::Countdown { until: now + RETRY_VIEW };
            (Vec::new(), None)
        }
        (Action::Control, why) => {
            let was_off = std::mem::replace(&mut active.hands, Hands::Off) == Hands::Off;
            let notice = match why {
                Why::Withdrawn => Some(Notice::ControlWithdrawn),
                Why::NotGranted | Why::Unavailable => Some(Notice::ControlStopped),
                Why::Finished => None,
            };
            (Vec::new(), notice.filter(|_| !was_off))
        }
        (Action::Clipboard, why) => {
            let was_on = clipboard::stopped(active);
            let notice = match why {
                Why::Withdrawn => Some(Notice::ClipboardWithdrawn),
                Why::NotGranted | Why::Unavailable => Some(Notice::ClipboardStopped),
                Why::Finished => None,
            };
            (Vec::new(), notice.filter(|_| was_on))
        }
        _ => (Vec::new(), None),
    }
}
