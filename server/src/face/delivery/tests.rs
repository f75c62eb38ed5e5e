//! Readers that do not read, and days that end.

use std::collections::BTreeSet;
use std::sync::Arc;

use beckon_events::{EventId, Timestamp};
use data_encoding::BASE64;
use futures_util::StreamExt;
use tonic::Code;
use tonic::metadata::MetadataMap;

use super::*;
use crate::clock::ManualClock;
use crate::face::answer::Answer;
use crate::face::door::{Admission, Door, Knock, KnockError, Shown};
use crate::face::entry::Ids;
use crate::face::news::News;
use crate::store::memory::MemoryStore;
use crate::store::{Append, EventStore, Expected, NewEvent};

const TOKEN: Uuid = Uuid::from_u128(7);

/// Somebody who follows a log of 100 events.
struct Reader {
    answer: Answer,
    delivering: tokio::task::JoinHandle<()>,
    revoked: watch::Sender<BTreeSet<Uuid>>,
    clock: ManualClock,
    _stop: watch::Sender<bool>,
}

/// Lets everybody in who shows a token, and nobody stay over midnight.
async fn keep(mut knocking: mpsc::Receiver<Knock>) {
    while let Some(Knock { shown, answer }) = knocking.recv().await {
        let verdict = match shown {
            Shown::Token(_) => Ok(Admission { token: TOKEN, day: 0 }),
            Shown::Before(_) => Err(KnockError::Unavailable("no store".to_owned())),
        };
        let _ = answer.send(verdict);
    }
}

fn log() -> MemoryStore {
    let mut store = MemoryStore::new();
    let event = |number| NewEvent {
        id: EventId(Uuid::from_u128(number)),
        metadata: "{}".into(),
        data: "{}".into(),
    };
    let (stream, expected) = ("session-1".parse().unwrap(), Expected::NoStream);
    let events = (1..=100).map(event).collect();
    let committed = store.append(&[Append { stream, expected, events }]);
    assert_eq!(committed.events.len(), 100);
    store
}

async fn reader() -> Reader {
    let clock = ManualClock::new(Timestamp::from_micros(0));
    let (knocks, knocking) = mpsc::channel(1);
    let (revoked, heard) = watch::channel(BTreeSet::new());
    tokio::spawn(keep(knocking));
    let door = Door::new(knocks, heard, Arc::new(clock.clone()));
    let mut metadata = MetadataMap::new();
    let basic = format!("Basic {}", BASE64.encode(b"me:beckon_x"));
    metadata.insert("authorization", basic.parse().unwrap());
    let guest = door.admit(&metadata, ([127, 0, 0, 1], 1).into()).await.unwrap();
    let (out, messages) = mpsc::channel(16);
    let (last_word, said) = oneshot::channel();
    let (keeps, stop) = watch::channel(false);
    let source = Source::new(log().readers(), News::new());
    let (what, from, how) = (What::All, Since::Start, How::Follow);
    let reading = Reading { what, from, how, filter: None, ids: Ids::Text };
    let delivery = Delivery { source, reading, guest, out, last_word, stop, id: TOKEN };
    let delivering = tokio::spawn(delivery.run());
    Reader { answer: Answer::new(messages, said), delivering, revoked, clock, _stop: keeps }
}

#[tokio::test]
async fn what_waits_for_a_reader_is_dropped_when_their_token_is_revoked() {
    let mut reader = reader().await;
    reader.answer.next().await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!reader.delivering.is_finished(), "it waits for its reader");
    reader.revoked.send_replace(BTreeSet::from([TOKEN]));
    tokio::time::timeout(Duration::from_secs(1), reader.delivering).await.unwrap().unwrap();
    let told = reader.answer.next().await.unwrap().unwrap_err();
    assert_eq!(told.code(), Code::Unauthenticated);
    assert!(reader.answer.next().await.is_none());
}

#[tokio::test]
async fn nothing_is_handed_out_on_a_day_that_cannot_be_recorded() {
    let mut reader = reader().await;
    for _ in 0..102 {
        reader.answer.next().await.unwrap().unwrap();
    }
    reader.clock.advance(Duration::from_hours(24));
    let next = tokio::time::timeout(Duration::from_secs(5), reader.answer.next()).await;
    let told = next.unwrap().unwrap().unwrap_err();
    assert_eq!(told.code(), Code::Unavailable);
    assert!(told.message().contains("cannot be recorded (no store)"), "{told}");
}
