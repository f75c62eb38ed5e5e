//! The end: local first, then the server is told.

use std::sync::Arc;

use beckon_events::session::Fact;
use beckon_protocol::{AgentSays, Base64, ToAgent, agent_resume_bytes};

use super::link::DISTURBED;
use super::session::{BY_USER, state};
use crate::effect::Effect;
use crate::input::{Input, Line, User};
use crate::model::{Channel, How, Model, Now, Over, Removal, Stage, TELL_EVERY, TELL_FOR, Told};

/// Ends the session: from here on nothing of it goes on.
pub(super) fn begin(model: &mut Model, how: How, leaving: bool, now: Now, out: &mut Vec<Effect>) {
    let Stage::Session(session) = &mut model.stage else { return };
    if session.channel != Channel::Closed {
        out.push(Effect::CloseRelay);
    }
    let end = if how == BY_USER {
        Some(AgentSays::End { statement: session.state(Fact::Ended) })
    } else {
        (how == DISTURBED).then_some(AgentSays::Disturbed {})
    };
    if how == BY_USER && session.online {
        out.extend(end.clone().map(Effect::Say));
    }
    out.push(Effect::Remove(session.server.clone()));
    let over = Over {
        identity: Arc::clone(&session.identity),
        session: session.id,
        how,
        helper: session.helper.clone(),
        began: session.began,
        ended: now.at,
        used: session.used,
        online: session.online,
        end,
        again: now.up + TELL_EVERY,
        removal: None,
        told: Told::Trying(now.up + TELL_FOR),
        closes: Over::closes(how, now),
        leaving,
    };
    model.stage = Stage::Over(Box::new(over));
}

pub(super) fn step(model: &mut Model, input: Input, now: Now, out: &mut Vec<Effect>) {
    let Stage::Over(over) = &mut model.stage else { return };
    match input {
        Input::Line(number, line) if number == model.line => over.hear(line, now, out),
        Input::Removed(removal) => over.tell(removal, now, out),
        Input::User(User::Closes) | Input::Terminated => over.leaving = true,
        Input::Passed => over.pass(now, out),
        _ => {}
    }
    if over.is_settled() && (over.leaving || now.up >= over.closes) {
        model.stage = Stage::Gone;
        out.push(Effect::Exit);
    }
}

impl Over {
    fn hear(&mut self, line: Line, now: Now, out: &mut Vec<Effect>) {
        match line {
            Line::Up { nonce, .. } => {
                let signature = self.identity.sign(&agent_resume_bytes(&nonce, self.session));
                let signature = Base64(signature.to_vec());
                out.push(Effect::Say(AgentSays::Resume { session: self.session, signature }));
            }
            Line::Message(ToAgent::Resumed {}) => {
                self.online = true;
                self.tell_all(now, out);
            }
            Line::Message(ToAgent::RemovalRecorded {}) => self.settle(Told::Yes, out),
            Line::Message(ToAgent::NotValid {}) | Line::OtherVersion { .. } => {
                self.settle(Told::No, out);
            }
            Line::Message(_) => {}
            Line::Down { .. } => self.online = false,
        }
    }

    fn tell(&mut self, removal: Removal, now: Now, out: &mut Vec<Effect>) {
        self.removal = Some(removal);
        if !self.is_settled() {
            self.told = Told::Trying(now.up + TELL_FOR);
        }
        self.again = now.up + TELL_EVERY;
        if self.online {
            out.extend(self.removed().map(Effect::Say));
        }
    }

    /// Until the server has confirmed all of it, none of it is known to have arrived.
    fn tell_all(&mut self, now: Now, out: &mut Vec<Effect>) {
        self.again = now.up + TELL_EVERY;
        out.extend(self.end.clone().map(Effect::Say));
        out.extend(self.removed().map(Effect::Say));
    }

    fn removed(&self) -> Option<AgentSays> {
        let Removal { removed, left, .. } = self.removal.clone()?;
        let count = |list: &Vec<String>| u32::try_from(list.len()).unwrap_or(u32::MAX);
        let fact = Fact::Removed { removed: count(&removed), left: count(&left) };
        let statement = state(&self.identity, self.session, fact);
        Some(AgentSays::Removed { removed, left, statement })
    }

    fn pass(&mut self, now: Now, out: &mut Vec<Effect>) {
        if let Told::Trying(until) = self.told
            && now.up >= until
        {
            self.settle(Told::No, out);
        } else if self.online && !self.is_settled() && now.up >= self.again {
            self.tell_all(now, out);
        }
    }

    fn settle(&mut self, told: Told, out: &mut Vec<Effect>) {
        if !self.is_settled() {
            self.told = told;
            out.push(Effect::Disconnect);
        }
    }
}
