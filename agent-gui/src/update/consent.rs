//! What the user allows, and takes back.

use std::time::Duration;

use beckon_events::session::GRANT_MAX;
use beckon_events::{Action, ActionSet, Grant, Limits};
use beckon_peer::{AgentMessage, ControlMessage, Why};
use beckon_protocol::AgentSays;

use crate::effect::Effect;
use crate::input::User;
use crate::model::{Active, Now, Phase, Recording, Session};
use crate::text;

/// A grant ends this much before the longest time there is: the clocks of agent and server differ.
const CLOCKS_DIFFER: Duration = Duration::from_mins(10);

impl Session {
    /// Does what the user asks for, all but ending it.
    pub(super) fn obey(&mut self, user: &User, now: Now, out: &mut Vec<Effect>) {
        match user {
            User::Ticks(action) => self.tick(*action),
            User::Approves => self.approve(now, out),
            User::Rejects => self.reject(now, out),
            User::Allows => self.allow_more(now, out),
            User::Refuses => self.refuse_more(now, out),
            User::Withdraws(action) => self.withdraw(*action, out),
            User::Pauses => self.pause(out),
            User::Continues => self.go_on(out),
            User::AsksToEnd | User::Closes => self.asks_end = true,
            User::Stays => {
                self.asks_end = false;
                self.dialog_closed = Some(now.up);
            }
            User::Ends
            | User::SavesReceipt
            | User::TypesServer(_)
            | User::TypesCode(_)
            | User::Starts
            | User::Cancels => {}
        }
    }

    fn tick(&mut self, action: Action) {
        let Phase::Asked(request) = &mut self.phase else { return };
        let asked = request.actions;
        let Some(dialog) = &mut request.dialog else { return };
        // A continued grant is taken as it was, or not at all.
        if dialog.continues {
            return;
        }
        let changed = if dialog.ticked.contains(action) {
            dialog.ticked.without(action)
        } else {
            dialog.ticked.with(action)
        };
        dialog.ticked = changed.and(asked);
    }

    fn approve(&mut self, now: Now, out: &mut Vec<Effect>) {
        let Phase::Asked(request) = &self.phase else { return };
        let Some(dialog) = &request.dialog else { return };
        if !dialog.is_armed(now) || !self.online {
            return;
        }
        if dialog.ticked.is_empty() {
            return self.reject(now, out);
        }
        self.n += 1;
        let grant = Grant {
            v: Grant::VERSION,
            session: self.id,
            operator: dialog.who.operator,
            control: dialog.who.keys.ed25519,
            actions: dialog.ticked,
            until: now.at.plus(GRANT_MAX.saturating_sub(CLOCKS_DIFFER)),
            n: self.n,
            limits: Limits {},
        };
        let statement = self.identity.grant(&grant);
        let number = request.number;
        let recording = Recording {
            who: dialog.who.clone(),
            policy: request.policy.clone(),
            grant,
            since: now.up,
            early: Vec::new(),
        };
        self.dialog_closed = Some(now.up);
        self.phase = Phase::Recording(recording);
        let said = AgentSays::Approve { request: number, statement };
        self.answer(number, said, out);
    }

    fn reject(&mut self, now: Now, out: &mut Vec<Effect>) {
        let Phase::Asked(request) = &self.phase else { return };
        let number = request.number;
        self.suspended = None;
        self.answer(number, AgentSays::Reject { request: number }, out);
        self.back_to_ready(text::REJECTED.to_owned(), now, out);
    }

    /// The server has it in the log: from now on the grant counts.
    pub(super) fn be_recorded(&mut self, n: u32, now: Now, out: &mut Vec<Effect>) {
        match &mut self.phase {
            Phase::Recording(recording) if recording.grant.n == n => {
                let Recording { who, policy, grant, early, .. } = recording.clone();
                self.suspended = None;
                self.notice = None;
                self.begin(Active::new(who, policy, now), grant, now);
                for action in early {
                    self.hear_control(&ControlMessage::StartAction(action), now, out);
                }
            }
            Phase::Active(active) => {
                let grown = active.growing.take_if(|growing| growing.grant.n == n);
                if let Some(grown) = grown {
                    self.enforce(grown.grant);
                } else {
                    self.reconcile(n, now, out);
                }
            }
            Phase::Ready if self.abandoned.as_ref().is_some_and(|given| given.grant.n == n) => {
                self.take_back_abandoned(now, out);
            }
            Phase::Ready | Phase::Asked(_) | Phase::Recording(_) => {}
        }
    }

