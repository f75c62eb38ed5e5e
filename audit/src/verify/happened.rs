//! What an event of a session says, as far as V7 and V8 look at it.

use beckon_events::session::Endpoint;
use beckon_events::{Action, ActionSet, Digest, PublicKey, Statement, Timestamp};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::metadata::time;
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
    ExtensionRequested { actions: ActionSet },
    GrantExtended { n: u64, actions: ActionSet, until: Timestamp },
    ExtensionRefused,
    GrantWithdrawn { n: u64, actions: ActionSet },
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

/// Every field that is looked at in some event of a session. In events in which it is not looked
/// at, it may have any form: what cannot be read is none.
#[derive(Deserialize)]
pub struct Fields<'a> {
    #[serde(default, deserialize_with = "read")]
    request: Option<u64>,
    #[serde(borrow, default, deserialize_with = "read")]
    operator: Option<&'a str>,
    #[serde(default, deserialize_with = "read")]
    control: Option<Control>,
    #[serde(default, deserialize_with = "read")]
    actions: Option<Vec<Action>>,
    #[serde(default, deserialize_with = "read")]
    action: Option<Action>,
    #[serde(default, deserialize_with = "read")]
    agent: Option<Keys>,
    #[serde(default, deserialize_with = "read")]
    pub(super) n: Option<u64>,
    #[serde(borrow, default, deserialize_with = "read")]
    pub(super) until: Option<&'a str>,
    #[serde(borrow, default, deserialize_with = "read")]
    pub(super) by: Option<&'a str>,
    #[serde(default, deserialize_with = "read")]
    pub(super) version: Option<u64>,
    #[serde(default, deserialize_with = "read")]
    pub(super) leaf: Option<Digest>,
    #[serde(default)]
    pub(super) statement: StatementField,
}

fn read<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    let raw = <&RawValue>::deserialize(from)?;
    Ok(serde_json::from_str(raw.get()).ok())
}

/// The statement of an event: `null` is not the same as no such key.
#[derive(Default)]
pub enum StatementField {
    /// There is none that can be read.
    #[default]
    Missing,
    /// It is `null`.
    Null,
    /// It is there.
    There(Statement),
}

impl<'de> Deserialize<'de> for StatementField {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read: Option<Option<Statement>> = read(from)?;
        Ok(read.map_or(Self::Missing, |read| read.map_or(Self::Null, Self::There)))
    }
}

#[derive(Deserialize)]
struct Keys {
    ed25519: PublicKey,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Control {
    Keys(Keys),
    Key(PublicKey),
}

impl<'a> Fields<'a> {
    /// Reads them; `data` has been found to be strict JSON.
    pub fn read(data: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(data).ok()
    }

    /// The actions, where they stand in their order.
    pub fn actions(&self) -> Option<ActionSet> {
        in_order(self.actions.as_deref()?)
    }
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
    /// What the event `kind` of `schema` with these fields says; the error says why nothing.
    pub fn read(kind: &str, schema: u64, fields: Option<&Fields<'_>>) -> Result<Self, String> {
        let unreadable = || text::legality::unreadable(kind);
        if !NAMES.contains(&kind) {
            return Err(text::legality::unknown(kind));
        }
        if schema != 1 {
            return Err(text::legality::schema(kind, schema));
        }
        fields.and_then(|fields| Self::of(kind, fields)).ok_or_else(unreadable)
    }

    fn of(kind: &str, fields: &Fields<'_>) -> Option<Self> {
        let until = || fields.until.and_then(time);
        let operator = || fields.operator.and_then(super::metadata::uuid);
        Some(match kind {
            "Created" => Self::Created,
            "InvitationSent" => Self::InvitationSent,
            "InvitationCancelled" => Self::InvitationCancelled,
            "Joined" => Self::Joined { agent: fields.agent.as_ref()?.ed25519 },
            "ApprovalRequested" => {
                let Control::Keys(Keys { ed25519: control }) = fields.control.as_ref()? else {
                    return None;
                };
                let (request, actions) = (fields.request?, fields.actions()?);
                Self::ApprovalRequested {
                    request,
                    operator: operator()?,
                    control: *control,
                    actions,
                }
            }
            "ApprovalCancelled" => Self::ApprovalCancelled { request: fields.request? },
            "Approved" => Self::Approved {
                request: fields.request?,
                n: fields.n?,
                actions: fields.actions()?,
                until: until()?,
            },
            "Rejected" => Self::Rejected { request: fields.request? },
            "ApprovalLapsed" => Self::ApprovalLapsed { request: fields.request? },
            "OperatorConnected" => {
                let Control::Key(control) = fields.control.as_ref()? else { return None };
                Self::OperatorConnected { operator: operator()?, control: *control }
            }
            "ActionStarted" => Self::ActionStarted { action: fields.action? },
            "ActionStopped" => Self::ActionStopped { action: fields.action? },
            "ExtensionRequested" => Self::ExtensionRequested { actions: fields.actions()? },
            "GrantExtended" => {
                Self::GrantExtended { n: fields.n?, actions: fields.actions()?, until: until()? }
            }
            "ExtensionRefused" => Self::ExtensionRefused,
            "GrantWithdrawn" => Self::GrantWithdrawn { n: fields.n?, actions: fields.actions()? },
            "Paused" => Self::Paused,
            "Continued" => Self::Continued,
            "OperatorLeft" => Self::OperatorLeft,
            "AgentLost" => Self::AgentLost,
            "AgentResumed" => Self::AgentResumed,
            "Ended" => Self::Ended,
            "Expired" => Self::Expired,
            "AgentRemoved" => Self::AgentRemoved,
            "HeadSigned" => {
                let by = match fields.by? {
                    "agent" => Endpoint::Agent,
                    "control" => Endpoint::Control,
                    _ => return None,
                };
                Self::HeadSigned { by, version: fields.version?, leaf: fields.leaf? }
            }
            _ => return None,
        })
    }
}

const NAMES: &[&str] = <beckon_events::session::Event as beckon_events::DomainEvent>::NAMES;
