//! What the server says to a session.

use std::time::Duration;

use beckon_events::session::{CONTINUE_WITHIN, EndReason, EndedBy};
use beckon_events::{ActionSet, PublicKey};
use beckon_protocol::{AgentSays, Base64, Policy, ToAgent, agent_resume_bytes};

use crate::effect::{Effect, Terms};
use crate::input::Line;
use crate::model::{Active, Channel, Extension, How, Now, Phase, Request, Session, Suspended};
use crate::text;

impl Session {
    pub(super) fn hear_line(&mut self, line: Line, now: Now, out: &mut Vec<Effect>) -> Option<How> {
        match line {
            Line::Up { nonce, .. } => {
                let signature = self.identity.sign(&agent_resume_bytes(&nonce, self.id));
                let signature = Base64(signature.to_vec());
                out.push(Effect::Say(AgentSays::Resume { session: self.id, signature }));
                None
            }
            Line::Down { .. } => {
                self.go_offline(now, out);
                None
            }
            Line::OtherVersion { .. } => Some(LOST),
            Line::Message(message) => self.hear(message, now, out),
        }
    }

    /// Releases everything and takes questions off the screen: nobody could hear the answer.
    fn go_offline(&mut self, now: Now, out: &mut Vec<Effect>) {
        self.online = false;
        self.close_channel(now, out);
        let had_dialog = self.has_dialog();
        match &mut self.phase {
            Phase::Asked(_) => self.phase = Phase::Ready,
            // The server asks again.
            Phase::Active(active) => active.extension = None,
            Phase::Ready | Phase::Recording(_) => {}
        }
        if had_dialog && !self.has_dialog() {
            self.dialog_closed = Some(now.up);
        }
    }

    fn hear(&mut self, message: ToAgent, now: Now, out: &mut Vec<Effect>) -> Option<How> {
        match message {
            ToAgent::Resumed {} => self.come_back(now, out),
            ToAgent::Asked { request, policy, actions, continues, lapse_seconds, .. } => {
                let lapses = now.up + Duration::from_secs(lapse_seconds);
                self.ask(
                    Request {
                        number: request,
                        policy: policy.0,
                        actions,
                        claims_to_continue: continues,
                        lapses,
                        dialog: None,
                    },
                    now,
                    out,
                );
            }
            ToAgent::Relay { ticket } => self.open_relay(ticket, now, out),
            ToAgent::Withdrawn { request } => {
                if let Phase::Asked(asked) = &self.phase
                    && asked.number == request
                {
                    let notice = match &asked.dialog {
                        Some(dialog) => text::has_withdrawn(&dialog.who.name),
                        None => text::WITHDRAWN.to_owned(),
                    };
                    self.back_to_ready(notice, now, out);
                }
            }
            ToAgent::Lapsed { request } => {
                if matches!(&self.phase, Phase::Asked(asked) if asked.number == request) {
                    self.back_to_ready(text::LAPSED.to_owned(), now, out);
                }
            }
            ToAgent::Recorded { n } => self.be_recorded(n, now, out),
            ToAgent::NotRecorded { .. } => self.not_recorded(now, out),
            ToAgent::ExtensionAsked { actions } => self.ask_more(actions, now, out),
            ToAgent::OperatorLeft {} => self.suspend(now, out),
            ToAgent::Ended { by, why } => return Some(How::Ended { by, why }),
            ToAgent::Expired {} => return Some(How::Expired),
            ToAgent::NotValid {} => return Some(LOST),
            ToAgent::Welcome { .. }
            | ToAgent::OtherVersion { .. }
            | ToAgent::Joined { .. }
            | ToAgent::WrongCode { .. }
            | ToAgent::Wait { .. }
            | ToAgent::RemovalRecorded {}
            | ToAgent::Receipt { .. }
            | ToAgent::HeadRecorded {} => {}
        }
        None
    }

    fn come_back(&mut self, now: Now, out: &mut Vec<Effect>) {
        self.online = true;
        // The server sends tickets by itself where both ends are there.
        self.wanted = Some(now.up);
        self.let_lapse(now);
        self.tell_lapse(out);
        out.extend(std::mem::take(&mut self.unsaid).into_iter().map(Effect::Say));
        if let Some(active) = self.active() {
            match (active.paused, active.was_paused) {
                (true, _) => out.push(Effect::Say(AgentSays::Pause {})),
                (false, true) => out.push(Effect::Say(AgentSays::Continue {})),
                (false, false) => {}
            }
        }
    }

