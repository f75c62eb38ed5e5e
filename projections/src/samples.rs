//! Every event once, for tests.

use beckon_events::account::{self, Names, Scope};
use beckon_events::envelope::Actor;
use beckon_events::operator::{self, List, Role};
use beckon_events::session::{
    self, AgentKeys, Copied, Device, Direction, EndReason, EndedBy, Endpoint, LeftReason,
    StopReason, Waited,
};
use beckon_events::{
    Action, Committed, Digest, OperatorId, Personal, PublicKey, RecordedEvent, Salt, SessionId,
    Subject, node,
};
use uuid::Uuid;

use crate::history::{
    ACCOUNT, ANA, History, LOG, approved, asked, at, keys, session, set, statement,
};

/// Whether the personal values of the samples can still be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readable {
    Yes,
    No,
}

impl Readable {
    fn text(self, text: &str) -> Personal<String> {
        match self {
            Self::Yes => text.into(),
            Self::No => Personal::Erased,
        }
    }

    fn thing(self, name: &str) -> Personal<Committed> {
        match self {
            Self::Yes => Committed { salt: Salt([1; 16]), value: name.to_owned() }.into(),
            Self::No => Personal::Erased,
        }
    }
}

/// What to add to a log.
#[derive(Clone, Debug)]
pub(crate) enum Sample {
    Session(session::Event),
    Operator(operator::Event),
    Account(account::Event),
    Node(node::Event),
}

/// Every event once: session events are of `of`, operator events of `operator`.
pub(crate) fn every(readable: Readable, of: SessionId, operator: OperatorId) -> Vec<Sample> {
    let sessions = session_events(readable, of, operator).into_iter().map(Sample::Session);
    let operators = operator_events(readable, of, operator).into_iter().map(Sample::Operator);
    let accounts = account_events(readable, of, operator).into_iter().map(Sample::Account);
    let nodes = node_events().into_iter().map(Sample::Node);
    sessions.chain(operators).chain(accounts).chain(nodes).collect()
}

/// A log of these, one a second, of session `of` and of `operator`.
pub(crate) fn log(
    samples: impl IntoIterator<Item = (SessionId, OperatorId, Sample)>,
) -> Vec<RecordedEvent> {
    let mut history = History::default();
    for (second, (of, operator, sample)) in (0..).zip(samples) {
        let by = Actor::operator(operator);
        match sample {
            Sample::Session(event) => history.add(of.0, second, Actor::SYSTEM, event),
            Sample::Operator(event) => history.add(operator.0, second, by, event),
            Sample::Account(event) => history.add(ACCOUNT.0, second, by, event),
            Sample::Node(event) => history.add(Uuid::nil(), second, Actor::SYSTEM, event),
        };
    }
    history.log().to_vec()
}

/// A log of every event once, of session 1 and of Ana.
pub(crate) fn whole(readable: Readable) -> Vec<RecordedEvent> {
    log(every(readable, session(1), ANA).into_iter().map(|sample| (session(1), ANA, sample)))
}

