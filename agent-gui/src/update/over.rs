//! The end: local first, then the server is told, and shows what it has recorded.

use std::collections::VecDeque;
use std::sync::Arc;

use beckon_desk::clipboard::ClipboardEvent;
use beckon_events::session::{Direction, Fact, head_bytes};
use beckon_protocol::evidence::{KeptBy, Receipt, ReceiptProof};
use beckon_protocol::{AgentSays, Base64, ToAgent, agent_resume_bytes};
use time::UtcOffset;

use super::link::DISTURBED;
use super::session::{BY_USER, state};
use crate::effect::Effect;
use crate::input::{Input, Line, Link, User};
use crate::model::{
    Awaits, Channel, How, Keepsake, Model, Now, Over, Removal, Saved, Stage, TELL_EVERY, TELL_FOR,
    Told,
};
use crate::text;

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
    session.say_copies(out);
    if how == BY_USER && session.online {
        out.extend(end.clone().map(Effect::Say));
    }
    out.push(Effect::Remove(session.server.clone()));
    let over = Over {
        identity: Arc::clone(&session.identity),
        session: session.id,
        company: session.company.clone(),
        log_key: session.log_key,
        how,
        helper: session.helper.clone(),
        joined: session.joined,
        began: session.began,
        ended: now.at,
        allowed: session.allowed,
        used: session.used,
        online: session.online,
        end,
        copies: std::mem::take(&mut session.copies),
        again: now.up + TELL_EVERY,
        until: now.up + TELL_FOR,
        settled: false,
        removal: None,
        told: Told::Trying,
        refused: None,
        unanswered: VecDeque::new(),
        keepsake: Keepsake::Awaited,
        saved: Saved::NotYet,
        closes: Over::closes(how, now),
        leaving,
    };
    model.stage = Stage::Over(Box::new(over));
}

pub(super) fn step(model: &mut Model, input: Input, now: Now, out: &mut Vec<Effect>) {
    let (line, zone) = (model.line, model.zone);
    let Stage::Over(over) = &mut model.stage else { return };
    match input {
        Input::Line(number, heard) if number == line => over.hear(heard, now, out),
        // While the server does not know of the end it still records what went over before it.
        Input::Clipboard(ClipboardEvent::Took(sort)) => over.copies.count(Direction::ToUser, sort),
        Input::Link(_, Link::ClipSent(sort)) => over.copies.count(Direction::ToOperator, sort),
        Input::Removed(removal) => over.tell(removal, now, out),
        Input::User(User::SavesReceipt) => out.extend(over.file(zone)),
        Input::Saved(Ok(path)) => over.saved = Saved::At(path),
        Input::Saved(Err(why)) => over.saved = Saved::Failed(why),
        Input::User(User::Closes) | Input::Terminated => over.leaving = true,
        Input::Passed => over.pass(now, out),
        _ => {}
    }
    let by_itself = now.up >= over.closes && !over.warns();
    if over.settled && (over.leaving || by_itself) {
        model.stage = Stage::Gone;
        out.push(Effect::Exit);
    }
}

impl Over {
    fn hear(&mut self, line: Line, now: Now, out: &mut Vec<Effect>) {
        match line {
            Line::Up { nonce, .. } => {
                self.unanswered.clear();
                let signature = self.identity.sign(&agent_resume_bytes(&nonce, self.session));
                let signature = Base64(signature.to_vec());
                out.push(Effect::Say(AgentSays::Resume { session: self.session, signature }));
            }
            Line::Message(ToAgent::Resumed {}) => {
                self.online = true;
                if self.end.is_some() {
                    out.extend(self.copies.rest().map(Effect::Say));
                }
                self.tell_all(now, out);
            }
            Line::Message(ToAgent::RemovalRecorded {}) if !self.settled => {
                self.answered(Awaits::Removal);
                self.told = Told::Yes;
                self.settle_if_heard(out);
            }
            Line::Message(ToAgent::Ended { .. } | ToAgent::Expired {}) => self.end = None,
            Line::Message(ToAgent::NotRecorded { why }) => self.refuse(&why, out),
            Line::Message(ToAgent::Receipt { receipt }) => self.check(*receipt, out),
            Line::Message(ToAgent::HeadRecorded {}) => {
                self.answered(Awaits::Head);
                if let Keepsake::Receipt { recorded, .. } = &mut self.keepsake {
                    *recorded = true;
                }
                self.settle_if_heard(out);
            }
            Line::Message(ToAgent::NotValid {}) | Line::OtherVersion { .. } => self.settle(out),
            Line::Message(_) => {}
            Line::Down { .. } => self.online = false,
        }
    }

    fn answered(&mut self, what: Awaits) {
        if let Some(first) = self.unanswered.iter().position(|awaited| *awaited == what) {
            self.unanswered.remove(first);
        }
    }

