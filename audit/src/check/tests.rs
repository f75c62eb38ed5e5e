use std::time::Duration;

use beckon_events::envelope::{Actor, Cause, build, stream_name};
use beckon_events::session::{AgentKeys, Device, EndReason, EndedBy, Event, Fact, Said};
use beckon_events::{
    AccountId, Action, CommandId, Digest, DomainEvent, LogId, OperatorId, SessionId, Statement,
    Timestamp, account,
};
use ring::signature::Ed25519KeyPair;
use uuid::Uuid;

use super::*;

fn created() -> Event {
    Event::Created {
        session: SessionId(Uuid::from_u128(1)),
        account: AccountId(Uuid::from_u128(2)),
        operator: OperatorId(Uuid::from_u128(3)),
        name: None,
        note: None,
        code: Digest::ZERO,
        token: Digest::ZERO,
        expires: Timestamp::from_micros(10),
    }
}

fn cause(at: u64) -> Cause {
    Cause {
        log: LogId(Uuid::from_u128(9)),
        command: CommandId(Uuid::from_u128(u128::from(at))),
        correlation: Uuid::nil(),
        at: Timestamp::default().plus(Duration::from_micros(at)),
        actor: Actor::SYSTEM,
    }
}

fn stored<E: DomainEvent>(stream: &str, head: Head, position: u64, event: E) -> Stored {
    let sealed = build(stream, head, &cause(position), &[event]).unwrap().remove(0);
    let stream = stream.to_owned();
    Stored { position, stream, version: head.next, metadata: sealed.metadata, data: sealed.data }
}

fn after(stored: &Stored) -> Head {
    Head { next: stored.version + 1, leaf: envelope::leaf(&stored.metadata) }
}

fn log() -> Vec<Stored> {
    let stream = stream_name("session", Uuid::from_u128(1));
    let opened =
        account::Event::Opened { account: AccountId(Uuid::from_u128(2)), company: "Acme".into() };
    let first = stored(&stream_name("account", Uuid::from_u128(2)), Head::default(), 1, opened);
    let second = stored(&stream, Head::default(), 2, created());
    let sent = Event::InvitationSent { to: "user@example.org".into() };
    let third = stored(&stream, after(&second), 3, sent);
    let fourth = stored(&stream, after(&third), 4, Event::InvitationCancelled {});
    vec![first, second, third, fourth]
}

fn wrong(events: Vec<Stored>) -> (u64, &'static str) {
    let wrong = check(events).wrong.expect("something is wrong");
    (wrong.position, wrong.what)
}

#[test]
fn a_log_as_it_was_written_is_right() {
    let found = check(log());
    assert_eq!(found, Findings { right: 4, streams: 2, wrong: None });
    assert!(found.to_string().starts_with("4 events in 2 streams: every hash"));
}

#[test]
fn every_changed_byte_is_found_where_it_stands_or_at_the_event_after_it() {
    let log = log();
    for (index, event) in log.iter().enumerate() {
        for at in 0..event.data.len() {
            let mut changed = log.clone();
            changed[index].data[at] ^= 1;
            assert_eq!(wrong(changed).0, event.position, "data byte {at}");
        }
        // The envelope of the last event of a stream is covered by nothing yet but its own shape:
        // that is what checkpoints will be for.
        let followed = log.iter().any(|e| e.stream == event.stream && e.version > event.version);
        for at in 0..event.metadata.len() {
            let mut changed = log.clone();
            changed[index].metadata[at] ^= 1;
            let found = check(changed).wrong.map(|wrong| wrong.position);
            assert!(found.is_some() || !followed, "metadata byte {at} of {}", event.position);
        }
    }
}

#[test]
fn a_missing_a_doubled_and_a_swapped_event_are_found() {
    let mut missing = log();
    missing.remove(2);
    assert_eq!(wrong(missing), (4, "an event before it is missing"));
    let mut doubled = log();
    doubled.insert(2, doubled[1].clone());
    assert_eq!(wrong(doubled).0, 2);
    let mut swapped = log();
    swapped.swap(2, 3);
    assert_eq!(wrong(swapped), (4, "an event before it is missing"));
}

#[test]
fn an_action_that_nobody_allowed_is_found() {
    let mut log = log();
    log.truncate(2);
    let started = Event::ActionStarted { action: Action::View };
    log.push(stored(&log[1].stream.clone(), after(&log[1]), 3, started));
    assert_eq!(wrong(log), (3, "an action was used that nobody had allowed"));
}

#[test]
fn whatever_follows_the_end_is_found() {
    let mut log = log();
    let again = Event::InvitationSent { to: "user@example.org".into() };
    log.push(stored(&log[3].stream.clone(), after(&log[3]), 5, again));
    assert_eq!(wrong(log), (5, "it happened after the end of its session"));
}

#[test]
fn what_the_agent_did_not_sign_so_is_found() {
    let pair = |seed| Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
    let public = |seed| Statement::sign(b"", &pair(seed)).key();
    let session = SessionId(Uuid::from_u128(1));
    let joined = Event::Joined {
        agent: AgentKeys { x25519: public(1), ed25519: public(1) },
        device: Device {
            host: "pc".into(),
            user: "otto".into(),
            system: "Linux".into(),
            build: "1".into(),
        },
        address: "::1".into(),
        wait_until: Timestamp::from_micros(100),
    };
    let removed = |said: u32, by| Event::AgentRemoved {
        removed: vec!["/tmp/a".into()],
        left: vec![],
        statement: Said::new(session, Fact::Removed { removed: said, left: 0 }).sign(&pair(by)),
    };
    let (by, why) = (EndedBy::Portal, EndReason::Asked);
    let ended = Event::Ended { by, why, statement: None, suppressed: 0 };
    for (event, expected) in [
        (removed(1, 1), None),
        (removed(2, 1), Some("it says something else than the agent signed")),
        (removed(1, 2), Some("it is not signed by the agent that joined")),
    ] {
        let mut log = log();
        log.truncate(2);
        let stream = log[1].stream.clone();
        for (position, event) in [(3, joined.clone()), (4, ended.clone()), (5, event)] {
            let head = after(log.last().unwrap());
            log.push(stored(&stream, head, position, event));
        }
        assert_eq!(check(log).wrong.map(|wrong| wrong.what), expected);
    }
}
