use super::*;
use crate::session::{
    AgentKeys, ControlKeys, Device, EndReason, EndedBy, LeftReason, StopReason, Waited,
};
use crate::{
    AccountId, Action, ActionSet, OperatorId, Personal, PublicKey, SessionId, Statement, account,
    node, operator, session,
};

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn cause() -> Cause {
    Cause {
        log: LogId(id(1)),
        command: CommandId(id(2)),
        correlation: id(3),
        at: Timestamp::from_micros(1_795_334_400_000_000),
        actor: Actor::operator(OperatorId(id(4))),
    }
}

fn statement() -> Statement {
    let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
    Statement::sign(b"{}", &pair)
}

fn control() -> ControlKeys {
    ControlKeys { x25519: PublicKey([5; 32]), ed25519: PublicKey([6; 32]) }
}

/// What is missing where view alone is granted.
fn control_only() -> ActionSet {
    ActionSet::EMPTY.with(Action::Control).minus(ActionSet::EMPTY.with(Action::View))
}

/// One of each, a name being erased in some.
fn sessions() -> Vec<session::Event> {
    use session::Event as E;
    let operator = OperatorId(id(4));
    let actions: ActionSet = Action::ALL.into_iter().collect();
    let at = Timestamp::from_micros(7);
    let device = Device {
        host: "DESK-7".into(),
        user: Personal::Erased,
        system: "Debian 12".to_owned(),
        build: "0.1.0".to_owned(),
    };
    vec![
        E::Created {
            session: SessionId(id(9)),
            account: AccountId(id(8)),
            operator,
            name: Some(Personal::Erased),
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
            removed: vec!["agent".into(), Personal::Erased],
            left: vec![],
            statement: statement(),
        },
    ]
}

fn operators() -> Vec<operator::Event> {
    use operator::Event as E;
    vec![
        E::Invited {
            operator: OperatorId(id(4)),
            account: AccountId(id(8)),
            name: "Ana".into(),
            role: operator::Role::Admin,
        },
        E::Registered { name: Personal::Erased, email: "ana@example.org".into() },
        E::RoleChanged { role: operator::Role::Auditor },
        E::PasswordChanged {},
        E::SignedIn { address: "::1".into() },
        E::SignInRefused { address: "::1".into() },
        E::SignedOut {},
        E::ControlEnrolled { control: control(), device: "desk".into() },
        E::ControlRevoked { control: control().ed25519 },
        E::Disabled {},
        E::Enabled {},
    ]
}

fn accounts() -> Vec<account::Event> {
    use account::Event as E;
    vec![
        E::Opened { account: AccountId(id(8)), company: "Acme".to_owned() },
        E::Renamed { company: "Größe & Söhne".to_owned() },
        E::JoinThrottled { source: "192.0.2.0".into(), until: Timestamp::from_micros(-1) },
        E::JoinReleased { source: "192.0.2.0".into() },
    ]
}

fn nodes() -> Vec<node::Event> {
    use node::Event as E;
    vec![E::ServerStarted { log: LogId(id(1)), build: "0.1.0".to_owned() }, E::ServerStopped {}]
}

/// Builds, reads back and compares one event of every name in its category.
fn round_trip<E: DomainEvent + PartialEq + std::fmt::Debug>(
    events: Vec<E>,
    unwrap: impl Fn(RecordedEvent) -> Option<Recorded<E>>,
) {
    let names: Vec<_> = events.iter().map(DomainEvent::name).collect();
    assert_eq!(names, E::NAMES, "one of each, in this order");
    let stream = stream_name(E::CATEGORY, id(9));
    let built = build(&stream, Head::default(), &cause(), &events).unwrap();
    for (index, (stored, event)) in (0u32..).zip(built.iter().zip(&events)) {
        let recorded = unwrap(read(&stored.metadata, &stored.data, 70).unwrap()).unwrap();
        assert_eq!(&recorded.event, event);
        assert_eq!(recorded.position, 70);
        let metadata = &recorded.metadata;
        assert_eq!((metadata.kind.as_str(), metadata.schema), (event.name(), 1));
        assert_eq!((metadata.version, &metadata.stream), (u64::from(index), &stream));
        assert_eq!((metadata.id, stored.id), (stored.id, cause().command.event(index)));
        assert_eq!((metadata.at, metadata.actor), (cause().at, cause().actor));
    }
}

