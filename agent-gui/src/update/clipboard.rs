//! The clipboard: what comes from Control, and what the user copies.

use beckon_desk::clipboard::{ClipboardEvent, Shares, Sort};
use beckon_events::Action;
use beckon_events::session::Direction;
use beckon_peer::Clip;
use beckon_protocol::AgentSays;

use super::link::DISTURBED;
use crate::effect::Effect;
use crate::model::{How, Now, Session};
use crate::text;

impl Session {
    /// In which directions the clipboard is shared at this moment.
    pub fn clipboard(&self, now: Now) -> Shares {
        let wanted = self.active().map_or(Shares::NOTHING, |active| active.clipboard);
        if self.in_use(Action::Clipboard, now) { wanted } else { Shares::NOTHING }
    }

    /// The operator wants it in these directions. What is copied here goes `back`.
    pub(super) fn direct_clipboard(&mut self, to_user: bool, back: bool) {
        if let Some(active) = self.active_mut() {
            active.clipboard = Shares { sends: back, takes: to_user };
        }
    }

    /// Something came from Control; it may have been on its way when the user stopped it.
    pub(super) fn receive_clip(
        &mut self,
        clip: Clip,
        now: Now,
        out: &mut Vec<Effect>,
    ) -> Option<How> {
        if !self.allowed.contains(Action::Clipboard) {
            out.push(Effect::Say(AgentSays::Disturbed {}));
            return Some(DISTURBED);
        }
        if self.clipboard(now).takes {
            out.push(Effect::PutClip(clip));
        }
        None
    }

    /// Something happened to the clipboard of this computer.
    pub(super) fn hear_clipboard(
        &mut self,
        event: ClipboardEvent,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        match event {
            ClipboardEvent::Copied(clip) => {
                if self.clipboard(now).sends {
                    out.push(Effect::SendClip(self.link, clip));
                }
            }
            ClipboardEvent::Took(sort) => self.went_over(Direction::ToUser, sort, now, out),
            ClipboardEvent::Kept(why) => self.notice = Some(text::kept(why).to_owned()),
            ClipboardEvent::Failed(why) => {
                if self.in_use(Action::Clipboard, now) {
                    self.notice = Some(text::no_clipboard(&why));
                }
            }
        }
    }

    /// What was copied is at the other side, or was handed to the relay whole.
    pub(super) fn went_over(
        &mut self,
        direction: Direction,
        sort: Sort,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        self.copies.count(direction, sort);
        self.say_clipboard(now, out);
    }

    /// Tells the server what went over, where it is time; while it cannot be reached it is summed
    /// up. That is not held to the use of the clipboard: it may have stopped meanwhile.
    pub(super) fn say_clipboard(&mut self, now: Now, out: &mut Vec<Effect>) {
        if self.online {
            out.extend(self.copies.next(now).map(Effect::Say));
        }
    }
}