    fn begin(&mut self, active: Active, grant: Grant, now: Now) {
        let here = matches!(self.channel, crate::model::Channel::Open(_));
        self.helper = Some(active.who.clone());
        self.began.get_or_insert(now.at);
        self.phase =
            Phase::Active(Box::new(Active { broken: (!here).then_some(now.up), ..active }));
        self.enforce(grant);
    }

    /// An approval that was given up is in the log after all: the log is told that nothing of it
    /// counts.
    pub(super) fn take_back_abandoned(&mut self, now: Now, out: &mut Vec<Effect>) {
        let Some(Recording { who, policy, grant, .. }) = self.abandoned.take() else { return };
        let nothing = self.next_grant(&grant, ActionSet::EMPTY);
        let statement = self.identity.grant(&nothing);
        self.begin(Active::new(who, policy, now), nothing, now);
        self.say_grant(AgentSays::Withdraw { statement }, out);
    }

    /// The newest grant that the server knows is `n`, and that is not news.
    fn reconcile(&mut self, n: u32, now: Now, out: &mut Vec<Effect>) {
        let Some(grant) = self.gate.grant().cloned() else { return };
        let growing = self.active_mut().and_then(|active| active.growing.as_mut());
        let newest = growing.as_ref().map_or(grant.n, |growing| growing.grant.n);
        if n < newest {
            // What was said last got lost with the connection.
            if let Some(growing) = growing {
                growing.since = now.up;
            }
            out.extend(self.signed.clone().map(Effect::Say));
        } else if n > newest {
            // More was allowed and given up because nobody confirmed it.
            let same = self.next_grant(&grant, grant.actions);
            let statement = self.identity.grant(&same);
            self.enforce(same);
            self.say_grant(AgentSays::Withdraw { statement }, out);
        }
    }

    pub(super) fn not_recorded(&mut self, now: Now, out: &mut Vec<Effect>) {
        match &mut self.phase {
            Phase::Recording(_) => self.back_to_ready(text::NOT_RECORDED.to_owned(), now, out),
            Phase::Active(active) => {
                if active.growing.take().is_some() {
                    self.notice = Some(text::NOT_RECORDED.to_owned());
                }
            }
            Phase::Ready | Phase::Asked(_) => {}
        }
    }

    fn allow_more(&mut self, now: Now, out: &mut Vec<Effect>) {
        let Some(grant) = self.gate.grant().cloned() else { return };
        let Some(active) = self.active_mut() else { return };
        let Some(extension) = active.extension.take_if(|asked| asked.is_armed(now)) else { return };
        let (who, policy) = (active.who.clone(), active.policy.clone());
        let grant = self.next_grant(&grant, grant.actions.or(extension.actions));
        let statement = self.identity.grant(&grant);
        let since = now.up;
        if let Some(active) = self.active_mut() {
            active.growing = Some(Recording { who, policy, grant, since, early: Vec::new() });
        }
        self.dialog_closed = Some(now.up);
        self.say_grant(AgentSays::Extend { statement }, out);
    }

    fn refuse_more(&mut self, now: Now, out: &mut Vec<Effect>) {
        let Some(active) = self.active_mut() else { return };
        if active.extension.take().is_some() {
            self.dialog_closed = Some(now.up);
            self.say(AgentSays::RefuseExtension {}, out);
        }
    }

    /// Takes an action back: at once here, then in the log.
    fn withdraw(&mut self, action: Action, out: &mut Vec<Effect>) {
        let Some(grant) = self.gate.grant().cloned() else { return };
        let Some(active) = self.active_mut() else { return };
        let left = grant.actions.without(action);
        if left == grant.actions {
            return;
        }
        active.growing = None;
        let smaller = self.next_grant(&grant, left);
        let statement = self.identity.grant(&smaller);
        self.enforce(smaller);
        for action in grant.actions.minus(left).iter() {
            self.tell(AgentMessage::Stopped { action, why: Why::Withdrawn }, out);
        }
        self.say_grant(AgentSays::Withdraw { statement }, out);
    }

    fn pause(&mut self, out: &mut Vec<Effect>) {
        if let Some(active) = self.active_mut()
            && !std::mem::replace(&mut active.paused, true)
        {
            active.was_paused = true;
            self.tell(AgentMessage::Paused, out);
            self.say_state(AgentSays::Pause {}, out);
        }
    }

    fn go_on(&mut self, out: &mut Vec<Effect>) {
        if let Some(active) = self.active_mut()
            && std::mem::replace(&mut active.paused, false)
        {
            self.tell(AgentMessage::Continued, out);
            self.say_state(AgentSays::Continue {}, out);
        }
    }

    /// Said now or not at all: the state of then is said when the line is back.
    fn say_state(&self, said: AgentSays, out: &mut Vec<Effect>) {
        if self.online {
            out.push(Effect::Say(said));
        }
    }
}
