//! One relay: the handshake with the agent, then what comes from it.

use std::sync::Arc;
use std::time::Duration;

use beckon_peer::screen::{Anew, DecodeError, Decoder};
use beckon_peer::{AgentMessage, ControlHandshake, ControlMessage, ControlTerms, Opener, Stream};
use beckon_protocol::{ControlSays, RelayHello, VERSION, encode};
use tokio_tungstenite::tungstenite::Message;

use super::Shown;
use super::age::Last;
use super::core::{Core, Out, lock};
use super::facts::{Over, Seen};
use super::wire::{self, Hearing, Saying, framed};
use crate::bench::now;

/// Opens a relay with a ticket, in place of the one before, on a thread of its own.
pub fn open(core: &Arc<Core>, ticket: String) {
    *lock(&core.out) = None;
    let number = core.note(|facts| {
        facts.up = false;
        facts.ask_relay_at = None;
        facts.tunnels += 1;
        facts.tunnels
    });
    let core = Arc::clone(core);
    let named = std::thread::Builder::new().name("probe-relay".to_owned());
    let run = move || {
        if let Err(End::Disturbed(why)) = talk(&core, number, &ticket) {
            core.say(&ControlSays::Disturbed {});
            core.over(Over::Disturbed(why));
        }
        core.broke(number);
    };
    named.spawn(run).expect("a thread");
}

enum End {
    Broke,
    Disturbed(String),
}

fn disturbed(error: impl std::fmt::Display) -> End {
    End::Disturbed(error.to_string())
}

fn talk(core: &Arc<Core>, number: u32, ticket: &str) -> Result<(), End> {
    let halves = wire::open(core.to, &core.host, "/ws/relay", &core.meter);
    let (mut hearing, mut saying) = halves.map_err(|_| End::Broke)?;
    let hello = RelayHello { v: VERSION, ticket: ticket.to_owned() };
    saying.send(Message::text(encode(&hello)));
    let (sealer, opener) = shake_hands(core, &mut hearing, &mut saying)?;
    {
        let mut screen = lock(&core.screen);
        screen.decoder = Decoder::new();
        core.facts().age.restart();
    }
    let mut out = lock(&core.out);
    if core.facts().tunnels != number {
        return Err(End::Broke);
    }
    *out = Some(Out { number, sealer, saying });
    drop(out);
    core.note(|facts| facts.up = true);
    core.begin();
    Reading { core, opener, bytes: 0, asked_for_all: false }.run(&mut hearing)
}

fn shake_hands(
    core: &Core,
    hearing: &mut Hearing,
    saying: &mut Saying,
) -> Result<(beckon_peer::Sealer, Opener), End> {
    let door = core.facts().door.clone().ok_or(End::Broke)?;
    let agent = door.agent.into();
    let terms = ControlTerms {
        identity: &core.identity,
        session: door.session,
        policy: &door.policy.0,
        certificate: &door.certificate,
        agent,
        pinned: Some(agent),
    };
    let started = ControlHandshake::start(&terms, core.random.secure());
    let (handshake, first) = started.map_err(disturbed)?;
    saying.send(Message::binary(first));
    let Some(Message::Binary(second)) = hearing.next() else { return Err(End::Broke) };
    let (channel, third) = handshake.finish(&second).map_err(disturbed)?;
    saying.send(Message::binary(third));
    Ok((channel.sealer, channel.opener))
}

struct Reading<'c> {
    core: &'c Core,
    opener: Opener,
    /// Bytes of the update that is being put together.
    bytes: usize,
    asked_for_all: bool,
}

impl Reading<'_> {
    fn run(mut self, hearing: &mut Hearing) -> Result<(), End> {
        loop {
            let Message::Binary(record) = hearing.next().ok_or(End::Broke)? else {
                return Err(End::Broke);
            };
            let arrived = now();
            // The second byte of a record says to which stream it belongs.
            if record.get(1) == Some(&1) {
                self.bytes += framed(record.len());
            }
            match self.opener.open(&record).map_err(disturbed)? {
                None => {}
                Some((Stream::Control, message)) => self.told(&message)?,
                Some((Stream::Screen, message)) => self.shown(&message, arrived)?,
                Some(other) => self.core.note(|facts| facts.others.push(other)),
            }
        }
    }

    fn told(&self, message: &[u8]) -> Result<(), End> {
        match AgentMessage::from_bytes(message).map_err(disturbed)? {
            AgentMessage::Pong { nonce, clock_ms, newest, behind } => {
                self.core.answered(nonce, clock_ms, Last { number: newest, behind });
            }
            message => {
                let now = self.core.uptime();
                self.core.note(|facts| facts.told(message, now));
            }
        }
        Ok(())
    }

    fn shown(&mut self, message: &[u8], arrived: std::time::Instant) -> Result<(), End> {
        let bytes = std::mem::take(&mut self.bytes);
        let mut screen = lock(&self.core.screen);
        let update = match screen.decoder.decode(message) {
            Ok(update) => update,
            Err(DecodeError::NoPicture | DecodeError::OutOfOrder { .. }) => {
                drop(screen);
                if !std::mem::replace(&mut self.asked_for_all, true) {
                    self.core.tell(&ControlMessage::RequestFullPicture);
                }
                return Ok(());
            }
            Err(error) => return Err(disturbed(error)),
        };
        let decoded = now();
        self.asked_for_all = false;
        // Acknowledged before anybody looks at it, as Control does.
        self.core.acknowledge(update.number);
        let super::core::Screen { decoder, watch } = &mut *screen;
        if let (Some(watch), Some(picture)) = (watch, decoder.picture()) {
            watch(&Shown { decoded, arrived, picture, update: &update, bytes });
        }
        drop(screen);
        let seen = Seen {
            number: update.number,
            at: decoded,
            arrived,
            decoding: decoded.saturating_duration_since(arrived),
            bytes,
            captured_ms: update.captured_ms,
            behind: update.behind,
            rough: update.rough,
            resized: update.anew == Anew::OtherSize,
            area: update.dirty.iter().map(|rect| rect.area()).sum(),
        };
        self.core.note(|facts| {
            facts.age.decoded(seen.number, seen.captured_ms, seen.behind);
            facts.decoded += 1;
            facts.bytes += bytes as u64;
            facts.updates.push(seen);
        });
        Ok(())
    }
}

/// How long a handshake may take, for those who wait for a channel.
pub const WITHIN: Duration = Duration::from_mins(1);
