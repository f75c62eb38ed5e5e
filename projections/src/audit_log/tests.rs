use std::collections::BTreeSet;

use beckon_events::{Subject, operator::Role};

use super::*;
use crate::history::{ACCOUNT, ANA, BEN, History, at, created, session};
use crate::samples::{Readable, whole};

/// The events that carry words, and the words of their samples.
const WORDS: &[(&str, &str)] = &[
    ("Created", "Printer\nSecond floor"),
    ("InvitationSent", "ida@example.org"),
    ("Joined", "DESK-7\nida\nDebian 12\n192.0.2.7"),
    ("ApprovalRequested", "Ana Silva"),
    ("AgentRemoved", "beckon-agent\nticket"),
    ("Invited", "A. Silva"),
    ("Registered", "Ana Silva\nana@example.org"),
    ("SignedIn", "192.0.2.9"),
    ("SignInRefused", "192.0.2.8"),
    ("ControlEnrolled", "desk"),
    ("Opened", "Acme"),
    ("Renamed", "Acme & Co"),
    ("JoinThrottled", "198.51.100.1"),
    ("JoinReleased", "198.51.100.1"),
    ("SubjectErased", "Asked"),
    ("TokenIssued", "collector"),
    ("ServerStarted", "0.1.0"),
];

fn row(event: &RecordedEvent) -> AuditRow {
    AuditLog::fold(None, event).unwrap()
}

#[test]
fn every_event_is_a_row_with_its_place_and_who_did_it() {
    let log = whole(Readable::Yes);
    let rows = AuditLog::as_of(&log, u64::MAX);
    assert_eq!(rows.len(), log.len());
    for (event, (position, row)) in log.iter().zip(&rows) {
        let metadata = event.metadata();
        assert_eq!((*position, row.position), (event.position(), event.position()));
        assert_eq!(
            (row.at, row.version, row.actor),
            (metadata.at, metadata.version, metadata.actor)
        );
        assert_eq!((&row.stream, row.kind), (&metadata.stream, metadata.kind.as_str()));
        assert_eq!(row.stream.split('-').next(), Some(row.category));
    }
    let kinds: BTreeSet<_> = rows.values().map(|row| (row.category, row.kind)).collect();
    assert_eq!(kinds, AuditLog::kinds().collect());
}

#[test]
fn no_two_events_share_a_name() {
    let names: BTreeSet<_> = AuditLog::kinds().map(|(_, kind)| kind).collect();
    assert_eq!(names.len(), AuditLog::kinds().count());
    assert_eq!(AuditRow::known_kind("Joined"), Some("Joined"));
    assert_eq!(AuditRow::known_kind("joined"), None);
    assert_eq!(AuditRow::known_category("node"), Some("node"));
    assert_eq!(AuditRow::known_category(""), None);
}

#[test]
fn the_words_of_an_event_are_its_names_addresses_and_texts() {
    let log = whole(Readable::Yes);
    let rows: Vec<_> = log.iter().map(row).collect();
    let words = rows.iter().map(|row| (row.kind, row.words.as_str()));
    assert_eq!(words.filter(|(_, words)| !words.is_empty()).collect::<Vec<_>>(), WORDS);
}

#[test]
fn what_was_erased_is_no_word() {
    let log = whole(Readable::No);
    let words: BTreeSet<_> = log.iter().map(|event| row(event).words).collect();
    let plain = ["", "0.1.0", "Acme", "Acme & Co", "Asked", "Debian 12", "collector"];
    assert_eq!(words, plain.map(str::to_owned).into());
}

#[test]
fn a_row_names_the_session_and_the_operator_that_it_is_about() {
    let by = Actor::operator(BEN);
    let mut history = History::default();
    let viewed = operator::Event::AuditViewed { session: Some(session(7)) };
    let export = |session| account::Event::Exported {
        export: uuid::Uuid::nil(),
        session,
        names: account::Names::None,
    };
    let erased = |subject| account::Event::SubjectErased { subject, reason: "x".to_owned() };
    let role = operator::Event::RoleChanged { role: Role::Admin };
    history
        .add(session(1).0, 0, Actor::USER, created(1, ANA, None))
        .add(session(1).0, 1, by, session::Event::InvitationCancelled {})
        .add(session(1).0, 2, Actor::USER, session::Event::Paused {})
        .add(ANA.0, 3, by, role)
        .add(BEN.0, 4, by, viewed)
        .add(ACCOUNT.0, 5, by, export(Some(session(8))))
        .add(ACCOUNT.0, 6, Actor::SYSTEM, export(None))
        .add(ACCOUNT.0, 7, Actor::SYSTEM, erased(Subject::user(session(9))))
        .add(ACCOUNT.0, 8, Actor::SYSTEM, erased(Subject::operator(ANA)))
        .add(ACCOUNT.0, 9, Actor::SYSTEM, node::Event::ServerStopped {});
    let about: Vec<_> =
        history.log().iter().map(row).map(|row| (row.session, row.operator)).collect();
    let expected = [
        (Some(session(1)), Some(ANA)),
        (Some(session(1)), Some(BEN)),
        (Some(session(1)), None),
        (None, Some(ANA)),
        (Some(session(7)), Some(BEN)),
        (Some(session(8)), Some(BEN)),
        (None, None),
        (Some(session(9)), None),
        (None, Some(ANA)),
        (None, None),
    ];
    assert_eq!(about, expected);
}

#[test]
fn a_row_with_a_name_that_no_event_has_is_not_read() {
    let mut history = History::default();
    history.session(1, 0, created(1, ANA, None));
    let kept = serde_json::to_string(&row(&history.log()[0])).unwrap();
    assert_eq!(serde_json::from_str::<AuditRow>(&kept).unwrap().at, at(0));
    for (from, to) in [("\"Created\"", "\"Made\""), ("\"session\",\"actor\"", "\"x\",\"actor\"")] {
        let other = kept.replace(from, to);
        assert_ne!(other, kept);
        assert!(serde_json::from_str::<AuditRow>(&other).is_err(), "{other}");
    }
}
