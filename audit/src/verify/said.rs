//! V7, as far as it can be told from one event: the signature, and that it says what the event says.

use beckon_events::session::head_bytes;
use beckon_events::{Action, Digest, PublicKey, Statement};
use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::happened::{Fields, StatementField, in_order};
use super::metadata::{time, uuid};
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
    session: &'a str,
    operator: &'a str,
    control: PublicKey,
    actions: Vec<Action>,
    until: &'a str,
    n: u64,
}

#[derive(Deserialize)]
struct Fact<'a> {
    v: u64,
    session: &'a str,
    said: Of,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Of {
    Ended,
    Removed { removed: Vec<Digest>, left: Vec<Digest> },
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
    opened: &Opened,
) -> Result<Option<Said>, &'static str> {
    let fields = fields.ok_or(text::UNREADABLE)?;
    let statement = fields.statement();
    if kind == "Ended" {
        let by = fields.string("by").ok_or(text::UNREADABLE)?;
        if by != "user" && matches!(statement, StatementField::Null) {
            return Ok(None);
        }
    }
    let StatementField::There(statement) = statement else { return Err(text::MISSING) };
    let key = statement.key();
    let bytes = statement.open(&key).map_err(|_| text::SIGNATURE)?;
    let holder = match kind {
        "HeadSigned" => head(session, fields, &bytes).map(|()| None),
        "Ended" => fact(session, &bytes).and_then(|said| match said {
            Of::Ended => Ok(None),
            Of::Removed { .. } => Err(text::OTHER_FACT),
        }),
        "AgentRemoved" => match fact(session, &bytes)? {
            Of::Removed { removed, left } => {
                removal(fields, opened, &removed, &left).map(|()| None)
            }
            Of::Ended => Err(text::OTHER_FACT),
        },
        _ => grant(kind, session, fields, &bytes).map(Some),
    }?;
    Ok(Some(Said { key, holder }))
}

fn head(session: Uuid, fields: &Fields<'_>, bytes: &[u8]) -> Result<(), &'static str> {
    let known = matches!(fields.string("by").as_deref(), Some("agent" | "control"));
    let (version, leaf) = (fields.number("version"), fields.digest("leaf"));
    let (Some(version), Some(leaf), true) = (version, leaf, known) else {
        return Err(text::UNREADABLE);
    };
    let expected = head_bytes(&format!("session-{session}"), version, &leaf);
    if bytes == expected { Ok(()) } else { Err(text::OTHER_HEAD) }
}

fn fact(session: Uuid, bytes: &[u8]) -> Result<Of, &'static str> {
    strict::check(bytes, Style::Free).map_err(|_| text::NO_FACT)?;
    let fact: Fact<'_> = serde_json::from_slice(bytes).map_err(|_| text::NO_FACT)?;
    if fact.v != 1 || uuid(fact.session) != Some(session) {
        return Err(text::OTHER_SESSION);
    }
    let said = match &fact.said {
        Of::Ended => "\"ended\"".to_owned(),
        Of::Removed { removed, left } => {
            let (removed, left) = (quoted(removed), quoted(left));
            format!("{{\"removed\":{{\"removed\":[{removed}],\"left\":[{left}]}}}}")
        }
    };
    let spelled = format!("{{\"v\":1,\"session\":\"{session}\",\"said\":{said}}}");
    if bytes == spelled.as_bytes() { Ok(fact.said) } else { Err(text::SPELLING) }
}

fn grant(
    kind: &str,
    session: Uuid,
    fields: &Fields<'_>,
    bytes: &[u8],
) -> Result<(Uuid, PublicKey), &'static str> {
    strict::check(bytes, Style::Free).map_err(|_| text::NO_GRANT)?;
    let grant: Grant<'_> = serde_json::from_slice(bytes).map_err(|_| text::NO_GRANT)?;
    if grant.v != 1 || uuid(grant.session) != Some(session) {
        return Err(text::OTHER_SESSION);
    }
    let Grant { control, n, until, .. } = grant;
    let operator = uuid(grant.operator).ok_or(text::NO_GRANT)?;
    let moment = time(until).ok_or(text::NO_GRANT)?;
    let names = quoted(grant.actions.iter().map(|action| action.name()));
    let spelled = format!(
        "{{\"v\":1,\"session\":\"{session}\",\"operator\":\"{operator}\",\"control\":\"{control}\",\
         \"actions\":[{names}],\"until\":\"{until}\",\"n\":{n},\"limits\":{{}}}}"
    );
    if bytes != spelled.as_bytes() {
        return Err(text::SPELLING);
    }
    let actions = in_order(&grant.actions);
    if Some(n) != fields.number("n") || actions.is_none() || actions != fields.actions("actions") {
        return Err(text::OTHER_GRANT);
    }
    if kind != "GrantWithdrawn" && fields.time("until") != Some(moment) {
        return Err(text::OTHER_GRANT);
    }
    Ok((operator, control))
}

/// These, in quotation marks and with commas between them.
fn quoted<T: std::fmt::Display>(values: impl IntoIterator<Item = T>) -> String {
    let quoted: Vec<_> = values.into_iter().map(|value| format!("\"{value}\"")).collect();
    quoted.join(",")
}

fn removal(
    fields: &Fields<'_>,
    opened: &Opened,
    removed: &[Digest],
    left: &[Digest],
) -> Result<(), &'static str> {
    for (name, said) in [("removed", removed), ("left", left)] {
        let there = fields.list(name).ok_or(text::UNREADABLE)?;
        if said.len() != there.len() {
            return Err(text::OTHER_COUNT);
        }
        for (index, (commitment, entry)) in said.iter().zip(there).enumerate() {
            let open = opened.get(&format!("/{name}/{index}"));
            let plain = serde_json::from_str(entry.get()).map_err(|_| text::UNREADABLE)?;
            let entry: &Value = open.unwrap_or(&plain);
            let shut = open.is_none() && entry.get("$s").is_some();
            if !shut && committed(entry) != Some(*commitment) {
                return Err(text::OTHER_COMMITMENT);
            }
        }
    }
    Ok(())
}

/// SHA-256(salt || value) of an entry that is open.
fn committed(entry: &Value) -> Option<Digest> {
    let (salt, value) = (entry.get("salt")?.as_str()?, entry.get("value")?.as_str()?);
    let salt: [u8; 16] = BASE64.decode(salt.as_bytes()).ok()?.try_into().ok()?;
    Some(Digest::of(&[salt.as_slice(), value.as_bytes()].concat()))
}

/// Whether `statement` holds by its own key and says these bytes.
pub fn says(statement: &Statement, bytes: &[u8]) -> bool {
    statement.open(&statement.key()).is_ok_and(|said| said == bytes)
}
