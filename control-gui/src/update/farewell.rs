//! After the end: the server shows what it recorded, and a receipt is kept.

use beckon_events::session::head_bytes;
use beckon_protocol::ToControl;
use beckon_protocol::evidence::ReceiptProof;

use super::{FAREWELL, log, over, over_but_line};
use crate::effect::{Effect, Evidence, NewReceipt};
use crate::model::{Asked, Farewell, Keepsake, LineState, Model, Over, Proving, Wish};
use crate::moment::Moment;
use crate::text;

/// The session has ended: all stops but the line, for a moment.
pub(super) fn begin(model: &mut Model, why: Over, now: Moment) -> Vec<Effect> {
    if model.session.is_none() || model.line != LineState::Up {
        return over(model, why);
    }
    let quits = model.ending == Some(Wish::CloseWindow);
    let effects = over_but_line(model, why);
    model.farewell = Some(Farewell {
        receipt: Keepsake::Awaited,
        open: true,
        until: now.uptime + FAREWELL,
        unsigned: false,
        quits,
    });
    effects
}

/// What the server says after the end.
pub(super) fn said(model: &mut Model, said: ToControl, now: Moment) -> Vec<Effect> {
    let Some(farewell) = &mut model.farewell else { return Vec::new() };
    if !farewell.open {
        return Vec::new();
    }
    match said {
        ToControl::Receipt { receipt } => {
            let mut effects = check(model, *receipt, now);
            effects.extend(finish_if_done(model));
            effects
        }
        ToControl::HeadRecorded {} => {
            farewell.unsigned = false;
            finish_if_done(model)
        }
        ToControl::Proof { from, checkpoint, proof } => {
            log::proven(model, from, (checkpoint, &proof), now)
        }
        ToControl::ProofLater { .. } => log::later(model, now),
        ToControl::Refused { .. } => {
            // Answers come in the order of what was said; before the receipt it may be to End.
            if std::mem::take(&mut farewell.unsigned) {
                return finish_if_done(model);
            }
            if farewell.receipt != Keepsake::Awaited && model.proving.is_some() {
                return log::not_proven(model, now);
            }
            model.proving = None;
            finish_if_done(model)
        }
        ToControl::NotValid { .. } => finish(model),
        _ => Vec::new(),
    }
}

/// The receipt is written, or not.
pub(super) fn kept(model: &mut Model, kept: Result<String, String>) -> Vec<Effect> {
    if let Some(farewell) = &mut model.farewell
        && farewell.receipt == Keepsake::Keeping
    {
        farewell.receipt = kept.map_or_else(Keepsake::NotKept, Keepsake::Kept);
    }
    Vec::new()
}

/// What is wrong is said, and the window stays until it was read.
pub(super) fn warn(model: &mut Model, what: String, evidence: Evidence) -> Vec<Effect> {
    let Some(farewell) = &mut model.farewell else { return Vec::new() };
    farewell.receipt = Keepsake::Wrong(what);
    farewell.quits = false;
    let mut effects = vec![Effect::KeepEvidence(Box::new(evidence))];
    effects.extend(finish_if_done(model));
    effects
}

/// Closes the line once nothing more is to be heard.
pub(super) fn finish_if_done(model: &mut Model) -> Vec<Effect> {
    let Some(farewell) = &model.farewell else { return Vec::new() };
    let waits = farewell.receipt == Keepsake::Awaited || farewell.unsigned;
    if waits || model.proving.is_some() { Vec::new() } else { finish(model) }
}

/// What was not heard until now is not waited for.
pub(super) fn finish(model: &mut Model) -> Vec<Effect> {
    let Some(farewell) = model.farewell.as_mut().filter(|farewell| farewell.open) else {
        return Vec::new();
    };
    farewell.open = false;
    if farewell.receipt == Keepsake::Awaited {
        farewell.receipt = Keepsake::Missing;
    }
    model.proving = None;
    model.line = LineState::Closed;
    let mut effects = vec![Effect::CloseLine];
    if farewell.quits {
        effects.push(Effect::Quit);
    }
    effects
}

/// What the server shows counts only where it fits this session and the key of its log.
fn check(model: &mut Model, proof: ReceiptProof, now: Moment) -> Vec<Effect> {
    let (Some(farewell), Some(session)) = (&mut model.farewell, &model.session) else {
        return Vec::new();
    };
    let first = farewell.receipt == Keepsake::Awaited;
    if !first && !farewell.unsigned {
        return Vec::new();
    }
    let door = &session.door;
    let checked = match proof.check(door.session, &door.log_key) {
        Ok(checked) => checked,
        Err(error) => {
            let about = text::receipt_note(&error.to_string(), door.session, &door.log_key);
            let shown = (Some(proof.log_key), Some(proof.checkpoint.as_str()));
            let mut evidence = log::evidence(model, &about, shown, now);
            let json = serde_json::to_string(&proof).unwrap_or_default();
            evidence.files.push(("receipt.json", json));
            return warn(model, about, evidence);
        }
    };
    let end = &checked.metadata;
    let until = farewell.until;
    // Only who was let in has a signature to give.
    farewell.unsigned = !session.allowed.is_empty();
    farewell.receipt = Keepsake::Keeping;
    let mut effects = vec![Effect::KeepReceipt(Box::new(NewReceipt {
        session: door.session,
        company: door.company.clone(),
        operator: door.operator.clone(),
        actions: session.allowed,
        started: session.entered_at,
        ended: end.at,
        head: head_bytes(&end.stream, end.version, &checked.leaf),
        says: farewell.unsigned,
        proof: proof.clone(),
    }))];
    if first {
        let until = Proving { from: 0, to: 0, until, asked: Asked::Again };
        match log::at_end(model, &proof.checkpoint, until) {
            Ok(more) => effects.extend(more),
            Err(wrong) => {
                let shown = (Some(proof.log_key), Some(proof.checkpoint.as_str()));
                effects.extend(log::alarm(model, wrong, shown, now));
            }
        }
    }
    effects
}

/// Nothing more than the line is left to close.
pub(super) fn close(model: &mut Model) -> Vec<Effect> {
    match &mut model.farewell {
        // Once more means at once.
        Some(farewell) if farewell.open && !farewell.quits => {
            farewell.quits = true;
            Vec::new()
        }
        _ => vec![Effect::Quit],
    }
}
