//! The clipboard: only in the directions that the operator chose, while the end user allows it.

use std::time::Duration;

use beckon_desk::clipboard::{ClipboardEvent, Shares, Sort};
use beckon_events::Action;
use beckon_peer::{Clip, ControlMessage};

use super::notice;
use crate::effect::Effect;
use crate::model::{Active, Model, Notice, Stage, Tunnel, Way, Went};
use crate::moment::Moment;

/// The operator chooses the directions.
pub(super) fn choose(model: &mut Model, wanted: Shares) -> Vec<Effect> {
    let owed = model.owes_proof();
    let (Some(session), Stage::Active(active)) = (&model.session, &mut model.stage) else {
        return Vec::new();
    };
    let possible = session.tunnel == Tunnel::Up && session.granted(Action::Clipboard) && !owed;
    let was = active.clipboard.wanted;
    if !possible || was == wanted {
        return Vec::new();
    }
    active.clipboard.wanted = wanted;
    let mut messages = Vec::new();
    if was == Shares::NOTHING {
        messages.push(ControlMessage::StartAction(Action::Clipboard));
    }
    messages.push(ControlMessage::ShareClipboard { out: wanted.sends, back: wanted.takes });
    if wanted == Shares::NOTHING {
        messages.push(ControlMessage::StopAction(Action::Clipboard));
    }
    messages.into_iter().map(Effect::Send).collect()
}

/// Something happened to the clipboard of this computer.
pub(super) fn happened(model: &mut Model, event: ClipboardEvent, now: Moment) -> Vec<Effect> {
    match event {
        ClipboardEvent::Copied(clip) if shares(model).sends => vec![Effect::SendClip(clip)],
        ClipboardEvent::Copied(_) => Vec::new(),
        ClipboardEvent::Took(sort) => {
            went(model, sort, Way::Got, now.uptime);
            Vec::new()
        }
        ClipboardEvent::Kept(why) => {
            notice(model, Notice::Kept(why), now);
            Vec::new()
        }
        ClipboardEvent::Failed(why) => {
            notice(model, Notice::NoClipboard(why), now);
            Vec::new()
        }
    }
}

/// Something was copied at the other computer.
pub(super) fn came(model: &Model, clip: Clip) -> Vec<Effect> {
    if shares(model).takes { vec![Effect::PutClip(clip)] } else { Vec::new() }
}

/// The whole of something is on its way.
pub(super) fn went(model: &mut Model, sort: Sort, way: Way, at: Duration) {
    if let Stage::Active(active) = &mut model.stage {
        active.clipboard.last = Some(Went { sort, way, at });
    }
}

/// The agent shares it no longer.
pub(super) fn stopped(active: &mut Active) -> bool {
    std::mem::take(&mut active.clipboard.wanted) != Shares::NOTHING
}

/// Tells the worker in which directions it is shared, where that has changed: it follows from the
/// model alone, so that nothing can forget to stop it. What stops comes before all else.
pub(super) fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    let is = shares(model);
    let was = std::mem::replace(&mut model.shares, is);
    if is != was {
        effects.insert(0, Effect::ShareClipboard(is));
    }
}

fn shares(model: &Model) -> Shares {
    let shared = model.active().filter(|(session, active)| {
        session.tunnel == Tunnel::Up
            && session.granted(Action::Clipboard)
            && !active.paused
            && model.ending.is_none()
    });
    shared.map_or(Shares::NOTHING, |(_, active)| active.clipboard.wanted)
}
