//! What goes on outside of the window: pictures, hands, the border.
//!
//! It follows from the model alone, so that no path through `update` can forget to stop it.

use beckon_desk::clipboard::Shares;
use beckon_events::Action;

use crate::effect::Effect;
use crate::model::{Model, Now, Session, Stage};

/// What is captured, injected and drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Outward {
    /// The relay over which the screen is shown.
    pub pictures: Option<u64>,
    /// Whether input is carried out.
    pub hands: bool,
    /// In which directions the clipboard is shared.
    pub clipboard: Shares,
    /// Whether what was copied here may be on its way: where only the operator wants no more of
    /// it, that arrives.
    pub clips: bool,
    /// The border around what is shown.
    pub border: Option<Tone>,
}

/// The colour of the border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The screen is seen.
    Seen,
    /// Mouse and keyboard are used.
    Used,
}

impl Outward {
    /// What the model allows at `now`.
    pub fn of(model: &Model, now: Now) -> Self {
        match &model.stage {
            Stage::Session(session) => Self::within(session, now),
            Stage::Entry(_) | Stage::Over(_) | Stage::Gone => Self::default(),
        }
    }

    fn within(session: &Session, now: Now) -> Self {
        let seen = session.in_use(Action::View, now);
        let used = session.in_use(Action::Control, now);
        let border = match (seen, used) {
            (_, true) => Some(Tone::Used),
            (true, false) => Some(Tone::Seen),
            (false, false) => None,
        };
        let clipboard = session.clipboard(now);
        Self {
            clipboard,
            clips: session.lets_clips_out(now),
            pictures: seen.then_some(session.link),
            hands: session.may_inject(now),
            border,
        }
    }

    /// What has to stop, and what may begin, between this and `next`.
    pub fn changes(self, next: Self) -> (Vec<Effect>, Vec<Effect>) {
        let (mut stops, mut starts) = (Vec::new(), Vec::new());
        match (self.hands, next.hands) {
            (true, false) => stops.push(Effect::ReleaseHands),
            (false, true) => starts.push(Effect::TakeHands),
            (true, true) | (false, false) => {}
        }
        if self.pictures != next.pictures {
            if self.pictures.is_some() {
                stops.push(Effect::StopPictures);
            }
            starts.extend(next.pictures.map(Effect::StartPictures));
        }
        if self.clipboard != next.clipboard {
            let (was, is) = (self.clipboard, next.clipboard);
            let is_less = (was.sends && !is.sends) || (was.takes && !is.takes);
            let list = if is_less { &mut stops } else { &mut starts };
            list.push(Effect::ShareClipboard(is));
        }
        if self.clips && !next.clips {
            stops.push(Effect::RecallClips);
        }
        if self.border != next.border {
            let list = if next.border.is_none() { &mut stops } else { &mut starts };
            list.push(Effect::Border(next.border));
        }
        (stops, starts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stops_is_told_apart_from_what_begins() {
        let idle = Outward::default();
        let busy = Outward { pictures: Some(1), hands: true, border: Some(Tone::Used), ..idle };
        let (stops, starts) = idle.changes(busy);
        assert_eq!(stops, []);
        assert_eq!(
            starts,
            [Effect::TakeHands, Effect::StartPictures(1), Effect::Border(Some(Tone::Used))]
        );
        let (stops, starts) = busy.changes(idle);
        assert_eq!(stops, [Effect::ReleaseHands, Effect::StopPictures, Effect::Border(None)]);
        assert_eq!(starts, []);
        let other = Outward { pictures: Some(2), ..busy };
        let (stops, starts) = busy.changes(other);
        assert_eq!((stops, starts), (vec![Effect::StopPictures], vec![Effect::StartPictures(2)]));
    }
}