fn session_events(
    readable: Readable,
    session: SessionId,
    operator: OperatorId,
) -> Vec<session::Event> {
    use session::Event;
    let (damped_until, statement) = (None, statement());
    let operator_name = readable.text("Ana Silva");
    let both = [Action::View, Action::Control];
    let Event::ApprovalRequested { request, control, actions, continues, lapses, damped, .. } =
        asked(1, &both, 62)
    else {
        return Vec::new();
    };
    vec![
        Event::Created {
            session,
            account: ACCOUNT,
            operator,
            name: Some(readable.text("Printer")),
            note: Some(readable.text("Second floor")),
            code: Digest([1; 32]),
            token: Digest([2; 32]),
            expires: at(7_200),
        },
        Event::InvitationSent { to: readable.text("ida@example.org") },
        Event::Joined {
            agent: AgentKeys { x25519: PublicKey([3; 32]), ed25519: PublicKey([4; 32]) },
            device: Device {
                host: readable.text("DESK-7"),
                user: readable.text("ida"),
                system: "Debian 12".to_owned(),
                build: "0.1.0".to_owned(),
            },
            address: readable.text("192.0.2.7"),
            wait_until: at(9_000),
        },
        Event::ApprovalRequested {
            request,
            operator,
            operator_name,
            control,
            actions,
            continues,
            lapses,
            damped,
        },
        Event::ApprovalCancelled { request },
        Event::Rejected { request, damped_until },
        Event::ApprovalLapsed { request, damped_until },
        approved(1, &both),
        Event::OperatorConnected { operator, control: control.ed25519 },
        Event::ActionStarted { action: Action::View },
        Event::ActionStopped { action: Action::View, why: StopReason::Operator },
        Event::ClipboardShared { direction: Direction::ToUser, kind: Copied::Text, bytes: 312 },
        Event::ExtensionRequested { actions: set(&[Action::Chat]) },
        Event::GrantExtended {
            n: 2,
            actions: set(&[Action::View, Action::Control, Action::Chat]),
            until: at(36_000),
            statement: statement.clone(),
        },
        Event::ExtensionRefused { actions: set(&[Action::Files]) },
        Event::GrantWithdrawn {
            n: 3,
            withdrawn: set(&[Action::Chat]),
            actions: set(&both),
            statement: statement.clone(),
        },
        Event::Paused {},
        Event::Continued {},
        Event::AgentLost { until: at(400) },
        Event::AgentResumed {},
        Event::OperatorLeft { operator, why: LeftReason::Left, continue_until: at(500) },
        Event::Ended {
            by: EndedBy::User,
            why: EndReason::Asked,
            statement: Some(statement.clone()),
            suppressed: 0,
        },
        Event::AgentRemoved {
            removed: vec![readable.thing("beckon-agent")],
            left: vec![readable.thing("ticket")],
            statement: statement.clone(),
        },
        Event::HeadSigned { by: Endpoint::Agent, version: 20, leaf: Digest([6; 32]), statement },
        Event::Expired { what: Waited::Wait },
        Event::InvitationCancelled {},
    ]
}

fn operator_events(
    readable: Readable,
    session: SessionId,
    operator: OperatorId,
) -> Vec<operator::Event> {
    use operator::Event;
    vec![
        Event::Invited {
            operator,
            account: ACCOUNT,
            name: readable.text("A. Silva"),
            role: Role::Operator,
        },
        Event::Registered {
            name: readable.text("Ana Silva"),
            email: readable.text("ana@example.org"),
        },
        Event::RoleChanged { role: Role::Auditor },
        Event::PasswordChanged {},
        Event::SignedIn { address: readable.text("192.0.2.9") },
        Event::SignInRefused { address: readable.text("192.0.2.8") },
        Event::SignedOut {},
        Event::ControlEnrolled { control: keys(5), device: readable.text("desk") },
        Event::ControlRevoked { control: keys(6).ed25519 },
        Event::Disabled {},
        Event::Enabled {},
        Event::AuditViewed { session: Some(session) },
        Event::ListExported { list: List::AuditLog, rows: 12 },
    ]
}

fn account_events(
    readable: Readable,
    session: SessionId,
    operator: OperatorId,
) -> Vec<account::Event> {
    use account::Event;
    let (address, token) = (Uuid::from_u128(0xE0), Uuid::from_u128(0xF0));
    vec![
        Event::Opened { account: ACCOUNT, company: "Acme".to_owned() },
        Event::Renamed { company: "Acme & Co".to_owned() },
        Event::JoinThrottled { address, source: readable.text("198.51.100.1"), until: at(900) },
        Event::JoinReleased { address, source: readable.text("198.51.100.1") },
        Event::Exported {
            export: Uuid::from_u128(0xD0),
            session: Some(session),
            names: Names::Some(vec![Subject::user(session)]),
        },
        Event::SubjectErased { subject: Subject::operator(operator), reason: "Asked".to_owned() },
        Event::TokenIssued { token, label: "collector".to_owned(), scope: Scope::LogRead },
        Event::TokenUsed { token },
        Event::TokenRevoked { token },
    ]
}

fn node_events() -> Vec<node::Event> {
    use node::Event;
    vec![
        Event::ServerStarted { log: LOG, build: "0.1.0".to_owned(), era: 0, log_key: None },
        Event::ServerStopped {},
        Event::LogRestored { era: 1, size: 1_204, checkpoint: None },
    ]
}
