//! What an event of a session says, as far as V7 and V8 look at it.

use std::borrow::Cow;

use beckon_events::session::Endpoint;
use beckon_events::{Action, ActionSet, Digest, PublicKey, Statement, Timestamp};
use serde::Deserialize;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::metadata::{time, uuid};
use crate::export::Text;
use crate::text;

/// What happened. Statements have been taken out: [`super::said`] checks them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    Created,
    InvitationSent,
    InvitationCancelled,
    Joined { agent: PublicKey },
    ApprovalRequested { request: u64, operator: Uuid, control: PublicKey, actions: ActionSet },
    ApprovalCancelled { request: u64 },
    Approved { request: u64, n: u64, actions: ActionSet, until: Timestamp },
    Rejected { request: u64 },
    ApprovalLapsed { request: u64 },
    OperatorConnected { operator: Uuid, control: PublicKey },
    ActionStarted { action: Action },
    ActionStopped { action: Action },
    ClipboardShared,
    ExtensionRequested { actions: ActionSet },
    GrantExtended { n: u64, actions: ActionSet, until: Timestamp },
    ExtensionRefused { actions: ActionSet },
    GrantWithdrawn { n: u64, withdrawn: ActionSet, actions: ActionSet },
    Paused,
    Continued,
    OperatorLeft,
    AgentLost,
    AgentResumed,
    Ended,
    Expired,
    AgentRemoved,
    HeadSigned { by: Endpoint, version: u64, leaf: Digest },
}

/// The fields of an event, by their names. Each is read where its event has it: in others it may
/// be anything.
pub struct Fields<'a>(Vec<(Cow<'a, str>, &'a str)>);

/// The statement of an event: `null` is not the same as no such key.
pub enum StatementField {
    /// There is none that can be read.
    Missing,
    /// It is `null`.
    Null,
    /// It is there.
    There(Statement),
}

#[derive(Deserialize)]
struct Keys {
    ed25519: PublicKey,
}

struct Each;

impl<'de> Visitor<'de> for Each {
    type Value = Vec<(Cow<'de, str>, &'de str)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::with_capacity(8);
        while let Some((Text(name), value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
            fields.push((name, value.get()));
        }
        Ok(fields)
    }
}

impl<'a> Fields<'a> {
    /// Reads them; `data` has been found to be strict JSON.
    pub fn read(data: &'a [u8]) -> Option<Self> {
        serde_json::Deserializer::from_slice(data).deserialize_map(Each).ok().map(Self)
    }

    /// The number in this field.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.of(name)
    }

    /// The string in this field, its escapes resolved.
    pub fn string(&self, name: &str) -> Option<Cow<'a, str>> {
        self.of::<Text<'a>>(name).map(|Text(text)| text)
    }

    /// The hash in this field.
    pub fn digest(&self, name: &str) -> Option<Digest> {
        self.of(name)
    }

    /// The time in this field.
    pub fn time(&self, name: &str) -> Option<Timestamp> {
        self.string(name).as_deref().and_then(time)
    }

    /// The actions in this field, where they stand in their order.
    pub fn actions(&self, name: &str) -> Option<ActionSet> {
        let names: Vec<Text<'a>> = self.of(name)?;
        let actions: Option<Vec<Action>> = names.iter().map(|Text(name)| named(name)).collect();
        in_order(&actions?)
    }

    /// The statement.
    pub fn statement(&self) -> StatementField {
        match self.raw("statement") {
            Some("null") => StatementField::Null,
            Some(raw) if raw.starts_with('{') => {
                serde_json::from_str(raw).map_or(StatementField::Missing, StatementField::There)
            }
            Some(_) | None => StatementField::Missing,
        }
    }

    /// The values in the list in this field, as they are written.
    pub fn list(&self, name: &str) -> Option<Vec<&'a RawValue>> {
        self.of(name)
    }

    fn action(&self, name: &str) -> Option<Action> {
        self.string(name).as_deref().and_then(named)
    }

    fn uuid(&self, name: &str) -> Option<Uuid> {
        self.string(name).as_deref().and_then(uuid)
    }

    /// The Ed25519 key among the keys in this field.
    fn ed25519(&self, name: &str) -> Option<PublicKey> {
        let raw = self.raw(name).filter(|raw| raw.starts_with('{'))?;
        serde_json::from_str::<Keys>(raw).ok().map(|keys| keys.ed25519)
    }

    fn of<T: Deserialize<'a>>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.raw(name)?).ok()
    }

    fn raw(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }
}

