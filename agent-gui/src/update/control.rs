//! What Control asks for, over the sealed channel. Everything passes the gate here.

use beckon_events::{Action, ActionSet};
use beckon_peer::{AgentMessage, ControlMessage, InputEvent, Why};
use beckon_protocol::AgentSays;

use crate::effect::Effect;
use crate::model::{Channel, Now, Phase, Session};
use crate::text;

/// What Control may ask for before the approval is recorded; it counts from then on.
const EARLY_MAX: usize = 8;

impl Session {
    pub(super) fn hear_control(
        &mut self,
        message: &ControlMessage,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        if !matches!(self.channel, Channel::Open(_)) {
            return;
        }
        if let (ControlMessage::StartAction(action), Phase::Recording(recording)) =
            (message, &mut self.phase)
        {
            // Two roads lead here: the confirmation may come after what follows from it.
            if recording.early.len() < EARLY_MAX {
                recording.early.push(*action);
            }
            return;
        }
        if !self.gate.permits(message, now.at) {
            if let ControlMessage::StartAction(action) = message {
                self.tell(AgentMessage::Stopped { action: *action, why: Why::NotGranted }, out);
            }
            return;
        }
        match message {
            ControlMessage::Ping { nonce } => {
                out.push(Effect::Pong(*nonce));
            }
            ControlMessage::Ack { update } => out.push(Effect::Acked(*update)),
            ControlMessage::ShareClipboard { out: to_user, back } => {
                self.direct_clipboard(*to_user, *back);
            }
            ControlMessage::StartAction(action) => self.start(*action, now, out),
            ControlMessage::StopAction(action) => self.finish(*action, now, out),
            ControlMessage::RequestFullPicture => {
                if self.in_use(Action::View, now) {
                    out.push(Effect::FullPicture);
                }
            }
            ControlMessage::SelectMonitor(id) => {
                if self.in_use(Action::View, now) {
                    out.push(Effect::ShowMonitor(*id));
                }
            }
            ControlMessage::Input(InputEvent::ReleaseAll) => out.push(Effect::ReleaseAll),
            ControlMessage::Input(event) => {
                if self.may_inject(now) {
                    out.push(Effect::Inject(event.clone()));
                }
            }
        }
    }

    fn start(&mut self, action: Action, now: Now, out: &mut Vec<Effect>) {
        if !matches!(action, Action::View | Action::Control | Action::Clipboard) {
            return self.tell(AgentMessage::Stopped { action, why: Why::Unavailable }, out);
        }
        let Some(active) = self.active_mut() else { return };
        let new = ActionSet::EMPTY.with(action).minus(active.running);
        if new != ActionSet::EMPTY && !active.toggles.may_start(now.up) {
            return self.tell(AgentMessage::Stopped { action, why: Why::Unavailable }, out);
        }
        active.running = active.running.or(new);
        self.used = self.used.or(new);
        for action in new.iter() {
            self.say(AgentSays::ActionStarted { action }, out);
        }
    }

    /// Control wants no more of it.
    fn finish(&mut self, action: Action, now: Now, out: &mut Vec<Effect>) {
        if let Some(active) = self.active_mut().filter(|active| active.running.contains(action)) {
            active.toggles.note(now.up);
        }
        self.stop(action, Why::Finished, out);
    }

    fn stop(&mut self, action: Action, why: Why, out: &mut Vec<Effect>) {
        let Some(active) = self.active_mut() else { return };
        let left = active.running.without(action);
        let stopped = active.running.minus(left);
        active.running = left;
        for action in stopped.iter() {
            self.tell(AgentMessage::Stopped { action, why }, out);
            self.say(AgentSays::ActionStopped { action }, out);
        }
    }

    /// The screen cannot be shown; control without a picture ends too.
    pub(super) fn fail_pictures(&mut self, why: &str, out: &mut Vec<Effect>) {
        self.stop(Action::View, Why::Unavailable, out);
        self.notice = Some(text::no_pictures(why));
    }

    /// Mouse and keyboard cannot be used.
    pub(super) fn fail_hands(&mut self, why: &str, out: &mut Vec<Effect>) {
        self.stop(Action::Control, Why::Unavailable, out);
        self.notice = Some(text::no_hands(why));
    }

    /// Tells Control, where there is a channel.
    pub(super) fn tell(&mut self, message: AgentMessage, out: &mut Vec<Effect>) {
        if matches!(self.channel, Channel::Open(_)) {
            out.push(Effect::Tell(message));
        }
    }
}