#[test]
fn every_event_of_a_session_reads_back_as_it_was_built() {
    round_trip(sessions(), |read| match read {
        RecordedEvent::Session(recorded) => Some(recorded),
        RecordedEvent::Operator(_) | RecordedEvent::Account(_) | RecordedEvent::Node(_) => None,
    });
}

#[test]
fn every_event_of_an_operator_reads_back_as_it_was_built() {
    round_trip(operators(), |read| match read {
        RecordedEvent::Operator(recorded) => Some(recorded),
        RecordedEvent::Session(_) | RecordedEvent::Account(_) | RecordedEvent::Node(_) => None,
    });
}

#[test]
fn every_event_of_the_account_reads_back_as_it_was_built() {
    round_trip(accounts(), |read| match read {
        RecordedEvent::Account(recorded) => Some(recorded),
        RecordedEvent::Session(_) | RecordedEvent::Operator(_) | RecordedEvent::Node(_) => None,
    });
}

#[test]
fn every_event_of_a_node_reads_back_as_it_was_built() {
    round_trip(nodes(), |read| match read {
        RecordedEvent::Node(recorded) => Some(recorded),
        RecordedEvent::Session(_) | RecordedEvent::Operator(_) | RecordedEvent::Account(_) => None,
    });
}

#[test]
fn each_event_stands_on_the_leaf_of_the_one_before_it() {
    let built = build("session-x", Head::default(), &cause(), &sessions()).unwrap();
    let mut prev = Digest::ZERO;
    for stored in &built {
        let metadata: Metadata = serde_json::from_slice(&stored.metadata).unwrap();
        assert_eq!(metadata.prev, prev);
        assert_eq!(metadata.body, Digest::of(&stored.data));
        assert_eq!(stored.leaf, Digest::of(&[&[0], stored.metadata.as_slice()].concat()));
        prev = stored.leaf;
    }
    let head = Head { next: 24, leaf: prev };
    let next = build("session-x", head, &cause(), &sessions()[..1]).unwrap().remove(0);
    let metadata: Metadata = serde_json::from_slice(&next.metadata).unwrap();
    assert_eq!((metadata.version, metadata.prev), (24, prev));
}

#[test]
fn building_twice_gives_the_same_bytes() {
    let build = || build("session-x", Head::default(), &cause(), &sessions()).unwrap();
    assert_eq!(build(), build());
}

#[test]
fn metadata_and_data_have_these_bytes() {
    let [started, stopped] = nodes().try_into().unwrap();
    let built = build("node-0", Head::default(), &cause(), &[started, stopped]).unwrap();
    assert_eq!(
        std::str::from_utf8(&built[0].data).unwrap(),
        r#"{"log":"00000000-0000-0000-0000-000000000001","build":"0.1.0"}"#,
        "its keys stand in the order of the fields"
    );
    assert_eq!(built[1].data, b"{}");
    assert_eq!(std::str::from_utf8(&built[1].metadata).unwrap(), GOLDEN);
}

/// Computed once by another program.
const GOLDEN: &str = concat!(
    r#"{"v":0,"id":"a7157d8b-b135-5655-bb8b-102913a40137","#,
    r#""log":"00000000-0000-0000-0000-000000000001","#,
    r#""stream":"node-0","version":1,"type":"ServerStopped","schema":1,"#,
    r#""at":"2026-11-22T08:00:00.000000Z","actor":{"kind":"operator","id":"00000000-0000-0000-0000-000000000004"},"#,
    r#""$causationId":"00000000-0000-0000-0000-000000000002","#,
    r#""$correlationId":"00000000-0000-0000-0000-000000000003","#,
    r#""body":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","#,
    r#""prev":"9675ec061ea59c9827a52ddb64c8aa78639039f872835c8a1ebbd28ef9979fea","sealed":[]}"#,
);

