//! V7, as far as it can be told from one event: the signature, and that it says what the event says.

use beckon_events::session::head_bytes;
use beckon_events::{Action, Digest, PublicKey, Statement};
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::happened::{Fields, StatementField, in_order};
use super::metadata::time;
use super::sealed::Opened;
use crate::export::strict::{self, Style};
use crate::text::endpoint as text;

/// A statement that holds; whose key it should be is for the session to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who signed it.
    pub key: PublicKey,
    /// Of a grant: for which operator and which Control.
    pub holder: Option<(Uuid, PublicKey)>,
}

#[derive(Deserialize)]
struct Grant<'a> {
    v: u64,
    session: Uuid,
    operator: Uuid,
    control: PublicKey,
    actions: Vec<Action>,
    until: &'a str,
    n: u64,
}

#[derive(Deserialize)]
struct Fact {
    v: u64,
    session: Uuid,
    said: Of,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Of {
    Ended,
    Removed { removed: Vec<Digest>, left: Vec<Digest> },
}

#[derive(Deserialize)]
struct Lists<'a> {
    #[serde(borrow)]
    removed: Vec<&'a RawValue>,
    #[serde(borrow)]
    left: Vec<&'a RawValue>,
}

/// Whether the event `kind` is looked at here.
pub fn is_signed(kind: &str) -> bool {
    matches!(
        kind,
        "Approved" | "GrantExtended" | "GrantWithdrawn" | "AgentRemoved" | "HeadSigned" | "Ended"
    )
}

/// The statement of the event `kind` of `session`; none where it needs none. The error says what
/// is wrong.
pub fn said(
    kind: &str,
    session: Uuid,
    fields: Option<&Fields<'_>>,
    data: &[u8],
    opened: &Opened,
) -> Result<Option<Said>, &'static str> {
    let fields = fields.ok_or(text::UNREADABLE)?;
    if kind == "Ended" {
        let by = fields.by.ok_or(text::UNREADABLE)?;
        if by != "user" && matches!(fields.statement, StatementField::Null) {
            return Ok(None);
        }
    }
    let StatementField::There(statement) = &fields.statement else { return Err(text::MISSING) };
    let key = statement.key();
    let bytes = statement.open(&key).map_err(|_| text::SIGNATURE)?;
    let holder = match kind {
        "HeadSigned" => head(session, fields, &bytes).map(|()| None),
        "Ended" => fact(session, &bytes).and_then(|said| match said {
            Of::Ended => Ok(None),
            Of::Removed { .. } => Err(text::OTHER_FACT),
        }),
        "AgentRemoved" => match fact(session, &bytes)? {
            Of::Removed { removed, left } => removal(data, opened, &removed, &left).map(|()| None),
            Of::Ended => Err(text::OTHER_FACT),
        },
        _ => grant(kind, session, fields, &bytes).map(Some),
    }?;
    Ok(Some(Said { key, holder }))
}

fn head(session: Uuid, fields: &Fields<'_>, bytes: &[u8]) -> Result<(), &'static str> {
    let known = matches!(fields.by, Some("agent" | "control"));
    let (Some(version), Some(leaf), true) = (fields.version, fields.leaf, known) else {
        return Err(text::UNREADABLE);
    };
    let expected = head_bytes(&format!("session-{session}"), version, &leaf);
    if bytes == expected { Ok(()) } else { Err(text::OTHER_HEAD) }
}

fn fact(session: Uuid, bytes: &[u8]) -> Result<Of, &'static str> {
    strict::check(bytes, Style::Free).map_err(|_| text::NO_FACT)?;
    let fact: Fact = serde_json::from_slice(bytes).map_err(|_| text::NO_FACT)?;
    if fact.v == 1 && fact.session == session { Ok(fact.said) } else { Err(text::OTHER_SESSION) }
}

fn grant(
    kind: &str,
    session: Uuid,
    fields: &Fields<'_>,
    bytes: &[u8],
) -> Result<(Uuid, PublicKey), &'static str> {
    strict::check(bytes, Style::Free).map_err(|_| text::NO_GRANT)?;
    let grant: Grant<'_> = serde_json::from_slice(bytes).map_err(|_| text::NO_GRANT)?;
    if grant.v != 1 || grant.session != session {
        return Err(text::OTHER_SESSION);
    }
    let actions = in_order(&grant.actions);
    if Some(grant.n) != fields.n || actions.is_none() || actions != fields.actions() {
        return Err(text::OTHER_GRANT);
    }
    let until = fields.until.filter(|until| time(until).is_some());
    if kind != "GrantWithdrawn" && until != Some(grant.until) {
        return Err(text::OTHER_GRANT);
    }
    Ok((grant.operator, grant.control))
}

fn removal(
    data: &[u8],
    opened: &Opened,
    removed: &[Digest],
    left: &[Digest],
) -> Result<(), &'static str> {
    let lists: Lists<'_> = serde_json::from_slice(data).map_err(|_| text::UNREADABLE)?;
    for (name, said, there) in [("removed", removed, lists.removed), ("left", left, lists.left)] {
        if said.len() != there.len() {
            return Err(text::OTHER_COUNT);
        }
        for (index, commitment) in said.iter().enumerate() {
            let Some(value) = opened.get(&format!("/{name}/{index}")) else { continue };
            let read: Result<beckon_events::Committed, _> = serde_json::from_value(value.clone());
            if read.map_or(true, |read| read.commitment() != *commitment) {
                return Err(text::OTHER_COMMITMENT);
            }
        }
    }
    Ok(())
}

/// Whether `statement` holds by its own key and says these bytes.
pub fn says(statement: &Statement, bytes: &[u8]) -> bool {
    statement.open(&statement.key()).is_ok_and(|said| said == bytes)
}
