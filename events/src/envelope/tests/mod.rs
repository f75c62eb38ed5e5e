//! What is built reads back, and what was changed does not.

mod golden;
mod samples;

use samples::{Keyring, SESSION, accounts, build, cause, id, nodes, operators, read, sessions};
use serde_json::Value;

use super::{
    DATA_MAX, EnvelopeError, Head, METADATA_MAX, Metadata, Seals, body, metadata, stream_name,
    subjects,
};
use crate::{
    AccountId, Digest, DomainEvent, Keys, LogId, NoKeys, OperatorId, Personal, Recorded,
    RecordedEvent, SessionId, Subject, SubjectKey, account, node, session,
};

/// Builds, reads back and compares one event of every name in its category.
fn round_trip<E: DomainEvent + PartialEq + std::fmt::Debug>(
    events: Vec<E>,
    unwrap: impl Fn(RecordedEvent) -> Option<Recorded<E>>,
) {
    let names: Vec<_> = events.iter().map(DomainEvent::name).collect();
    assert_eq!(names, E::NAMES, "one of each, in this order");
    let stream = stream_name(E::CATEGORY, id(9));
    let built = build(&stream, Head::default(), &events).unwrap();
    for (index, (stored, event)) in (0u32..).zip(built.iter().zip(&events)) {
        let recorded = unwrap(read(&stored.metadata, &stored.data, 70).unwrap()).unwrap();
        assert_eq!(&recorded.event, event);
        assert_eq!(recorded.position, 70);
        let metadata = &recorded.metadata;
        assert_eq!(metadata.kind, event.name());
        assert_eq!(metadata.schema, E::schema(event.name()));
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
    let built = build(SESSION, Head::default(), &sessions()).unwrap();
    let mut prev = Digest::ZERO;
    for stored in &built {
        let metadata: Metadata = serde_json::from_slice(&stored.metadata).unwrap();
        assert_eq!(metadata.prev, prev);
        assert_eq!(metadata.body, Digest::of(&stored.data));
        assert_eq!(stored.leaf, Digest::of(&[&[0], stored.metadata.as_slice()].concat()));
        prev = stored.leaf;
    }
    let head = Head { next: 25, leaf: prev };
    let next = build(SESSION, head, &sessions()[..1]).unwrap().remove(0);
    let metadata: Metadata = serde_json::from_slice(&next.metadata).unwrap();
    assert_eq!((metadata.version, metadata.prev), (25, prev));
}

#[test]
fn building_twice_gives_the_same_bytes() {
    let build = || build(SESSION, Head::default(), &sessions()).unwrap();
    assert_eq!(build(), build());
}

#[test]
fn metadata_and_data_have_these_bytes() {
    let built = build("node-0", Head::default(), &nodes()[..2]).unwrap();
    assert_eq!(
        std::str::from_utf8(&built[0].data).unwrap(),
        concat!(
            r#"{"build":"0.1.0","era":0,"log":"00000000-0000-0000-0000-000000000001","#,
            r#""log_key":"0303030303030303030303030303030303030303030303030303030303030303"}"#
        ),
        "its keys stand in the order of their bytes"
    );
    assert_eq!(built[1].data, b"{}");
    assert_eq!(std::str::from_utf8(&built[1].metadata).unwrap(), GOLDEN);
}

/// Computed once by another program.
const GOLDEN: &str = concat!(
    r#"{"v":1,"id":"a7157d8b-b135-5655-bb8b-102913a40137","#,
    r#""log":"00000000-0000-0000-0000-000000000001","#,
    r#""stream":"node-0","version":1,"type":"ServerStopped","schema":1,"#,
    r#""at":"2026-11-22T08:00:00.000000Z","actor":{"kind":"operator","id":"00000000-0000-0000-0000-000000000004"},"#,
    r#""$causationId":"00000000-0000-0000-0000-000000000002","#,
    r#""$correlationId":"00000000-0000-0000-0000-000000000003","#,
    r#""body":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","#,
    r#""prev":"6d7e061750ada47d387fdbe92e91adb97b76730ebf7e15b54a6fb588f2d9f293","sealed":[]}"#,
);

#[test]
fn a_personal_value_is_sealed_for_its_place_and_its_subject() {
    let stored = build(SESSION, Head::default(), &sessions()[..1]).unwrap().remove(0);
    assert!(!String::from_utf8_lossy(&stored.data).contains("Ida"));
    let metadata = metadata(&stored.metadata).unwrap();
    assert_eq!(metadata.sealed, ["/name"]);
    let data: Value = serde_json::from_slice(&stored.data).unwrap();
    assert_eq!(crate::sealed_pointers(&data), metadata.sealed);
    let field = crate::SealedField::of(&data["name"]).unwrap();
    assert_eq!(field.subject, Subject::user(SessionId(id(9))));
    let key = SubjectKey::new([7; 32]);
    assert_eq!(field.open_at(&key, SESSION, 0, "/name"), Some("Ida".into()));
    assert_eq!(field.open_at(&key, SESSION, 1, "/name"), None, "at another version");
    assert_eq!(field.open_at(&key, SESSION, 0, "/note"), None, "in another field");
    assert_eq!(field.open_at(&key, "session-y", 0, "/name"), None, "in another stream");
    assert_eq!(field.open_at(&SubjectKey::new([8; 32]), SESSION, 0, "/name"), None);
}

#[test]
fn what_cannot_be_opened_reads_as_erased_and_what_was_changed_is_refused() {
    let stored = build(SESSION, Head::default(), &sessions()[..1]).unwrap().remove(0);
    let read_with = |keys: &dyn Keys, data: &[u8]| super::read(&stored.metadata, data, 0, keys);
    let RecordedEvent::Session(read) = read_with(&NoKeys, &stored.data).unwrap() else {
        panic!("it is of a session")
    };
    let session::Event::Created { name, note, .. } = read.event else { panic!("it is Created") };
    assert_eq!((name, note), (Some(Personal::Erased), None));
    let moved = String::from_utf8(stored.data.clone()).unwrap().replace("AQEB", "AQEC");
    assert_ne!(moved.as_bytes(), stored.data);
    let refused = read_with(&Keyring::new(), moved.as_bytes());
    assert!(matches!(refused, Err(EnvelopeError::Sealed(_))), "{refused:?}");
    let plain = br#"{"name":"Mallory"}"#;
    assert!(matches!(read_with(&NoKeys, plain), Err(EnvelopeError::Sealed(_))));
}

#[test]
fn the_name_of_an_operator_belongs_to_the_operator_also_in_a_session() {
    let subjects = subjects(SESSION, &sessions()).unwrap();
    let user = Subject::user(SessionId(id(9)));
    assert_eq!(subjects, [user, Subject::operator(OperatorId(id(4)))]);
    let throttled = &accounts()[2..3];
    assert_eq!(super::subjects("account-x", throttled).unwrap(), [Subject::address(id(5))]);
}

#[test]
fn nothing_personal_is_recorded_without_a_key() {
    let seals = Seals { keys: &NoKeys, nonces: &Keyring::new() };
    let refused = super::build(SESSION, Head::default(), &cause(), &sessions()[..1], seals);
    assert!(matches!(refused, Err(EnvelopeError::NoKey(_))), "{refused:?}");
}

#[test]
fn an_older_schema_is_read_in_the_shape_of_today_and_a_newer_one_is_refused_by_name() {
    let golden = include_str!("../../../golden/node/ServerStarted.1.json");
    let mut lines = golden.lines();
    let (metadata, data) = (lines.next().unwrap(), lines.next().unwrap());
    let RecordedEvent::Node(read) = read(metadata.as_bytes(), data.as_bytes(), 0).unwrap() else {
        panic!("it is of a node")
    };
    let log = LogId(id(1));
    let build = "0.1.0".to_owned();
    assert_eq!(read.event, node::Event::ServerStarted { log, build, era: 0, log_key: None });
    assert_eq!(read.metadata.schema, 1, "the stored bytes are the truth");
    assert_eq!(
        changed(r#""schema":1"#, r#""schema":9"#),
        "the event ServerStopped has schema 9, which this program does not know: use a newer program"
    );
}

#[test]
fn an_event_or_an_envelope_that_is_too_large_is_refused_by_name() {
    let opened = |company| account::Event::Opened { account: AccountId(id(8)), company };
    let build = |stream: &str, event| build(stream, Head::default(), &[event]);
    let empty = build("account-x", opened(String::new())).unwrap()[0].data.len();
    assert!(build("account-x", opened("x".repeat(DATA_MAX - empty))).is_ok());
    let refused = build("account-x", opened("x".repeat(DATA_MAX - empty + 1)));
    assert!(matches!(refused, Err(EnvelopeError::TooLarge("Opened"))), "{refused:?}");
    let refused = build(&"x".repeat(METADATA_MAX), opened(String::new()));
    assert!(matches!(refused, Err(EnvelopeError::TooLarge("Opened"))), "{refused:?}");
}

/// The error of reading a stored `ServerStopped` whose metadata has been changed.
fn changed(from: &str, to: &str) -> String {
    let stored = build("node-0", Head::default(), &nodes()[1..2]).unwrap().remove(0);
    let metadata = String::from_utf8(stored.metadata).unwrap();
    assert!(metadata.contains(from), "{metadata}");
    let metadata = metadata.replace(from, to);
    read(metadata.as_bytes(), &stored.data, 0).unwrap_err().to_string()
}

#[test]
fn another_version_an_unknown_event_and_an_unknown_stream_are_refused_by_name() {
    assert_eq!(
        changed(r#""v":1"#, r#""v":7"#),
        "the envelope has version 7, this program reads version 1: use a newer program"
    );
    assert_eq!(
        changed(r#""v":1"#, r#""v":0"#),
        "the event was written by a development build (envelope version 0), before the format of \
         the log was frozen: start with an empty data folder, or keep the old program for this log"
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
    for bytes in ["", "{}", "null", "\u{0}", r#"{"v":1}"#] {
        let refused = read(bytes.as_bytes(), b"{}", 0);
        assert!(matches!(refused, Err(EnvelopeError::Metadata(_))), "{bytes}: {refused:?}");
    }
    let stored = build("node-0", Head::default(), &nodes()[..1]).unwrap().remove(0);
    for data in ["", "{}", "null", r#"{"log":1,"build":""}"#, r#"{"log":"#] {
        let refused = read(&stored.metadata, data.as_bytes(), 0).unwrap_err().to_string();
        assert!(refused.starts_with("the data of ServerStarted cannot be read: "), "{refused}");
    }
}

#[test]
fn a_field_that_this_program_does_not_know_is_no_obstacle() {
    let stored = build("node-0", Head::default(), &nodes()[1..2]).unwrap().remove(0);
    assert!(read(&stored.metadata, br#"{"later":{"a":[1]}}"#, 0).is_ok());
}

/// What docs/events.md says below `### name`, within `## category`.
fn described(category: &str, name: &str) -> &'static str {
    let document = include_str!("../../../../docs/events.md");
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
        let fields = body(event).unwrap();
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
