//! One event of every name, and one key for everybody.

use uuid::Uuid;

use super::super::{
    Actor, Cause, EnvelopeError, Head, Sealed, Seals, build as build_with, read as read_with,
};
use crate::session::{
    AgentKeys, ControlKeys, Copied, Device, Direction, EndReason, EndedBy, Endpoint, LeftReason,
    StopReason, Waited,
};
use crate::{
    AccountId, Action, ActionSet, CommandId, Committed, Digest, DomainEvent, Keys, KeysError,
    LogId, Nonces, OperatorId, PublicKey, RecordedEvent, Salt, SessionId, Statement, Subject,
    SubjectKey, Timestamp, account, node, operator, session,
};

/// The session 9.
pub(super) const SESSION: &str = "session-00000000-0000-0000-0000-000000000009";

pub(super) fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub(super) fn cause() -> Cause {
    Cause {
        log: LogId(id(1)),
        command: CommandId(id(2)),
        correlation: id(3),
        at: Timestamp::from_micros(1_795_334_400_000_000),
        actor: Actor::operator(OperatorId(id(4))),
    }
}

/// One key for everybody, and nonces that count.
pub(super) struct Keyring(std::cell::Cell<u8>);

impl Keyring {
    pub(super) fn new() -> Self {
        Self(std::cell::Cell::new(0))
    }

    pub(super) fn build<E: DomainEvent>(
        &self,
        stream: &str,
        head: Head,
        events: &[E],
    ) -> Result<Vec<Sealed>, EnvelopeError> {
        build_with(stream, head, &cause(), events, Seals { keys: self, nonces: self })
    }
}

impl Keys for Keyring {
    fn key(&self, _: Subject) -> Result<Option<SubjectKey>, KeysError> {
        Ok(Some(SubjectKey::new([7; 32])))
    }
}

impl Nonces for Keyring {
    fn nonce(&self) -> [u8; 12] {
        self.0.set(self.0.get() + 1);
        [self.0.get(); 12]
    }
}

pub(super) fn build<E: DomainEvent>(
    stream: &str,
    head: Head,
    events: &[E],
) -> Result<Vec<Sealed>, EnvelopeError> {
    Keyring::new().build(stream, head, events)
}

pub(super) fn read(
    metadata: &[u8],
    data: &[u8],
    position: u64,
) -> Result<RecordedEvent, EnvelopeError> {
    read_with(metadata, data, position, &Keyring::new())
}

pub(super) fn committed(value: &str) -> Committed {
    Committed { salt: Salt([9; 16]), value: value.to_owned() }
}

pub(super) fn statement() -> Statement {
    let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
    Statement::sign(b"{}", &pair)
}

pub(super) fn control() -> ControlKeys {
    ControlKeys { x25519: PublicKey([5; 32]), ed25519: PublicKey([6; 32]) }
}

/// What is missing where view alone is granted.
pub(super) fn control_only() -> ActionSet {
    ActionSet::EMPTY.with(Action::Control).minus(ActionSet::EMPTY.with(Action::View))
}

