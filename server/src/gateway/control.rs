//! What a Control may say, and what follows.

use std::sync::Arc;

use beckon_events::envelope::Actor;
use beckon_events::session::{Command, ControlKeys, EndReason, EndedBy, Endpoint, LeftReason};
use beckon_events::{ActionSet, Digest, OperatorId, Personal, SessionId, operator};
use beckon_protocol::limits::LABEL_MAX;
use beckon_protocol::{
    Base64, ControlSays, Kind, ToControl, VERSION, control_resume_bytes, launch_bytes,
};
use ring::signature::{ED25519, UnparsedPublicKey};

use super::conversation::Conversation;
use crate::actors::{ControlHere, Gone, RelayWanted, SignHead};
use crate::dispatch::DispatchError;
use crate::evidence::{EvidenceError, Signed};
use crate::text;

/// An operator's Control at one session.
#[derive(Clone)]
struct Seat {
    session: SessionId,
    operator: OperatorId,
    name: String,
    keys: ControlKeys,
}

/// Holds one connection of a Control, from the hello to its end.
pub async fn converse(mut with: Conversation) {
    match with.hello(Kind::Control).await {
        Some(Ok(_)) => {}
        Some(Err(speaks)) => {
            let download = format!("{}/control", with.hub.public_url);
            with.out.say(&ToControl::OtherVersion { speaks, download });
            return with.out.close("another version of the protocol");
        }
        None => return,
    }
    let (nonce, now) = (Base64(with.nonce.to_vec()), with.hub.journal.now());
    with.out.say(&ToControl::Welcome { v: VERSION, nonce, now });
    let seat = match with.first::<ControlSays>().await {
        Some(ControlSays::Redeem { token, keys, device, signature }) => {
            redeem(&with, token, keys, &device, &signature.0).await
        }
        Some(ControlSays::Resume { session, keys, signature }) => {
            resume(&with, session, keys, &signature.0).await
        }
        Some(_) => return with.out.close("redeem a launch link first"),
        None => return,
    };
    let seat = match seat {
        Ok(seat) => seat,
        Err(why) => {
            with.out.say(&ToControl::NotValid { why });
            return with.out.close("not valid");
        }
    };
    let _present = with.hub.metrics.control();
    while let Some(said) = with.next::<ControlSays>().await {
        // Changes bite at once: a disabled operator's Control does nothing more.
        if !with.hub.may_control(seat.operator, &seat.keys) {
            with.out.say(&ToControl::NotValid { why: text::NO_LONGER_ALLOWED.to_owned() });
            with.out.close("no longer allowed");
            break;
        }
        if carry_out(&with, &seat, said).await.is_none() {
            break;
        }
    }
    let gone = Gone { connection: with.out.connection };
    if let Err(error) = with.hub.ask(seat.session, gone).await {
        tracing::warn!(session = %seat.session, %error, "the loss of a Control was not noted");
    }
}

async fn redeem(
    with: &Conversation,
    token: String,
    keys: ControlKeys,
    device: &str,
    signature: &[u8],
) -> Result<Seat, String> {
    let hub = &with.hub;
    // The signature first: whoever cannot sign does not use up the token.
    if !verified(&keys, &launch_bytes(&with.nonce, &token), signature) {
        return Err(text::LAUNCH_NOT_VALID.to_owned());
    }
    let launch = hub.launches.redeem(&token, hub.clock.now());
    let launch = launch.ok_or_else(|| text::LAUNCH_NOT_VALID.to_owned())?;
    let device = device.chars().filter(|c| !c.is_control()).take(LABEL_MAX).collect::<String>();
    let command =
        operator::Command::EnrolControl { control: keys, device: Personal::Known(device) };
    let source = with.command(Actor::operator(launch.operator));
    let done = hub.operator(launch.operator, source, command).await.map_err(|e| e.to_string())?;
    hub.reached(&done).await;
    let name = hub.display_name(launch.operator);
    let seat = Seat { session: launch.session, operator: launch.operator, name, keys };
    sit_down(with, &seat, launch.wanted).await?;
    Ok(seat)
}

async fn resume(
    with: &Conversation,
    session: SessionId,
    keys: ControlKeys,
    signature: &[u8],
) -> Result<Seat, String> {
    let hub = &with.hub;
    if !verified(&keys, &control_resume_bytes(&with.nonce, session), signature) {
        return Err(text::LAUNCH_NOT_VALID.to_owned());
    }
    // One Control may serve several operators of one desk: the session says which.
    let found = hub.find(session).await.map_err(|error| error.to_string())?;
    let operator =
        found.map(|row| row.operator).ok_or_else(|| text::LAUNCH_NOT_VALID.to_owned())?;
    if !hub.may_control(operator, &keys) {
        return Err(text::NO_LONGER_ALLOWED.to_owned());
    }
    let seat = Seat { session, operator, name: hub.display_name(operator), keys };
    sit_down(with, &seat, ActionSet::EMPTY).await?;
    Ok(seat)
}

