//! The clipboard: what comes from Control, and what the user copies.

use beckon_desk::clipboard::{ClipboardEvent, Shares, Sort};
use beckon_events::Action;
use beckon_events::session::Direction;
use beckon_peer::Clip;

use crate::effect::Effect;
use crate::model::{Channel, How, Now, Session};
use crate::text;

impl Session {
    /// In which directions the clipboard is shared at this moment.
    pub fn clipboard(&self, now: Now) -> Shares {
        let wanted = self.active().map_or(Shares::NOTHING, |active| active.clipboard);
        if self.in_use(Action::Clipboard, now) { wanted } else { Shares::NOTHING }
    }

    /// Whether what was copied here may go on its way: the user allows it, and has not paused.
    pub fn lets_clips_out(&self, now: Now) -> bool {
        self.used.contains(Action::Clipboard)
            && self.gate.allows(Action::Clipboard, now.at)
            && matches!(self.channel, Channel::Open(_))
            && self.active().is_some_and(|active| !active.paused && active.broken.is_none())
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
            return Some(self.be_disturbed(out));
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

    /// Tells the server all that it was not told: soon it can no longer be recorded, or there is
    /// somebody else of whom it would be thought.
    pub(super) fn say_copies(&mut self, out: &mut Vec<Effect>) {
        if self.online {
            out.extend(self.copies.rest().map(Effect::Say));
        }
    }
}
