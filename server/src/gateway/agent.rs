//! What an agent may say, and what follows.

use beckon_events::envelope::Actor;
use beckon_events::session::{Command, EndReason, EndedBy, Endpoint};
use beckon_events::{Committed, Personal, PublicKey, SessionId, Timestamp, account};
use beckon_protocol::limits::{LABEL_MAX, PATH_MAX, REMOVED_MAX};
use beckon_protocol::{
    AgentSays, Base64, ClaimedDevice, JoinBy, JoinCode, Kind, ToAgent, VERSION, agent_resume_bytes,
};
use ring::signature::{ED25519, UnparsedPublicKey};

use super::clipboard_pace::ClipboardPace;
use super::conversation::Conversation;
use crate::actors::{AgentHere, Gone, RelayWanted, SignHead};
use crate::dispatch::DispatchError;
use crate::vault::{Attempt, Verdict, throttle};

/// Codes and links that one connection may try; an agent takes a new connection for each.
const ATTEMPTS: usize = 6;

/// Holds one connection of an agent, from the hello to its end.
pub async fn converse(mut with: Conversation) {
    match with.hello(Kind::Agent).await {
        Some(Ok(_)) => {}
        Some(Err(speaks)) => {
            let download = with.hub.public_url.to_string();
            with.out.say(&ToAgent::OtherVersion { speaks, download });
            return with.out.close("another version of the protocol");
        }
        None => return,
    }
    let (nonce, now) = (Base64(with.nonce.to_vec()), with.hub.journal.now());
    with.out.say(&ToAgent::Welcome { v: VERSION, nonce, now });
    let Some(session) = authenticate(&mut with).await else { return };
    let _present = with.hub.metrics.agent();
    let (mut heard, mut clipboard) = (false, ClipboardPace::default());
    while let Some(said) = with.next::<AgentSays>().await {
        if !heard {
            heard = true;
            spend_invitation(&with, session).await;
        }
        if matches!(said, AgentSays::ClipboardShared { .. }) {
            tokio::time::sleep(clipboard.wait(with.hub.clock.monotonic())).await;
        }
        if carry_out(&with, session, said).await.is_none() {
            break;
        }
    }
    let gone = Gone { connection: with.out.connection };
    if let Err(error) = with.hub.ask(session, gone).await {
        tracing::warn!(%session, %error, "the loss of an agent could not be recorded");
    }
}

/// Join or resume; a wrong code may be followed by another one on the same connection.
async fn authenticate(with: &mut Conversation) -> Option<SessionId> {
    for _ in 0..ATTEMPTS {
        let said = with.first::<AgentSays>().await?;
        let done = match said {
            AgentSays::Join { by: JoinBy::Code(code), ticket, keys, device } => {
                let join = Join { keys, device };
                join_by_code(with, &code, ticket, join).await
            }
            AgentSays::Join { by: JoinBy::Token(token), keys, device, .. } => {
                join_by_token(with, token, Join { keys, device }).await
            }
            AgentSays::Resume { session, signature } => resume(with, session, signature).await,
            _ => {
                with.out.close("join first");
                return None;
            }
        };
        match done {
            Ok(Some(session)) => return Some(session),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "an agent could not be let in");
                with.out.say(&ToAgent::NotRecorded { why: error.to_string() });
            }
        }
    }
    with.out.close("too many attempts on one connection");
    None
}

/// The agent has heard that it is in: nobody needs code and link any more. Until then the same
/// agent may come with them again.
async fn spend_invitation(with: &Conversation, session: SessionId) {
    if let Err(error) = in_vault(with, move |vault| vault.close_invitation(session)).await {
        tracing::warn!(%session, %error, "an invitation could not be forgotten");
    }
}

struct Join {
    keys: beckon_events::session::AgentKeys,
    device: ClaimedDevice,
}

