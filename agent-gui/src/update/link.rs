//! The relay and the handshake over it.

use std::time::Duration;

use beckon_events::session::{EndReason, EndedBy};
use beckon_peer::AgentMessage;
use beckon_protocol::AgentSays;

use crate::effect::Effect;
use crate::input::Link;
use crate::model::{Channel, Dialog, How, Now, Phase, Request, Session, Who};
use crate::text;

/// Handshakes that may be left unfinished between two finished ones.
const UNFINISHED_MAX: u32 = 3;
/// Handshakes in all; resumes do not count.
const ALL_MAX: u32 = 20;
/// A broken relay is asked for again at once, unless the last one was asked for a moment ago.
const WANT_AGAIN: Duration = Duration::from_secs(2);

impl Session {
    pub(super) fn hear_link(&mut self, link: Link, now: Now, out: &mut Vec<Effect>) -> Option<How> {
        if self.channel == Channel::Closed {
            return None;
        }
        match link {
            Link::Answered => return self.count_handshake(out),
            Link::Verified(who) => self.be_connected(who, now, out),
            Link::NotVerified(why) => self.turn_down(&why, now, out),
            Link::Clip(clip) => return self.receive_clip(clip, now, out),
            // Heard whatever has become of the relay.
            Link::ClipSent(_) => {}
            Link::Message(message) => self.hear_control(&message, now, out),
            Link::Disturbed => return Some(self.be_disturbed(out)),
            Link::Broke => {
                self.close_channel(now, out);
                self.want_relay(WANT_AGAIN, now, out);
            }
        }
        None
    }

    fn count_handshake(&mut self, out: &mut Vec<Effect>) -> Option<How> {
        if !matches!(&self.phase, Phase::Asked(request) if request.dialog.is_none()) {
            return None;
        }
        self.handshakes.unfinished += 1;
        self.handshakes.all += 1;
        if self.handshakes.unfinished <= UNFINISHED_MAX && self.handshakes.all <= ALL_MAX {
            return None;
        }
        Some(self.be_disturbed(out))
    }

    /// Whoever disturbs the channel keeps nothing out of the log by that.
    pub(super) fn be_disturbed(&mut self, out: &mut Vec<Effect>) -> How {
        self.say_copies(out);
        out.push(Effect::Say(AgentSays::Disturbed {}));
        DISTURBED
    }

    fn be_connected(&mut self, who: Who, now: Now, out: &mut Vec<Effect>) {
        self.channel = Channel::Open(who.keys);
        self.handshakes.unfinished = 0;
        match &mut self.phase {
            Phase::Asked(request) if request.dialog.is_none() => {
                let continues = continues(self.suspended.as_ref(), request, &who, now);
                let (ticked, shown) = (request.actions, now.up);
                request.dialog = Some(Dialog { who, ticked, continues, shown });
                if !continues {
                    self.suspended = None;
                }
            }
            Phase::Active(_) => {
                self.let_lapse(now);
                self.tell_lapse(out);
                let Some(active) = self.active_mut() else { return };
                active.broken = None;
                if active.paused {
                    self.tell(AgentMessage::Paused, out);
                }
            }
            Phase::Ready | Phase::Asked(_) | Phase::Recording(_) => {}
        }
    }

    fn turn_down(&mut self, why: &str, now: Now, out: &mut Vec<Effect>) {
        match &self.phase {
            Phase::Asked(request) => {
                let number = request.number;
                self.answer(number, AgentSays::Reject { request: number }, out);
                self.back_to_ready(text::not_verified(why), now, out);
            }
            Phase::Ready | Phase::Recording(_) | Phase::Active(_) => {
                self.close_channel(now, out);
                self.wanted = Some(now.up);
                self.notice = Some(text::not_verified(why));
            }
        }
    }
}

/// Whether the request goes on with a grant that was suspended: the same Control, in time, for
/// nothing more. The server's word alone is not enough.
fn continues(
    suspended: Option<&crate::model::Suspended>,
    request: &Request,
    who: &Who,
    now: Now,
) -> bool {
    suspended.is_some_and(|before| {
        request.claims_to_continue
            && before.who.keys == who.keys
            && before.who.operator == who.operator
            && before.actions.contains_all(request.actions)
            && now.up < before.until
    })
}

/// Several broken handshakes, or a record that was wrong.
pub(super) const DISTURBED: How = How::Ended { by: EndedBy::Policy, why: EndReason::Disturbed };