async fn sit_down(with: &Conversation, seat: &Seat, wanted: ActionSet) -> Result<(), String> {
    let here = ControlHere {
        out: with.out.clone(),
        operator: seat.operator,
        name: seat.name.clone(),
        keys: seat.keys,
        wanted,
    };
    with.hub.ask(seat.session, here).await.map_err(|error| error.to_string())
}

/// Carries out one message; `None` ends the connection.
async fn carry_out(with: &Conversation, seat: &Seat, said: ControlSays) -> Option<()> {
    let hub = &with.hub;
    let now = hub.journal.now();
    let command = match said {
        ControlSays::Redeem { .. } | ControlSays::Resume { .. } => {
            with.out.close("connected already");
            return None;
        }
        ControlSays::RelayWanted {} => {
            let wanted = RelayWanted { connection: with.out.connection };
            if let Err(error) = hub.ask(seat.session, wanted).await {
                tracing::warn!(session = %seat.session, %error, "a relay could not be opened");
            }
            return Some(());
        }
        ControlSays::SignHead { statement } => {
            let source = with.command(Actor::operator(seat.operator));
            let signed = SignHead { source, by: Endpoint::Control, statement };
            with.out.say(&match hub.ask(seat.session, signed).await {
                Ok(_) => ToControl::HeadRecorded {},
                Err(error) => ToControl::Refused { why: error.to_string() },
            });
            return Some(());
        }
        ControlSays::Prove { from } => {
            with.out.say(&proved(from, hub.evidence.prove(from).await));
            return Some(());
        }
        ControlSays::Request { actions } => Command::RequestApproval {
            operator: seat.operator,
            operator_name: Personal::Known(seat.name.clone()),
            control: seat.keys,
            actions: actions.and(crate::people::offered()),
            now,
            lapses: now.plus(hub.config.session.approval_timeout),
            damped: 0,
        },
        ControlSays::Cancel {} => Command::CancelRequest,
        ControlSays::Connected {} => {
            Command::Connect { operator: seat.operator, control: seat.keys }
        }
        ControlSays::Extend { actions } => {
            Command::RequestExtension { actions: actions.and(crate::people::offered()) }
        }
        ControlSays::Leave {} => Command::LoseOperator { why: LeftReason::Left, now },
        ControlSays::End {} => Command::End {
            by: EndedBy::Control,
            why: EndReason::Asked,
            statement: None,
            suppressed: 0,
        },
        ControlSays::Disturbed {} => Command::End {
            by: EndedBy::Policy,
            why: EndReason::Disturbed,
            statement: None,
            suppressed: 0,
        },
    };
    // The session's actor itself says why somebody was not asked.
    let asks = matches!(command, Command::RequestApproval { .. });
    let leaves = matches!(command, Command::LoseOperator { .. });
    let source = with.command(Actor::operator(seat.operator));
    match hub.session(seat.session, source, command).await {
        Ok(_) => {}
        // Leaving before anything was allowed takes back what was asked.
        Err(DispatchError::Rejected(_)) if leaves => {
            let source = hub.own(Actor::operator(seat.operator));
            match hub.session(seat.session, source, Command::CancelRequest).await {
                Ok(_) | Err(DispatchError::Rejected(_)) => {}
                Err(error) => {
                    tracing::warn!(session = %seat.session, %error, "a request stays open");
                }
            }
            with.out.say(&ToControl::Left {});
        }
        Err(DispatchError::Rejected(_)) if asks => {}
        Err(error) => {
            with.out.say(&ToControl::Refused { why: error.to_string() });
        }
    }
    Some(())
}

/// Only a log that does not reach `from` is refused: what else stands in the way passes.
fn proved(from: u64, proved: Result<(Arc<Signed>, Vec<Digest>), EvidenceError>) -> ToControl {
    match proved {
        Ok((signed, proof)) => ToControl::Proof { from, checkpoint: signed.note.clone(), proof },
        Err(EvidenceError::Missing) => ToControl::Refused { why: text::log_is_shorter(from) },
        Err(error) => ToControl::ProofLater { why: error.to_string() },
    }
}

fn verified(keys: &ControlKeys, signed: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, keys.ed25519.0).verify(signed, signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_log_that_is_too_short_is_a_refusal() {
        let answer = |error| proved(9, Err(error));
        assert!(matches!(answer(EvidenceError::Missing), ToControl::Refused { .. }));
        let passing = [EvidenceError::Unavailable("busy".to_owned()), EvidenceError::Damaged];
        for error in passing {
            let why = error.to_string();
            assert_eq!(answer(error), ToControl::ProofLater { why });
        }
    }
}