async fn join_by_code(
    with: &Conversation,
    typed: &str,
    ticket: Option<String>,
    join: Join,
) -> Result<Option<SessionId>, DispatchError> {
    let (source, now) = (with.source, with.hub.journal.now());
    let verdict = in_vault(with, move |vault| vault.begin_attempt(ticket.as_deref(), source, now));
    let attempt = match verdict.await? {
        Verdict::Wait(wait) => {
            let wait_seconds = seconds_until(wait.until, now);
            with.out.say(&ToAgent::Wait { wait_seconds });
            return Ok(None);
        }
        Verdict::Allowed(attempt) => attempt,
    };
    // A code that is no code is looked up all the same: the same work for every wrong answer.
    let code = typed.parse::<JoinCode>().map_or_else(|_| "-".to_owned(), |code| code.folded());
    let found = in_vault(with, move |vault| vault.session_by_code(&code)).await?;
    if let Some(session) = found
        && let Some(session) = join_session(with, session, join).await?
    {
        if let Err(error) = in_vault(with, move |vault| vault.forgive_attempt(&attempt)).await {
            tracing::warn!(%session, %error, "a right code still counts as an attempt");
        }
        return Ok(Some(session));
    }
    refuse_code(with, attempt, now).await;
    Ok(None)
}

async fn refuse_code(with: &Conversation, attempt: Attempt, now: Timestamp) {
    with.hub.metrics.wrong_code();
    let wait_seconds = attempt.wait.as_ref().map(|wait| seconds_until(wait.until, now));
    with.out.say(&ToAgent::WrongCode {
        attempts_left: attempt.attempts_left,
        ticket: attempt.ticket,
        wait_seconds,
    });
    if let Some(wait) = attempt.wait {
        with.hub.metrics.throttled();
        let source = Personal::Known(with.source.to_string());
        let network = throttle::household(with.source);
        let address = with.hub.folder.pepper().address_subject(&network);
        let command = account::Command::Throttle { address, source, until: wait.until };
        if let Err(error) = with.hub.account(with.hub.own(Actor::SYSTEM), command).await {
            tracing::warn!(%error, "a wait could not be recorded in the log");
        }
    }
}

async fn join_by_token(
    with: &Conversation,
    token: String,
    join: Join,
) -> Result<Option<SessionId>, DispatchError> {
    let found = in_vault(with, move |vault| vault.session_by_token(&token)).await?;
    if let Some(session) = found
        && let Some(session) = join_session(with, session, join).await?
    {
        return Ok(Some(session));
    }
    with.out.say(&ToAgent::NotValid {});
    Ok(None)
}

/// `None` where the session is not to be joined any more: the answer is that of a wrong code.
async fn join_session(
    with: &Conversation,
    session: SessionId,
    join: Join,
) -> Result<Option<SessionId>, DispatchError> {
    let hub = &with.hub;
    let (now, key) = (hub.journal.now(), join.keys.ed25519);
    let command = Command::Join {
        agent: join.keys,
        device: beckon_events::session::Device {
            host: Personal::Known(label(&join.device.host)),
            user: Personal::Known(label(&join.device.user)),
            system: label(&join.device.system),
            build: label(&join.device.build),
        },
        address: Personal::Known(with.source.to_string()),
        now,
        wait_until: now.plus(hub.config.session.wait),
    };
    match hub.session(session, with.command(Actor::USER), command).await {
        Ok(done) => {
            hub.reached(&done).await;
        }
        // The same agent again: the first answer did not reach it.
        Err(DispatchError::Rejected(_)) if hub.agent_of(session).await? == Some(key) => {}
        Err(DispatchError::Rejected(_)) => return Ok(None),
        Err(error) => return Err(error),
    }
    let operator = hub.views.read(|models| models.sessions.get(session).map(|row| row.operator));
    let first = ToAgent::Joined {
        session,
        company: hub.company(),
        operator: operator.map(|id| hub.display_name(id)).unwrap_or_default(),
        account_key: hub.folder.account_key().public_key(),
        log_key: hub.folder.log_key().public_key(),
        wait_seconds: hub.config.session.wait.as_secs(),
    };
    hub.ask(session, AgentHere { out: with.out.clone(), first }).await?;
    Ok(Some(session))
}

async fn resume(
    with: &Conversation,
    session: SessionId,
    signature: Base64,
) -> Result<Option<SessionId>, DispatchError> {
    let timeline = with.hub.agent_of(session).await?;
    let signed = agent_resume_bytes(&with.nonce, session);
    let known = timeline.is_some_and(|key| verified(&key, &signed, &signature.0));
    if !known {
        with.out.say(&ToAgent::NotValid {});
        return Ok(None);
    }
    let here = AgentHere { out: with.out.clone(), first: ToAgent::Resumed {} };
    with.hub.ask(session, here).await?;
    Ok(Some(session))
}

