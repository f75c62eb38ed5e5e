//! The thread that writes, asked by many.

use std::sync::mpsc::{Receiver, channel};
use std::thread;

use beckon_server::store::AppendError::Conflict;
use beckon_server::store::Expected::{Exact, NoStream};
use beckon_server::store::memory::MemoryStore;
use beckon_server::store::writer::{self, Ended, WriterHandle};
use beckon_server::store::{Append, AppendError, Appended, StoredEvent};

use super::ground::{Ground, append, labels, stream};

const WRITERS: u64 = 8;
const EACH: u64 = 25;

struct Writing {
    writer: WriterHandle,
    published: Receiver<Vec<StoredEvent>>,
    ended: tokio::sync::oneshot::Receiver<Ended>,
}

fn start(ground: &mut Ground) -> Writing {
    let store = std::mem::replace(&mut ground.store, Box::new(MemoryStore::new()));
    let (publish, published) = channel();
    let publish = move |events: &[StoredEvent]| publish.send(events.to_vec()).unwrap();
    let (writer, ended) = writer::spawn(store, Box::new(publish)).unwrap();
    Writing { writer, published, ended }
}

fn ask(writer: &WriterHandle, append: Append) -> Result<Appended, AppendError> {
    writer.append(append).blocking_recv().unwrap()
}

/// Each writer fills its own stream, one event after the other, all at once.
fn write_at_once(writer: &WriterHandle) {
    thread::scope(|scope| {
        for number in 0..WRITERS {
            scope.spawn(move || {
                let name = format!("session-{number}");
                for version in 0..EACH {
                    let expected = version.checked_sub(1).map_or(NoStream, Exact);
                    let label = format!("{number}/{version}");
                    let answer = ask(writer, append(&name, expected, &[&label]));
                    assert_eq!(answer.unwrap().version, version);
                }
            });
        }
    });
}

pub fn of_many_writers_for_one_place_one_wins_each_time(ground: &mut Ground) {
    let reader = ground.reader();
    let Writing { writer, published, ended } = start(ground);
    let wins: u64 = thread::scope(|scope| {
        let writer = &writer;
        let contend = |number: u64| {
            move || {
                let (mut wins, mut expected) = (0, NoStream);
                while wins < EACH {
                    let label = format!("{number}: {wins} {expected:?}");
                    match ask(writer, append("session-1", expected, &[&label])) {
                        Ok(appended) => {
                            wins += 1;
                            expected = Exact(appended.version);
                        }
                        Err(Conflict { current: Some(current) }) => expected = Exact(current),
                        Err(other) => panic!("{other:?}"),
                    }
                }
                wins
            }
        };
        let threads: Vec<_> = (0..WRITERS).map(|n| scope.spawn(contend(n))).collect();
        threads.into_iter().map(|t| t.join().unwrap()).sum()
    });
    drop(writer);
    assert_eq!(ended.blocking_recv(), Ok(Ended::Stopped));
    let events = reader.read_stream(&stream("session-1"), 0, 10_000).unwrap();
    assert_eq!(events.len() as u64, wins);
    assert!(events.iter().map(|e| e.version).eq(0..wins));
    assert_eq!(published.iter().flatten().collect::<Vec<_>>(), events);
}

pub fn what_is_published_is_the_log(ground: &mut Ground) {
    let reader = ground.reader();
    let Writing { writer, published, ended } = start(ground);
    write_at_once(&writer);
    drop(writer);
    assert_eq!(ended.blocking_recv(), Ok(Ended::Stopped));
    let log = reader.read_all(None, 10_000).unwrap();
    assert_eq!(log.len() as u64, WRITERS * EACH);
    assert_eq!(published.iter().flatten().collect::<Vec<_>>(), log);
}

pub fn catching_up_and_then_listening_misses_nothing_and_repeats_nothing(ground: &mut Ground) {
    let reader = ground.reader();
    let Writing { writer, published, .. } = start(ground);
    let heard = thread::scope(|scope| {
        let listener = scope.spawn(move || {
            // As a projector does: what is read covers some of what is published.
            let first = published.recv().unwrap();
            let mut heard = reader.read_all(None, 10_000).unwrap();
            let caught_up = heard.last().unwrap().position;
            assert!(caught_up >= first.last().unwrap().position, "published before committed");
            heard.extend(published.iter().flatten().filter(|e| e.position > caught_up));
            heard
        });
        write_at_once(&writer);
        drop(writer);
        listener.join().unwrap()
    });
    assert_eq!(heard.len() as u64, WRITERS * EACH);
    assert!(heard.is_sorted_by(|one, next| one.position < next.position));
    for number in 0..WRITERS {
        let name = stream(&format!("session-{number}"));
        let own: Vec<_> = heard.iter().filter(|e| e.stream == name).cloned().collect();
        let wanted: Vec<_> = (0..EACH).map(|v| format!("{number}/{v}")).collect();
        assert_eq!(labels(&own), wanted);
    }
}