fn named(name: &str) -> Option<Action> {
    Action::ALL.into_iter().find(|action| action.name() == name)
}

/// The set of these actions, where they stand in their order and none twice.
pub fn in_order(actions: &[Action]) -> Option<ActionSet> {
    let sorted = actions.windows(2).all(|two| two.first() < two.last());
    sorted.then(|| actions.iter().fold(ActionSet::EMPTY, |set, action| set.or(alone(*action))))
}

/// The set of this action: control without view too, as in what was taken back.
pub fn alone(action: Action) -> ActionSet {
    let view = ActionSet::EMPTY.with(Action::View);
    let set = ActionSet::EMPTY.with(action);
    if action == Action::Control { set.minus(view) } else { set }
}

impl Happened {
    /// What the event `kind` of `schema` with these fields says in the stream of `session`; the
    /// error says why nothing.
    pub fn read(
        kind: &str,
        schema: u64,
        session: Uuid,
        fields: Option<&Fields<'_>>,
    ) -> Result<Self, String> {
        let unreadable = || text::legality::unreadable(kind);
        if !NAMES.contains(&kind) {
            return Err(text::legality::unknown(kind));
        }
        if schema != 1 {
            return Err(text::legality::schema(kind, schema));
        }
        let fields = fields.ok_or_else(unreadable)?;
        if kind == "Created" && fields.uuid("session") != Some(session) {
            return Err(text::legality::OTHER_SESSION.to_owned());
        }
        Self::of(kind, fields).ok_or_else(unreadable)
    }

    fn of(kind: &str, fields: &Fields<'_>) -> Option<Self> {
        let request = || fields.number("request");
        let (n, until) = (|| fields.number("n"), || fields.time("until"));
        let actions = || fields.actions("actions");
        Some(match kind {
            "Created" => Self::Created,
            "InvitationSent" => Self::InvitationSent,
            "InvitationCancelled" => Self::InvitationCancelled,
            "Joined" => Self::Joined { agent: fields.ed25519("agent")? },
            "ApprovalRequested" => Self::ApprovalRequested {
                request: request()?,
                operator: fields.uuid("operator")?,
                control: fields.ed25519("control")?,
                actions: actions()?,
            },
            "ApprovalCancelled" => Self::ApprovalCancelled { request: request()? },
            "Approved" => Self::Approved {
                request: request()?,
                n: n()?,
                actions: actions()?,
                until: until()?,
            },
            "Rejected" => Self::Rejected { request: request()? },
            "ApprovalLapsed" => Self::ApprovalLapsed { request: request()? },
            "OperatorConnected" => Self::OperatorConnected {
                operator: fields.uuid("operator")?,
                control: fields.of("control")?,
            },
            "ActionStarted" => Self::ActionStarted { action: fields.action("action")? },
            "ActionStopped" => Self::ActionStopped { action: fields.action("action")? },
            "ClipboardShared" => Self::ClipboardShared,
            "ExtensionRequested" => Self::ExtensionRequested { actions: actions()? },
            "GrantExtended" => {
                Self::GrantExtended { n: n()?, actions: actions()?, until: until()? }
            }
            "ExtensionRefused" => Self::ExtensionRefused { actions: actions()? },
            "GrantWithdrawn" => Self::GrantWithdrawn {
                n: n()?,
                withdrawn: fields.actions("withdrawn")?,
                actions: actions()?,
            },
            "Paused" => Self::Paused,
            "Continued" => Self::Continued,
            "OperatorLeft" => Self::OperatorLeft,
            "AgentLost" => Self::AgentLost,
            "AgentResumed" => Self::AgentResumed,
            "Ended" => Self::Ended,
            "Expired" => Self::Expired,
            "AgentRemoved" => Self::AgentRemoved,
            "HeadSigned" => {
                let by = match fields.string("by")?.as_ref() {
                    "agent" => Endpoint::Agent,
                    "control" => Endpoint::Control,
                    _ => return None,
                };
                let (version, leaf) = (fields.number("version")?, fields.digest("leaf")?);
                Self::HeadSigned { by, version, leaf }
            }
            _ => return None,
        })
    }
}

const NAMES: &[&str] = <beckon_events::session::Event as beckon_events::DomainEvent>::NAMES;