/// Carries out one message; `None` ends the connection.
async fn carry_out(with: &Conversation, session: SessionId, said: AgentSays) -> Option<()> {
    let now = with.hub.journal.now();
    let mut who = Actor::USER;
    let command = match said {
        AgentSays::Join { .. } | AgentSays::Resume { .. } => {
            with.out.close("joined already");
            return None;
        }
        AgentSays::RelayWanted {} => {
            let wanted = RelayWanted { connection: with.out.connection };
            if let Err(error) = with.hub.ask(session, wanted).await {
                tracing::warn!(%session, %error, "a relay could not be opened");
            }
            return Some(());
        }
        AgentSays::SignHead { statement } => {
            let (source, by) = (with.command(Actor::AGENT), Endpoint::Agent);
            with.out.say(&match with.hub.ask(session, SignHead { source, by, statement }).await {
                Ok(_) => ToAgent::HeadRecorded {},
                Err(error) => ToAgent::NotRecorded { why: error.to_string() },
            });
            return Some(());
        }
        AgentSays::Approve { request, statement } => Command::Approve { request, statement, now },
        AgentSays::Reject { request } => Command::Reject { request, now },
        AgentSays::Extend { statement } => Command::Extend { statement, now },
        AgentSays::RefuseExtension {} => Command::RefuseExtension,
        AgentSays::Withdraw { statement } => Command::Withdraw { statement },
        AgentSays::Pause {} => Command::Pause,
        AgentSays::Continue {} => Command::Continue,
        AgentSays::ActionStarted { action } => {
            who = Actor::AGENT;
            Command::StartAction { action, now }
        }
        AgentSays::ActionStopped { action } => {
            who = Actor::AGENT;
            Command::StopAction { action }
        }
        AgentSays::ClipboardShared { direction, kind, bytes } => {
            who = Actor::AGENT;
            Command::ShareClipboard { direction, kind, bytes }
        }
        AgentSays::End { statement } => Command::End {
            by: EndedBy::User,
            why: EndReason::Asked,
            statement: Some(statement),
            suppressed: 0,
        },
        AgentSays::Disturbed {} => {
            who = Actor::AGENT;
            let (by, why) = (EndedBy::Policy, EndReason::Disturbed);
            Command::End { by, why, statement: None, suppressed: 0 }
        }
        AgentSays::Removed { removed, left, statement } => {
            who = Actor::AGENT;
            // Nothing is cut off: the statement speaks of the whole.
            let (Some(removed), Some(left)) = (things(removed), things(left)) else {
                with.out.close("too much was removed");
                return None;
            };
            Command::RecordRemoval { removed, left, statement }
        }
    };
    let answers = matches!(command, Command::Approve { .. } | Command::Extend { .. });
    let removal = matches!(command, Command::RecordRemoval { .. });
    let ends = matches!(command, Command::End { .. });
    match with.hub.session(session, with.command(who), command).await {
        // Also when it was recorded the first time but the answer was lost.
        Ok(_) if removal => {
            with.out.say(&ToAgent::RemovalRecorded {});
        }
        Ok(_) => {}
        // It is over already: that is what was asked for.
        Err(DispatchError::Rejected(_)) if ends => {}
        Err(error) if answers || removal || ends => {
            with.out.say(&ToAgent::NotRecorded { why: error.to_string() });
        }
        Err(error) => tracing::info!(%session, %error, "an agent's message was refused"),
    }
    Some(())
}

fn verified(key: &PublicKey, signed: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, key.0).verify(signed, signature).is_ok()
}

fn seconds_until(until: Timestamp, now: Timestamp) -> u64 {
    let left = until.since(now);
    left.as_secs() + u64::from(left.subsec_nanos() > 0)
}

/// A name that a device claims: short, without control characters.
fn label(claimed: &str) -> String {
    claimed.chars().filter(|c| !c.is_control()).take(LABEL_MAX).collect()
}

/// What an agent lists as removed; `None` where it is more than the log takes.
fn things(named: Vec<Committed>) -> Option<Vec<Personal<Committed>>> {
    let fits = |thing: &Committed| thing.value.chars().count() <= PATH_MAX;
    let all = named.len() <= REMOVED_MAX && named.iter().all(fits);
    all.then(|| named.into_iter().map(Personal::Known).collect())
}

async fn in_vault<R, F>(with: &Conversation, work: F) -> Result<R, DispatchError>
where
    R: Send + 'static,
    F: FnOnce(&crate::vault::Vault) -> Result<R, crate::vault::VaultError> + Send + 'static,
{
    with.hub.in_vault(work).await
}
