use beckon_events::envelope::{Actor, Cause, Head, Seals};
use beckon_events::{CommandId, LogId, NoKeys, Timestamp, node};
use bytes::Bytes;
use uuid::Uuid;

use super::*;
use crate::clock::Random;
use crate::store::memory::MemoryStore;
use crate::store::{Append, EventStore, Expected, NewEvent};

/// The events of a stream, each on the one before it.
fn chain(stream: &str, count: u64) -> Vec<NewEvent> {
    let (mut head, mut events) = (Head::default(), Vec::new());
    for number in 0..count {
        let cause = Cause {
            log: LogId(Uuid::from_u128(7)),
            command: CommandId(Uuid::new_v5(
                &Uuid::NAMESPACE_OID,
                format!("{stream} {number}").as_bytes(),
            )),
            correlation: Uuid::from_u128(7),
            at: Timestamp::from_micros(1),
            actor: Actor::SYSTEM,
        };
        let seals = Seals { keys: &NoKeys, nonces: &Random::new() };
        let event = node::Event::ServerStopped {};
        let mut built = envelope::build(stream, head, &cause, &[event], seals).unwrap();
        let sealed = built.remove(0);
        head = Head { next: number + 1, leaf: sealed.leaf };
        events.push(NewEvent {
            id: sealed.id,
            metadata: Bytes::from(sealed.metadata),
            data: Bytes::from(sealed.data),
        });
    }
    events
}

/// A store with these events, however they fit.
fn stored(streams: &[(&str, Vec<NewEvent>)]) -> Arc<dyn Readers> {
    let mut store = MemoryStore::new();
    for (stream, events) in streams {
        for (version, event) in (0_u64..).zip(events) {
            let before = version.checked_sub(1);
            let append = Append {
                stream: stream.parse().unwrap(),
                expected: before.map_or(Expected::NoStream, Expected::Exact),
                events: vec![event.clone()],
            };
            assert!(store.append(&[append]).answers[0].is_ok());
        }
    }
    store.readers()
}

fn signed(readers: &Arc<dyn Readers>) -> Arc<Signed> {
    let events = readers.reader().unwrap().read_all(None, 100_000).unwrap();
    let mut tiler = Tiler::default();
    for event in &events {
        tiler.push(event.leaf());
    }
    let position = events.last().unwrap().position;
    Arc::new(Signed { note: String::new(), size: tiler.size(), root: tiler.root(), position })
}

#[test]
fn a_whole_log_is_gone_on_with() {
    let readers = stored(&[("node-0", chain("node-0", 5)), ("node-1", chain("node-1", 3))]);
    let inspection = Inspection::begin(&readers).unwrap();
    assert!(inspection.whole.is_some());
    let signed = signed(&readers);
    assert!(inspection.go_on(Some(signed)).unwrap().blocking_recv().is_err(), "nothing is wrong");
}

#[test]
fn an_event_that_was_altered_left_out_or_moved_is_named() {
    type Spoil = fn(&mut Vec<NewEvent>);
    let spoil: [(&str, u64, Spoil); 4] = [
        ("its body is another one", 2, |events| events[2].data = Bytes::from_static(b"{ }")),
        ("its envelope cannot be read", 2, |events| events[2].metadata = Bytes::from_static(b"{")),
        ("its envelope is that of another event", 1, |events| drop(events.remove(1))),
        ("does not stand on the one before", 3, |events| {
            let at = |event: &NewEvent| String::from_utf8(event.metadata.to_vec()).unwrap();
            let moved = at(&events[2]).replace("1970-01-01T00:00:00", "1970-01-01T00:00:01");
            assert_ne!(moved, at(&events[2]));
            events[2].metadata = Bytes::from(moved);
        }),
    ];
    for (wanted, at, spoil) in spoil {
        let mut events = chain("node-0", 5);
        spoil(&mut events);
        let said = Inspection::begin(&stored(&[("node-0", events)])).err().unwrap().to_string();
        assert!(said.contains(wanted), "{said}");
        assert!(said.contains(&format!("event {at} of node-0")), "{said}");
    }
}

#[test]
fn a_last_event_that_nothing_stands_on_is_held_against_what_was_signed() {
    let readers = stored(&[("node-0", chain("node-0", 5))]);
    let signed = signed(&readers);
    let mut events = chain("node-0", 5);
    let last = String::from_utf8(events[4].metadata.to_vec()).unwrap();
    events[4].metadata = Bytes::from(last.replace("1970-01-01", "1970-01-02"));
    let inspection = Inspection::begin(&stored(&[("node-0", events)])).unwrap();
    let said = inspection.go_on(Some(signed)).unwrap_err();
    assert_eq!(said, Damage::Unsigned { size: 5 });
}

#[test]
fn of_a_large_log_the_end_is_looked_at_first_and_the_rest_by_a_thread() {
    let of = |spoilt: usize| {
        let mut events = chain("node-0", 10_500);
        let text = String::from_utf8(events[spoilt].metadata.to_vec()).unwrap();
        events[spoilt].data = Bytes::from(text);
        stored(&[("node-0", events)])
    };
    assert!(matches!(Inspection::begin(&of(10_000)), Err(Damage::Altered { version: 10_000, .. })));
    let readers = of(100);
    let inspection = Inspection::begin(&readers).unwrap();
    let found = inspection.go_on(Some(signed(&readers))).unwrap().blocking_recv();
    assert!(matches!(found, Ok(Damage::Altered { version: 100, .. })), "{found:?}");
}