#[test]
fn what_was_erased_stays_erased() {
    let created = &sessions()[..1];
    let stored = build("session-x", Head::default(), &cause(), created).unwrap().remove(0);
    assert!(String::from_utf8_lossy(&stored.data).contains(r#""name":{"$s":""#));
    let RecordedEvent::Session(read) = read(&stored.metadata, &stored.data, 0).unwrap() else {
        panic!("it is of a session")
    };
    let session::Event::Created { name, note, .. } = read.event else { panic!("it is Created") };
    assert_eq!((name, note), (Some(Personal::Erased), None));
}

#[test]
fn an_event_or_an_envelope_that_is_too_large_is_refused_by_name() {
    let opened = |company| account::Event::Opened { account: AccountId(id(8)), company };
    let build = |stream: &str, event| build(stream, Head::default(), &cause(), &[event]);
    let empty = build("account-x", opened(String::new())).unwrap()[0].data.len();
    assert!(build("account-x", opened("x".repeat(DATA_MAX - empty))).is_ok());
    let refused = build("account-x", opened("x".repeat(DATA_MAX - empty + 1)));
    assert!(matches!(refused, Err(EnvelopeError::TooLarge("Opened"))), "{refused:?}");
    let refused = build(&"x".repeat(METADATA_MAX), opened(String::new()));
    assert!(matches!(refused, Err(EnvelopeError::TooLarge("Opened"))), "{refused:?}");
}

/// The error of reading a stored `ServerStopped` whose metadata has been changed.
fn changed(from: &str, to: &str) -> String {
    let stored = build("node-0", Head::default(), &cause(), &nodes()[1..]).unwrap().remove(0);
    let metadata = String::from_utf8(stored.metadata).unwrap();
    assert!(metadata.contains(from), "{metadata}");
    let metadata = metadata.replace(from, to);
    read(metadata.as_bytes(), &stored.data, 0).unwrap_err().to_string()
}

#[test]
fn another_version_an_unknown_event_and_an_unknown_stream_are_refused_by_name() {
    assert_eq!(
        changed(r#""v":0"#, r#""v":7"#),
        "the envelope has version 7, this program reads version 0"
    );
    assert_eq!(
        changed("ServerStopped", "ServerMelted"),
        "the event ServerMelted of the stream node-0 is unknown to this program"
    );
    assert_eq!(
        changed("node-0", "nodes-0"),
        "the event ServerStopped of the stream nodes-0 is unknown to this program"
    );
    assert_eq!(
        changed("node-0", "session-0"),
        "the event ServerStopped of the stream session-0 is unknown to this program",
        "an event of another kind of stream"
    );
}

#[test]
fn bytes_that_are_no_envelope_or_not_the_data_that_it_names_are_refused() {
    for bytes in ["", "{}", "null", "\u{0}", r#"{"v":0}"#] {
        let refused = read(bytes.as_bytes(), b"{}", 0);
        assert!(matches!(refused, Err(EnvelopeError::Metadata(_))), "{bytes}: {refused:?}");
    }
    let stored = build("node-0", Head::default(), &cause(), &nodes()[..1]).unwrap().remove(0);
    for data in ["", "{}", "null", r#"{"log":1,"build":""}"#, r#"{"log":"#] {
        let refused = read(&stored.metadata, data.as_bytes(), 0).unwrap_err().to_string();
        assert!(refused.starts_with("the data of ServerStarted cannot be read: "), "{refused}");
    }
}

#[test]
fn a_field_that_this_program_does_not_know_is_no_obstacle() {
    let stored = build("node-0", Head::default(), &cause(), &nodes()[1..]).unwrap().remove(0);
    assert!(read(&stored.metadata, br#"{"later":{"a":[1]}}"#, 0).is_ok());
}

/// What docs/events.md says below `### name`, within `## category`.
fn described(category: &str, name: &str) -> &'static str {
    let document = include_str!("../../../docs/events.md");
    let section = |text: &'static str, heading: &str, next: &str| {
        let (_, rest) = text.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| {
            panic!("docs/events.md has no {heading:?} for {category}");
        });
        rest.split(next).next().unwrap_or_default()
    };
    let stream = section(document, &format!("## {category}"), "\n## ");
    section(stream, &format!("### {name}"), "\n### ")
}

fn fields_are_described<E: DomainEvent>(events: &[E]) {
    for event in events {
        let fields: serde_json::Value = serde_json::from_slice(&body(event).unwrap()).unwrap();
        let text = described(E::CATEGORY, event.name());
        let fields = fields.as_object().unwrap();
        for field in fields.keys() {
            assert!(text.contains(&format!("\n| `{field}` |")), "{}: {field}", event.name());
        }
        let rows = text.matches("\n| `").count();
        assert_eq!(rows, fields.len(), "{} has other fields", event.name());
        assert_eq!(fields.is_empty(), text.contains("No fields."), "{}", event.name());
    }
}

#[test]
fn every_field_of_every_event_is_described_and_no_other() {
    fields_are_described(&sessions());
    fields_are_described(&operators());
    fields_are_described(&accounts());
    fields_are_described(&nodes());
}
