//! The log of the server is compared with what it was, before anything is asked of the end user.

use beckon_events::{Digest, PublicKey};
use beckon_peer::{ControlMessage, InputEvent};
use beckon_protocol::evidence::fingerprint;
use beckon_protocol::{ControlSays, ServerAddress, SessionDoor};

use super::{PROVE_AGAIN, PROVE_AGAIN_MOST, PROVE_WITHIN, farewell, over, server};
use crate::effect::{Effect, Evidence};
use crate::log_memory::{LogMemory, Seen, Wrong, size_of};
use crate::model::{Alarm, Asked, Doubt, Model, Over, Proving, Stage};
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
        Seen::Same => {
            model.doubt = Doubt::default();
            Vec::new()
        }
        Seen::New(memory) => remember(model, server, memory),
        Seen::Restored { era, memory } => {
            model.restored = Some(era);
            if let Some(session) = &mut model.session {
                session.floor = 0;
            }
            remember(model, server, memory)
        }
        Seen::Larger { from } => {
            let (to, until) = (shown.map_or(0, size_of), now.uptime + PROVE_WITHIN);
            // What is held down would stay so while nothing more is sent.
            let lets_go = model.sends_input();
            let release = Effect::Send(ControlMessage::Input(InputEvent::ReleaseAll));
            let prove = prove(model, Proving { from, to, until, asked: Asked::First });
            lets_go.then_some(release).into_iter().chain([prove]).collect()
        }
    })
}

/// The session goes on: its end is under none of the checkpoints that were seen until now.
pub(super) fn goes_on(model: &mut Model) {
    let Some(session) = &mut model.session else { return };
    let server = model.server.as_ref().map(ToString::to_string).unwrap_or_default();
    let memory = model.logs.get(&server).and_then(|memory| memory.checkpoint.as_deref());
    let seen = [memory, session.door.checkpoint.as_deref()].into_iter().flatten().map(size_of);
    session.floor = seen.max().unwrap_or(session.floor);
}

/// Compares the log that a receipt shows. One that was signed between the end and what was seen
/// last is no news; one from before the end is none that an honest server shows.
pub(super) fn at_end(model: &mut Model, shown: &str, until: Proving) -> Result<Vec<Effect>, Wrong> {
    let (Some(server), Some(session)) = (model.server.clone(), &model.session) else {
        return Ok(Vec::new());
    };
    let Some(memory) = model.logs.get(&server.to_string()) else { return Ok(Vec::new()) };
    Ok(match memory.meet(session.door.log_key, Some(shown)) {
        Err(Wrong::Shrunk { now, .. }) if now >= session.floor => Vec::new(),
        Ok(Seen::Same) => Vec::new(),
        // The proof that is on its way need not reach this far.
        Ok(Seen::Larger { .. }) if model.proving.is_some() => Vec::new(),
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

/// The time of what is owed has come: it is asked for again, or was not given.
pub(super) fn due(model: &mut Model, now: Moment) -> Vec<Effect> {
    match &mut model.proving {
        Some(proving) if proving.asked == Asked::Not => {
            (proving.asked, proving.until) = (Asked::Again, now.uptime + PROVE_WITHIN);
            vec![Effect::Say(ControlSays::Prove { from: proving.from })]
        }
        _ => later(model, now),
    }
}

/// The server cannot give the proof just now, which says nothing against its log.
pub(super) fn later(model: &mut Model, now: Moment) -> Vec<Effect> {
    if model.farewell.is_some() {
        model.proving = None;
        return farewell::finish_if_done(model);
    }
    let Some(proving) = model.proving.as_mut().filter(|owed| owed.asked != Asked::Not) else {
        return Vec::new();
    };
    (proving.asked, proving.until) = (Asked::Not, now.uptime + PROVE_AGAIN);
    model.doubt.later += 1;
    if matches!(model.stage, Stage::Opening) || model.doubt.later > PROVE_AGAIN_MOST {
        return unproved(model);
    }
    Vec::new()
}

/// Goes, since the server does not prove its log; nothing is held against it.
pub(super) fn unproved(model: &mut Model) -> Vec<Effect> {
    let mut effects = goodbye(model);
    let asked = !matches!(model.stage, Stage::Opening);
    model.ending = None;
    effects.extend(over(model, Over::Unproved { asked }));
    effects
}

/// Nothing goes on with this server; what it showed is kept.
pub(super) fn alarm(model: &mut Model, wrong: Wrong, shown: Shown<'_>, now: Moment) -> Vec<Effect> {
    let about = text::wrong_log(&server_name(model), wrong);
    let evidence = evidence(model, &about, shown, now);
    if model.farewell.is_some() {
        return farewell::warn(model, about, evidence);
    }
    let mut effects = goodbye(model);
    let checkpoints = evidence.files.len() - 1;
    let asked = !matches!(model.stage, Stage::Opening);
    // The window stays until this was read.
    model.ending = None;
    effects.extend(over(model, Over::Alarm(Alarm { wrong, asked, checkpoints })));
    effects.push(Effect::KeepEvidence(Box::new(evidence)));
    effects
}

/// What the server is told by who leaves.
fn goodbye(model: &Model) -> Vec<Effect> {
    let says = match model.stage {
        Stage::Asking(_) => vec![ControlSays::Cancel {}, ControlSays::Leave {}],
        Stage::Active(_) | Stage::Answered(_) => vec![ControlSays::Leave {}],
        _ => Vec::new(),
    };
    says.into_iter().map(Effect::Say).collect()
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
    model.doubt = Doubt::default();
    model.logs.insert(server.to_string(), memory.clone());
    vec![Effect::RememberLog(server, memory)]
}
