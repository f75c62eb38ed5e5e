//! What a cluster goes through: no acknowledged event is lost, and none is stored twice.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use beckon_server::store::Expected::{Exact, NoStream};
use beckon_server::store::writer::{self, WriterHandle};
use beckon_server::store::{AppendError, EventReader, EventStore};
use beckon_tests::clock::Deadline;

use super::cluster::Cluster;
use crate::contract::ground::{append, labels, stream};

const WRITERS: usize = 4;

/// What the writers have seen.
#[derive(Default)]
struct Seen {
    stop: AtomicBool,
    confirmed: Mutex<Vec<String>>,
    refused: AtomicU64,
    progress: [AtomicU64; WRITERS],
}

impl Seen {
    /// Waits until every writer has had a few more confirmed.
    fn goes_on(&self) {
        let then: Vec<_> = self.progress.iter().map(|p| p.load(Ordering::SeqCst)).collect();
        let end = Deadline::after(Duration::from_secs(30));
        while self.progress.iter().zip(&then).any(|(p, then)| p.load(Ordering::SeqCst) < then + 5) {
            assert!(!end.passed(), "nothing is stored any more");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Fills its own stream, as an aggregate does: after a doubt it reads what is there.
fn write(number: usize, writer: &WriterHandle, reader: &dyn EventReader, seen: &Seen) {
    let name = format!("session-{number}");
    let mut version = 0_u64;
    while !seen.stop.load(Ordering::SeqCst) {
        let expected = version.checked_sub(1).map_or(NoStream, Exact);
        let label = format!("{number}/{version}");
        let asked = append(&name, expected, &[&label]);
        match writer.append(asked).blocking_recv().unwrap() {
            Ok(appended) => {
                assert_eq!(appended.version, version);
                seen.confirmed.lock().unwrap().push(label);
                seen.progress[number].fetch_add(1, Ordering::SeqCst);
                version += 1;
            }
            Err(AppendError::Unavailable(_)) => {
                seen.refused.fetch_add(1, Ordering::SeqCst);
                version = loop {
                    match reader.head(&stream(&name)) {
                        Ok(head) => break head.map_or(0, |head| head.version + 1),
                        Err(_) if seen.stop.load(Ordering::SeqCst) => return,
                        Err(_) => thread::sleep(Duration::from_millis(50)),
                    }
                };
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// Several write while `trouble` goes on. How often somebody was told that nothing is recorded.
fn endure(nodes: &mut Cluster, trouble: impl FnOnce(&mut Cluster, &Seen)) -> u64 {
    let store = nodes.store();
    let readers = store.readers();
    let (writer, _ended) = writer::spawn(Box::new(store), Box::new(|_| {})).unwrap();
    let seen = Seen::default();
    thread::scope(|scope| {
        for number in 0..WRITERS {
            let (writer, reader, seen) = (writer.clone(), readers.reader().unwrap(), &seen);
            scope.spawn(move || write(number, &writer, &*reader, seen));
        }
        let troubled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            seen.goes_on();
            trouble(nodes, &seen);
            seen.goes_on();
        }));
        seen.stop.store(true, Ordering::SeqCst);
        troubled.unwrap();
    });
    let stored = nodes.stored();
    let mut next = HashMap::new();
    for event in &stored {
        let version = next.entry(event.stream.clone()).or_insert(0);
        assert_eq!(event.version, *version, "{}", event.stream);
        *version += 1;
    }
    let all = labels(&stored);
    let once: HashSet<_> = all.iter().cloned().collect();
    assert_eq!(once.len(), all.len(), "an event is stored twice");
    let confirmed = seen.confirmed.into_inner().unwrap();
    for label in &confirmed {
        assert!(once.contains(label), "{label} was confirmed and is gone");
    }
    assert_eq!(readers.reader().unwrap().read_all(None, usize::MAX).unwrap().len(), all.len());
    seen.refused.into_inner()
}

#[test]
fn a_node_that_is_killed_and_started_again_is_not_even_noticed_by_the_writers() {
    let mut nodes = Cluster::of(1);
    let refused = endure(&mut nodes, |nodes, seen| {
        for _ in 0..3 {
            nodes.kill(0);
            thread::sleep(Duration::from_millis(200));
            nodes.start(0);
            seen.goes_on();
        }
    });
    assert_eq!(refused, 0);
}

#[test]
fn a_leader_that_changes_is_followed() {
    let mut nodes = Cluster::of(2);
    endure(&mut nodes, |nodes, seen| {
        for round in 0..4 {
            let (old, new) = (round % 2, 1 - round % 2);
            nodes.faults(new).not_leader(None);
            nodes.faults(old).not_leader(Some(nodes.address(new)));
            nodes.faults(old).gossip_leader(Some(nodes.address(new)));
            nodes.faults(new).gossip_leader(None);
            seen.goes_on();
        }
    });
}

#[test]
fn what_was_committed_and_answered_too_late_is_stored_once() {
    let mut nodes = Cluster::of(1);
    endure(&mut nodes, |nodes, seen| {
        nodes.faults(0).answer_after(Duration::from_secs(3));
        thread::sleep(Duration::from_secs(5));
        nodes.faults(0).answer_after(Duration::ZERO);
        seen.goes_on();
    });
}

#[test]
fn what_was_committed_and_never_answered_is_stored_once() {
    let mut nodes = Cluster::of(1);
    let refused = endure(&mut nodes, |nodes, seen| {
        for _ in 0..5 {
            nodes.faults(0).lose_answers(3);
            seen.goes_on();
            nodes.faults(0).cut();
            seen.goes_on();
        }
    });
    assert_eq!(refused, 0);
}

#[test]
fn while_a_cluster_is_gone_everybody_hears_so_in_time_and_then_it_goes_on() {
    let mut nodes = Cluster::of(1);
    let refused = endure(&mut nodes, |nodes, seen| {
        nodes.kill(0);
        let end = Deadline::after(Duration::from_secs(8));
        while seen.refused.load(Ordering::SeqCst) == 0 {
            assert!(!end.passed(), "nobody hears anything");
            thread::sleep(Duration::from_millis(20));
        }
        thread::sleep(Duration::from_secs(3));
        nodes.start(0);
    });
    assert!(refused > 0);
}