/// One of each, a name being erased in some.
pub(super) fn sessions() -> Vec<session::Event> {
    use session::Event as E;
    let operator = OperatorId(id(4));
    let actions: ActionSet = Action::ALL.into_iter().collect();
    let at = Timestamp::from_micros(7);
    let device = Device {
        host: "DESK-7".into(),
        user: "ida".into(),
        system: "Debian 12".to_owned(),
        build: "0.1.0".to_owned(),
    };
    vec![
        E::Created {
            session: SessionId(id(9)),
            account: AccountId(id(8)),
            operator,
            name: Some("Ida".into()),
            note: None,
            code: Digest([1; 32]),
            token: Digest([2; 32]),
            expires: at,
        },
        E::InvitationSent { to: "ida@example.org".into() },
        E::InvitationCancelled {},
        E::Joined {
            agent: AgentKeys { x25519: PublicKey([3; 32]), ed25519: PublicKey([4; 32]) },
            device,
            address: "192.0.2.7".into(),
            wait_until: at,
        },
        E::ApprovalRequested {
            request: 1,
            operator,
            operator_name: "Ana \"Silva\" {漢}".into(),
            control: control(),
            actions,
            continues: true,
            lapses: at,
            damped: 2,
        },
        E::ApprovalCancelled { request: 1 },
        E::Approved { request: 1, n: 1, actions, until: at, statement: statement() },
        E::Rejected { request: 1, damped_until: Some(at) },
        E::ApprovalLapsed { request: 1, damped_until: None },
        E::OperatorConnected { operator, control: control().ed25519 },
        E::ActionStarted { action: Action::SystemInfo },
        E::ActionStopped { action: Action::View, why: StopReason::User },
        E::ClipboardShared {
            direction: Direction::ToOperator,
            kind: Copied::Picture,
            bytes: 70_000,
        },
        E::ExtensionRequested { actions: control_only() },
        E::GrantExtended { n: 2, actions, until: at, statement: statement() },
        E::ExtensionRefused { actions: control_only() },
        E::GrantWithdrawn {
            n: 3,
            withdrawn: control_only(),
            actions: ActionSet::EMPTY,
            statement: statement(),
        },
        E::Paused {},
        E::Continued {},
        E::OperatorLeft { operator, why: LeftReason::Away, continue_until: at },
        E::AgentLost { until: at },
        E::AgentResumed {},
        E::Ended {
            by: EndedBy::User,
            why: EndReason::Asked,
            statement: Some(statement()),
            suppressed: 4,
        },
        E::Expired { what: Waited::Wait },
        E::AgentRemoved {
            removed: vec![committed("agent").into(), committed("b").into()],
            left: vec![],
            statement: statement(),
        },
        E::HeadSigned {
            by: Endpoint::Control,
            version: 21,
            leaf: Digest([8; 32]),
            statement: statement(),
        },
    ]
}

pub(super) fn operators() -> Vec<operator::Event> {
    use operator::Event as E;
    vec![
        E::Invited {
            operator: OperatorId(id(4)),
            account: AccountId(id(8)),
            name: "Ana".into(),
            role: operator::Role::Admin,
        },
        E::Registered { name: "Ana".into(), email: "ana@example.org".into() },
        E::RoleChanged { role: operator::Role::Auditor },
        E::PasswordChanged {},
        E::SignedIn { address: "::1".into() },
        E::SignInRefused { address: "::1".into() },
        E::SignedOut {},
        E::ControlEnrolled { control: control(), device: "desk".into() },
        E::ControlRevoked { control: control().ed25519 },
        E::Disabled {},
        E::Enabled {},
        E::AuditViewed { session: Some(SessionId(id(9))) },
        E::ListExported { list: operator::List::AuditLog, rows: 250 },
    ]
}

pub(super) fn accounts() -> Vec<account::Event> {
    use account::Event as E;
    vec![
        E::Opened { account: AccountId(id(8)), company: "Acme".to_owned() },
        E::Renamed { company: "Größe & Söhne".to_owned() },
        E::JoinThrottled {
            address: id(5),
            source: "192.0.2.0".into(),
            until: Timestamp::from_micros(-1),
        },
        E::JoinReleased { address: id(5), source: "192.0.2.0".into() },
        E::Exported {
            export: id(6),
            session: Some(SessionId(id(9))),
            names: account::Names::Some(vec![Subject::operator(OperatorId(id(4)))]),
        },
        E::SubjectErased {
            subject: Subject::user(SessionId(id(9))),
            reason: "asked for".to_owned(),
        },
        E::TokenIssued { token: id(7), label: "SIEM".to_owned(), scope: account::Scope::LogRead },
        E::TokenRevoked { token: id(7) },
        E::TokenUsed { token: id(7) },
    ]
}

pub(super) fn nodes() -> Vec<node::Event> {
    use node::Event as E;
    vec![
        E::ServerStarted {
            log: LogId(id(1)),
            build: "0.1.0".to_owned(),
            era: 0,
            log_key: Some(PublicKey([3; 32])),
        },
        E::ServerStopped {},
        E::LogRestored { era: 1, size: 7, checkpoint: None },
    ]
}