    /// The server hears that nothing is allowed any more.
    pub(super) fn tell_lapse(&mut self, out: &mut Vec<Effect>) {
        if self.online
            && let Some((statement, _)) = self.active_mut().and_then(|active| active.lapsed.take())
        {
            self.say_grant(AgentSays::Withdraw { statement }, out);
        }
    }

    fn ask(&mut self, request: Request, now: Now, out: &mut Vec<Effect>) {
        if self.answer_again(request.number, now, out) {
            return;
        }
        if matches!(self.phase, Phase::Active(_)) {
            // For the server the operator has left already.
            self.suspend(now, out);
        }
        let policy = Policy::read(&request.policy).filter(|policy| policy.session == self.id);
        let allowed = policy.map_or(ActionSet::EMPTY, |policy| policy.allowed);
        let actions = request.actions.and(allowed);
        self.close_channel(now, out);
        self.gate.close();
        self.abandoned = None;
        self.notice = None;
        if actions.is_empty() {
            let number = request.number;
            self.answer(number, AgentSays::Reject { request: number }, out);
            self.back_to_ready(text::not_verified(text::RULES), now, out);
            return;
        }
        self.wanted = Some(now.up);
        self.phase = Phase::Asked(Request { actions, ..request });
    }

    /// Asked once more what is answered: the answer got lost with the connection. Not so a yes
    /// that was given up meanwhile: that is the user's to say again.
    fn answer_again(&mut self, request: u32, now: Now, out: &mut Vec<Effect>) -> bool {
        let Some((_, answer)) = self.answered.as_ref().filter(|(of, _)| *of == request) else {
            return false;
        };
        match (&mut self.phase, answer) {
            (Phase::Recording(recording), _) => recording.since = now.up,
            (Phase::Ready, AgentSays::Reject { .. }) => {}
            _ => return false,
        }
        out.push(Effect::Say(answer.clone()));
        true
    }

    fn open_relay(&mut self, ticket: String, now: Now, out: &mut Vec<Effect>) {
        let (policy, pinned) = match &self.phase {
            // Nobody asks: the approval that was given up has been recorded after all.
            Phase::Ready => {
                self.take_back_abandoned(now, out);
                match &self.phase {
                    Phase::Active(active) => (active.policy.clone(), Some(active.who.keys)),
                    _ => return,
                }
            }
            Phase::Asked(request) => {
                let pinned = request.dialog.as_ref().map(|dialog| dialog.who.keys);
                (request.policy.clone(), pinned)
            }
            Phase::Recording(recording) => (recording.policy.clone(), Some(recording.who.keys)),
            Phase::Active(active) => (active.policy.clone(), Some(active.who.keys)),
        };
        self.close_channel(now, out);
        self.link += 1;
        self.channel = Channel::Opening;
        out.push(Effect::OpenRelay(Terms {
            link: self.link,
            server: self.server.clone(),
            ticket,
            session: self.id,
            policy,
            now,
            account_key: PublicKey(self.account_key.0),
            pinned,
        }));
    }

    /// The operator is gone; what they had can be continued for a while.
    fn suspend(&mut self, now: Now, out: &mut Vec<Effect>) {
        let Some(Active { who, broken, lapsed, .. }) = self.active().cloned() else { return };
        let allowed = match lapsed {
            Some((_, allowed)) => Some(allowed),
            None => self.gate.grant().map(|grant| grant.actions),
        };
        let until = broken.unwrap_or(now.up) + CONTINUE_WITHIN;
        let notice = text::has_left(&who.name);
        self.say_copies(out);
        self.suspended = allowed.map(|actions| Suspended { actions, who, until });
        self.back_to_ready(notice, now, out);
    }

    fn ask_more(&mut self, actions: ActionSet, now: Now, out: &mut Vec<Effect>) {
        let allowed = self.gate.grant().map_or(ActionSet::EMPTY, |grant| grant.actions);
        let Some(active) = self.active_mut() else { return };
        let policy = Policy::read(&active.policy).map_or(ActionSet::EMPTY, |policy| policy.allowed);
        let more = actions.and(policy).minus(allowed);
        if active.growing.as_ref().is_some_and(|one| one.grant.actions.contains_all(more)) {
            // It is answered already.
            return;
        }
        if more.is_empty() {
            self.say(AgentSays::RefuseExtension {}, out);
        } else {
            active.extension = Some(Extension { actions: more, shown: now.up });
        }
    }
}

/// The server does not know the session any more.
const LOST: How = How::Ended { by: EndedBy::Policy, why: EndReason::AgentLost };
