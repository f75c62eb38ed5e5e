//! Who looks at what is not theirs is recorded before they see it.

use beckon_events::envelope::Actor;
use beckon_events::{CommandId, SessionId, Timestamp, operator};
use beckon_projections::SessionRow;
use uuid::Uuid;

use super::person::Person;
use super::refusal::Refusal;
use crate::dispatch::Source;
use crate::hub::Hub;

/// Looking again within so many seconds of one stretch is one look.
const STRETCH: i64 = 10 * 60;

/// Records that `person` looks at this session, or at the audit log where there is none. One's
/// own session is nobody else's business. What cannot be recorded is not shown.
pub async fn viewed(
    hub: &Hub,
    person: &Person,
    session: Option<&SessionRow>,
) -> Result<(), Refusal> {
    if session.is_some_and(|session| session.operator == person.id()) {
        return Ok(());
    }
    let session = session.map(|session| session.id);
    let source = source(person, session, hub.clock.now());
    let look = operator::Command::ViewAudit { session };
    let done = hub.operator(person.id(), source, look).await?;
    if session.is_none() {
        // The audit log shows who looks at it.
        hub.reached(&done).await;
    }
    Ok(())
}

fn source(person: &Person, session: Option<SessionId>, now: Timestamp) -> Source {
    const LOOKS: Uuid = Uuid::from_u128(0x6265_636b_6f6e_4000_8000_0000_6c6f_6f6b);
    let stretch = now.micros().div_euclid(STRETCH * 1_000_000);
    let what = session.map_or_else(|| "log".to_owned(), |session| session.to_string());
    let command = CommandId::within(LOOKS, &format!("{}/{what}/{stretch}", person.id()));
    Source { command, actor: Actor::operator(person.id()) }
}
