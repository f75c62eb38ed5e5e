//! Everything that was recorded, one row an event.

use beckon_events::envelope::{Actor, ActorKind, Metadata};
use beckon_events::session::Event as OfSession;
use beckon_events::{
    Committed, DomainEvent, OperatorId, Personal, Recorded, RecordedEvent, SessionId, SubjectKind,
    Timestamp, account, node, operator, session,
};
use serde::{Deserialize, Deserializer, Serialize};

use crate::projection::stream_id;
use crate::{Rows, kept};

/// A name out of [`AuditLog::kinds`]; under an alias, since serde would borrow it otherwise.
type Pinned = &'static str;

/// The log, as a list that can be searched.
#[derive(Clone, Copy, Debug)]
pub struct AuditLog;

/// One event. What it says stands in the log, at the position.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditRow {
    /// Where in the log.
    pub position: u64,
    /// When.
    #[serde(with = "kept::moment")]
    pub at: Timestamp,
    /// In which stream.
    pub stream: String,
    /// Where in the stream.
    pub version: u64,
    /// The event's name.
    #[serde(deserialize_with = "kind")]
    pub kind: Pinned,
    /// The kind of stream.
    #[serde(deserialize_with = "category")]
    pub category: Pinned,
    /// Who did it.
    pub actor: Actor,
    /// Which session it is about.
    pub session: Option<SessionId>,
    /// Which operator it is about: whose stream it is, who is named in it, or who did it.
    pub operator: Option<OperatorId>,
    /// What can be searched for: the names, addresses and texts of this event, a line each.
    pub words: String,
}

impl AuditLog {
    /// Every event there is: the kind of its stream and its name, which no two share.
    pub fn kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
        let of = |category, names: &'static [&'static str]| {
            names.iter().map(move |name| (category, *name))
        };
        of(session::Event::CATEGORY, session::Event::NAMES)
            .chain(of(operator::Event::CATEGORY, operator::Event::NAMES))
            .chain(of(account::Event::CATEGORY, account::Event::NAMES))
            .chain(of(node::Event::CATEGORY, node::Event::NAMES))
    }
}

impl AuditRow {
    /// The name of an event, as it stands in a row.
    pub fn known_kind(name: &str) -> Option<&'static str> {
        AuditLog::kinds().map(|(_, kind)| kind).find(|kind| *kind == name)
    }

    /// The name of a kind of stream, as it stands in a row.
    pub fn known_category(name: &str) -> Option<&'static str> {
        AuditLog::kinds().map(|(category, _)| category).find(|category| *category == name)
    }

    fn new<E: DomainEvent>(recorded: &Recorded<E>, words: String) -> Self {
        let metadata = &recorded.metadata;
        Self {
            position: recorded.position,
            at: metadata.at,
            stream: metadata.stream.clone(),
            version: metadata.version,
            kind: recorded.event.name(),
            category: E::CATEGORY,
            actor: metadata.actor,
            session: None,
            operator: acting(metadata),
            words,
        }
    }

    fn of_session(recorded: &Recorded<session::Event>) -> Self {
        let named = match &recorded.event {
            OfSession::Created { operator, .. }
            | OfSession::ApprovalRequested { operator, .. }
            | OfSession::OperatorConnected { operator, .. }
            | OfSession::OperatorLeft { operator, .. } => Some(*operator),
            OfSession::InvitationSent { .. }
            | OfSession::InvitationCancelled {}
            | OfSession::Joined { .. }
            | OfSession::ApprovalCancelled { .. }
            | OfSession::Approved { .. }
            | OfSession::Rejected { .. }
            | OfSession::ApprovalLapsed { .. }
            | OfSession::ActionStarted { .. }
            | OfSession::ActionStopped { .. }
            | OfSession::ClipboardShared { .. }
            | OfSession::ExtensionRequested { .. }
            | OfSession::GrantExtended { .. }
            | OfSession::ExtensionRefused { .. }
            | OfSession::GrantWithdrawn { .. }
            | OfSession::Paused {}
            | OfSession::Continued {}
            | OfSession::AgentLost { .. }
            | OfSession::AgentResumed {}
            | OfSession::Ended { .. }
            | OfSession::Expired { .. }
            | OfSession::AgentRemoved { .. }
            | OfSession::HeadSigned { .. } => None,
        };
        let row = Self::new(recorded, session_words(&recorded.event));
        let operator = named.or(row.operator);
        Self { session: stream_id(&recorded.metadata), operator, ..row }
    }

    fn of_operator(recorded: &Recorded<operator::Event>) -> Self {
        use operator::Event;
        let (session, words) = match &recorded.event {
            Event::Invited { name, .. } => (None, lines([name.known()])),
            Event::Registered { name, email } => (None, lines([name.known(), email.known()])),
            Event::SignedIn { address } | Event::SignInRefused { address } => {
                (None, lines([address.known()]))
            }
            Event::ControlEnrolled { device, .. } => (None, lines([device.known()])),
            Event::AuditViewed { session } => (*session, String::new()),
            Event::RoleChanged { .. }
            | Event::PasswordChanged {}
            | Event::SignedOut {}
            | Event::ControlRevoked { .. }
            | Event::Disabled {}
            | Event::Enabled {}
            | Event::ListExported { .. } => (None, String::new()),
        };
        let operator = stream_id(&recorded.metadata);
        Self { session, operator, ..Self::new(recorded, words) }
    }

    fn of_account(recorded: &Recorded<account::Event>) -> Self {
        use account::Event;
        let (mut session, mut operator) = (None, acting(&recorded.metadata));
        let words = match &recorded.event {
            Event::Opened { company, .. } | Event::Renamed { company } => company.clone(),
            Event::JoinThrottled { source, .. } | Event::JoinReleased { source, .. } => {
                lines([source.known()])
            }
            Event::Exported { session: of, .. } => {
                session = *of;
                String::new()
            }
            Event::SubjectErased { subject, reason } => {
                match subject.kind() {
                    SubjectKind::User => session = Some(SessionId(subject.id())),
                    SubjectKind::Operator => operator = Some(OperatorId(subject.id())),
                    SubjectKind::Address => {}
                }
                reason.clone()
            }
            Event::TokenIssued { label, .. } => label.clone(),
            Event::TokenRevoked { .. } | Event::TokenUsed { .. } => String::new(),
        };
        Self { session, operator, ..Self::new(recorded, words) }
    }

    fn of_node(recorded: &Recorded<node::Event>) -> Self {
        let words = match &recorded.event {
            node::Event::ServerStarted { build, .. } => build.clone(),
            node::Event::ServerStopped {} | node::Event::LogRestored { .. } => String::new(),
        };
        Self::new(recorded, words)
    }
}

