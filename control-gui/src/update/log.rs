//! The log of the server is compared with what it was, before anything is asked of the end user.

use beckon_events::{Digest, PublicKey};
use beckon_protocol::evidence::fingerprint;
use beckon_protocol::{ControlSays, ServerAddress, SessionDoor};

use super::{PROVE_WITHIN, farewell, over, server};
use crate::effect::{Effect, Evidence};
use crate::log_memory::{LogMemory, Seen, Wrong, size_of};
use crate::model::{Alarm, Model, Over, Proving, Stage};
use crate::moment::Moment;
use crate::text;

/// The key and the checkpoint that the server shows.
pub(super) type Shown<'a> = (Option<PublicKey>, Option<&'a str>);

/// Compares the log that the door shows with what was seen last.
pub(super) fn at_door(
    model: &mut Model,
    door: &SessionDoor,
    now: Moment,
) -> Result<Vec<Effect>, Wrong> {
    let Some(server) = model.server.clone() else { return Ok(Vec::new()) };
    let (key, shown) = (door.log_key, door.checkpoint.as_deref());
    model.proving = None;
    let seen = match model.logs.get(&server.to_string()) {
        Some(memory) => memory.meet(key, shown)?,
        None => Seen::New(LogMemory::first(key, shown)?),
    };
    Ok(match seen {
        Seen::Same => Vec::new(),
        Seen::New(memory) => remember(model, server, memory),
        Seen::Restored { era, memory } => {
            model.restored = Some(era);
            remember(model, server, memory)
        }
        Seen::Larger { from } => {
            let (to, until) = (shown.map_or(0, size_of), now.uptime + PROVE_WITHIN);
            vec![prove(model, Proving { from, to, until })]
        }
    })
}

/// Compares the log that a receipt shows. A checkpoint from before what was seen last is no news.
pub(super) fn at_end(model: &mut Model, shown: &str, until: Proving) -> Result<Vec<Effect>, Wrong> {
    let (Some(server), Some(session)) = (model.server.clone(), &model.session) else {
        return Ok(Vec::new());
    };
    let Some(memory) = model.logs.get(&server.to_string()) else { return Ok(Vec::new()) };
    // The proof that is on its way need not reach this far.
    if model.proving.is_some() {
        return Ok(Vec::new());
    }
    Ok(match memory.meet(session.door.log_key, Some(shown)) {
        Ok(Seen::Same) | Err(Wrong::Shrunk { .. }) => Vec::new(),
        Ok(Seen::New(memory) | Seen::Restored { memory, .. }) => remember(model, server, memory),
        Ok(Seen::Larger { from }) => {
            vec![prove(model, Proving { from, to: size_of(shown), ..until })]
        }
        Err(wrong) => return Err(wrong),
    })
}

/// The server has answered with a proof.
pub(super) fn proven(
    model: &mut Model,
    from: u64,
    (shown, proof): (String, &[Digest]),
    now: Moment,
) -> Vec<Effect> {
    let Some(proving) = model.proving.take_if(|proving| proving.from == from) else {
        return Vec::new();
    };
    let Some(server) = model.server.clone() else { return Vec::new() };
    let Some(memory) = model.logs.get(&server.to_string()) else { return Vec::new() };
    let mut effects = match memory.proven(proving.to, &shown, proof) {
        Ok(memory) => remember(model, server, memory),
        Err(wrong) => return alarm(model, wrong, (key(model), Some(&shown)), now),
    };
    if model.farewell.is_some() {
        effects.extend(farewell::finish_if_done(model));
    } else {
        effects.extend(server::ask_first(model));
    }
    effects
}

/// The server owes a proof and does not give it.
pub(super) fn not_proven(model: &mut Model, now: Moment) -> Vec<Effect> {
    let Some(proving) = model.proving.take() else { return Vec::new() };
    let shown = model.session.as_ref().and_then(|session| session.door.checkpoint.clone());
    let shown = (key(model), shown.as_deref());
    alarm(model, Wrong::NotProved { before: proving.from }, shown, now)
}

/// Nothing goes on with this server; what it showed is kept.
pub(super) fn alarm(model: &mut Model, wrong: Wrong, shown: Shown<'_>, now: Moment) -> Vec<Effect> {
    let about = text::wrong_log(&server_name(model), wrong);
    let evidence = evidence(model, &about, shown, now);
    if model.farewell.is_some() {
        return farewell::warn(model, about, evidence);
    }
    let mut effects: Vec<Effect> = match model.stage {
        Stage::Asking(_) => vec![ControlSays::Cancel {}, ControlSays::Leave {}],
        Stage::Active(_) | Stage::Answered(_) => vec![ControlSays::Leave {}],
        _ => Vec::new(),
    }
    .into_iter()
    .map(Effect::Say)
    .collect();
    let checkpoints = evidence.files.len() - 1;
    let asked = !matches!(model.stage, Stage::Opening);
    // The window stays until this was read.
    model.ending = None;
    effects.extend(over(model, Over::Alarm(Alarm { wrong, asked, checkpoints })));
    effects.push(Effect::KeepEvidence(Box::new(evidence)));
    effects
}

/// What was seen last and what is seen now, and in words what is wrong.
pub(super) fn evidence(model: &Model, about: &str, shown: Shown<'_>, now: Moment) -> Evidence {
    let server = server_name(model);
    let memory = model.logs.get(&server);
    let (key, note) = shown;
    let key_before = memory.map(|memory| fingerprint(&memory.log_key));
    let about = text::evidence(&server, about, key_before, key.map(|key| fingerprint(&key)));
    let mut files = vec![("about.txt", about)];
    let before = memory.and_then(|memory| memory.checkpoint.clone());
    files.extend(before.map(|note| ("checkpoint-before.txt", note)));
    files.extend(note.map(|note| ("checkpoint-now.txt", note.to_owned())));
    Evidence { server, at: now.wall, files }
}

fn key(model: &Model) -> Option<PublicKey> {
    model.session.as_ref().map(|session| session.door.log_key)
}

fn server_name(model: &Model) -> String {
    model.server.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn prove(model: &mut Model, proving: Proving) -> Effect {
    model.proving = Some(proving);
    Effect::Say(ControlSays::Prove { from: proving.from })
}

fn remember(model: &mut Model, server: ServerAddress, memory: LogMemory) -> Vec<Effect> {
    model.logs.insert(server.to_string(), memory.clone());
    vec![Effect::RememberLog(server, memory)]
}