    /// What was removed is not said again once the server has refused it.
    fn refuse(&mut self, why: &str, out: &mut Vec<Effect>) {
        // Before the server says that it is over, this may be about the end: that is tried again.
        if self.end.is_some() || self.unanswered.pop_front() != Some(Awaits::Removal) {
            return;
        }
        if self.told == Told::Trying && !self.settled {
            (self.told, self.refused) = (Told::No, Some(why.to_owned()));
            self.settle_if_heard(out);
        }
    }

    /// What the server shows counts only where it fits this session and the key of its log.
    fn check(&mut self, proof: ReceiptProof, out: &mut Vec<Effect>) {
        if self.keepsake != Keepsake::Awaited || self.settled {
            return;
        }
        match proof.check(self.session, &self.log_key) {
            Ok(checked) => {
                let end = &checked.metadata;
                let head = head_bytes(&end.stream, end.version, &checked.leaf);
                let signed = self.identity.state(&head);
                out.push(Effect::Say(AgentSays::SignHead { statement: signed.clone() }));
                self.unanswered.push_back(Awaits::Head);
                let receipt = Box::new(Receipt {
                    v: 1,
                    company: self.company.clone(),
                    operator: self.helper.as_ref().map(|who| who.name.clone()),
                    actions: self.allowed,
                    started: self.joined,
                    ended: end.at,
                    by: KeptBy::Agent,
                    proof,
                    signed,
                });
                self.keepsake = Keepsake::Receipt { receipt, recorded: false };
            }
            Err(error) => {
                let note =
                    text::receipt_note(&error.to_string(), self.session, self.ended, &self.log_key);
                let shown = serde_json::to_string(&proof).unwrap_or_default();
                self.keepsake = Keepsake::Wrong { note, shown };
                self.settle_if_heard(out);
            }
        }
    }

    fn tell(&mut self, removal: Removal, now: Now, out: &mut Vec<Effect>) {
        self.removal = Some(removal);
        self.until = now.up + TELL_FOR;
        self.again = now.up + TELL_EVERY;
        if self.online {
            self.say_removed(out);
        }
    }

    fn say_removed(&mut self, out: &mut Vec<Effect>) {
        if let Some(removed) = self.removed() {
            self.unanswered.push_back(Awaits::Removal);
            out.push(Effect::Say(removed));
        }
    }

    /// What the server has not confirmed is not known to have arrived.
    fn tell_all(&mut self, now: Now, out: &mut Vec<Effect>) {
        self.again = now.up + TELL_EVERY;
        if self.told == Told::Trying {
            out.extend(self.end.clone().map(Effect::Say));
            self.say_removed(out);
        }
        if let Keepsake::Receipt { receipt, recorded: false } = &self.keepsake {
            let statement = receipt.signed.clone();
            self.unanswered.push_back(Awaits::Head);
            out.push(Effect::Say(AgentSays::SignHead { statement }));
        }
    }

    fn removed(&self) -> Option<AgentSays> {
        let Removal { removed, left, .. } = self.removal.clone()?;
        let fact = Fact::removal(&removed, &left);
        let statement = state(&self.identity, self.session, fact);
        Some(AgentSays::Removed { removed, left, statement })
    }

    /// The file that the user asks for.
    fn file(&self, zone: UtcOffset) -> Option<Effect> {
        let short: String = self.session.to_string().chars().take(8).collect();
        let day = text::day(self.ended, zone);
        let (kind, text) = match &self.keepsake {
            Keepsake::Receipt { receipt, .. } => ("receipt", receipt.to_text()),
            Keepsake::Wrong { note, shown } => {
                ("note", format!("{}\n\n{shown}\n", text::wrong_receipt(note)))
            }
            Keepsake::Awaited | Keepsake::Missing => return None,
        };
        let wanted = !matches!(self.saved, Saved::At(_));
        wanted.then(|| Effect::Save { name: format!("beckon-{kind}-{day}-{short}"), text })
    }

    fn pass(&mut self, now: Now, out: &mut Vec<Effect>) {
        if now.up >= self.until {
            self.settle(out);
        } else if self.online && !self.settled && now.up >= self.again {
            self.tell_all(now, out);
        }
    }

    fn settle_if_heard(&mut self, out: &mut Vec<Effect>) {
        if self.has_heard_all() {
            self.settle(out);
        }
    }

    /// The last word: what was not heard until now is not waited for.
    fn settle(&mut self, out: &mut Vec<Effect>) {
        if self.settled {
            return;
        }
        self.settled = true;
        if self.told == Told::Trying {
            self.told = Told::No;
        }
        if self.keepsake == Keepsake::Awaited {
            self.keepsake = Keepsake::Missing;
        }
        out.push(Effect::Disconnect);
    }
}