impl Rows for AuditLog {
    type Key = u64;
    type Row = AuditRow;
    const NAME: &'static str = "audit_log";
    const VERSION: u32 = 1;

    fn key(event: &RecordedEvent) -> Option<u64> {
        Some(event.position())
    }

    fn fold(_: Option<AuditRow>, event: &RecordedEvent) -> Option<AuditRow> {
        Some(match event {
            RecordedEvent::Session(recorded) => AuditRow::of_session(recorded),
            RecordedEvent::Operator(recorded) => AuditRow::of_operator(recorded),
            RecordedEvent::Account(recorded) => AuditRow::of_account(recorded),
            RecordedEvent::Node(recorded) => AuditRow::of_node(recorded),
        })
    }
}

/// The operator who did it, where one did.
fn acting(metadata: &Metadata) -> Option<OperatorId> {
    match metadata.actor.kind {
        ActorKind::Operator => metadata.actor.id.map(OperatorId),
        ActorKind::User | ActorKind::Agent | ActorKind::Policy | ActorKind::System => None,
    }
}

fn session_words(event: &session::Event) -> String {
    use session::Event;
    match event {
        Event::Created { name, note, .. } => {
            lines([name, note].map(|text| text.as_ref().and_then(Personal::known)))
        }
        Event::InvitationSent { to } => lines([to.known()]),
        Event::Joined { device, address, .. } => {
            let system = Some(&device.system);
            lines([device.host.known(), device.user.known(), system, address.known()])
        }
        Event::ApprovalRequested { operator_name, .. } => lines([operator_name.known()]),
        Event::AgentRemoved { removed, left, .. } => {
            let known = |thing| Personal::<Committed>::known(thing).map(|known| &known.value);
            lines(removed.iter().chain(left).map(known))
        }
        Event::InvitationCancelled {}
        | Event::ApprovalCancelled { .. }
        | Event::Approved { .. }
        | Event::Rejected { .. }
        | Event::ApprovalLapsed { .. }
        | Event::OperatorConnected { .. }
        | Event::ActionStarted { .. }
        | Event::ActionStopped { .. }
        | Event::ClipboardShared { .. }
        | Event::ExtensionRequested { .. }
        | Event::GrantExtended { .. }
        | Event::ExtensionRefused { .. }
        | Event::GrantWithdrawn { .. }
        | Event::Paused {}
        | Event::Continued {}
        | Event::OperatorLeft { .. }
        | Event::AgentLost { .. }
        | Event::AgentResumed {}
        | Event::Ended { .. }
        | Event::Expired { .. }
        | Event::HeadSigned { .. } => String::new(),
    }
}

/// What is known and not empty, a line each.
fn lines<'a>(texts: impl IntoIterator<Item = Option<&'a String>>) -> String {
    let mut all = String::new();
    for text in texts.into_iter().flatten().filter(|text| !text.is_empty()) {
        if !all.is_empty() {
            all.push('\n');
        }
        all.push_str(text);
    }
    all
}

fn kind<'de, D: Deserializer<'de>>(d: D) -> Result<&'static str, D::Error> {
    let name = <std::borrow::Cow<'de, str>>::deserialize(d)?;
    AuditRow::known_kind(&name).ok_or_else(|| serde::de::Error::custom("no event has this name"))
}

fn category<'de, D: Deserializer<'de>>(d: D) -> Result<&'static str, D::Error> {
    let name = <std::borrow::Cow<'de, str>>::deserialize(d)?;
    let known = AuditRow::known_category(&name);
    known.ok_or_else(|| serde::de::Error::custom("no stream is of this kind"))
}

#[cfg(test)]
mod tests;
