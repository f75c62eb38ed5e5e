//! What holds for every read model, whatever was recorded.

use std::collections::BTreeMap;
use std::fmt::Debug;

use beckon_events::{OperatorId, RecordedEvent, SessionId};
use proptest::prelude::*;
use proptest::sample::select;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::history::{ANA, BEN, session};
use crate::samples::{Readable, Sample, every, log, whole};
use crate::{
    AccountSettings, AuditLog, Deadlines, Exports, Projection, Roster, Rows, SessionHistory,
    SessionList, SessionStanding, SessionTimeline, WorkReport,
};

/// Any events of three sessions and two operators in any order, also where no rule would allow
/// it, some of them erased, and a place somewhere in that log.
fn logs() -> impl Strategy<Value = (Vec<RecordedEvent>, usize)> {
    let sample = (select(vec![Readable::Yes, Readable::No]), 1..4_u128, select(vec![ANA, BEN]))
        .prop_flat_map(|(readable, n, operator)| {
            let samples = select(every(readable, session(n), operator));
            samples.prop_map(move |sample| (session(n), operator, sample))
        });
    let samples: BoxedStrategy<Vec<(SessionId, OperatorId, Sample)>> =
        proptest::collection::vec(sample, 1..60).boxed();
    (samples.prop_map(log), any::<prop::sample::Index>())
        .prop_map(|(log, place)| (log.clone(), place.index(log.len() + 1)))
}

/// The value as it is once it has been written and read.
fn kept<T: Serialize + DeserializeOwned>(value: &T) -> T {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}

fn rows_hold<R: Rows>(log: &[RecordedEvent], place: usize)
where
    R::Row: PartialEq + Debug,
    R::Key: Debug,
{
    let whole = R::as_of(log, u64::MAX);
    let until = place.checked_sub(1).map_or(0, |last| log[last].position());
    let mut rows: BTreeMap<R::Key, R::Row> = (R::as_of(log, until).into_iter())
        .map(|(key, row)| {
            let again = kept(&row);
            assert_eq!(again, row, "{} loses something", R::NAME);
            (key, again)
        })
        .collect();
    let mut head = BTreeMap::new();
    log[..place].iter().for_each(|event| R::apply(&mut head, event));
    assert_eq!(rows, head, "{} as of a position is the fold of what came before", R::NAME);
    log[place..].iter().for_each(|event| R::apply(&mut rows, event));
    assert_eq!(rows, whole, "{} in two parts is the same as in one", R::NAME);
    for (key, row) in &whole {
        let own = log.iter().filter(|event| R::key(event).as_ref() == Some(key));
        let own = own.fold(None, R::fold);
        assert_eq!(own.as_ref(), Some(row), "{}: a row needs no other's events", R::NAME);
    }
}

fn whole_of<P: Projection + PartialEq + Clone + Debug>(log: &[RecordedEvent], place: usize) -> P {
    let mut value = P::default();
    log[..place].iter().for_each(|event| value.apply(event));
    let until = place.checked_sub(1).map_or(0, |last| log[last].position());
    assert_eq!(value, P::as_of(log, until), "{}: as of", P::NAME);
    let once = value.clone();
    log[..place].iter().for_each(|event| value.apply(event));
    assert_eq!(value, once, "{}: twice is once", P::NAME);
    value
}

fn projection_holds<P>(log: &[RecordedEvent], place: usize)
where
    P: Projection + PartialEq + Clone + Debug + Serialize + DeserializeOwned,
{
    let head: P = whole_of(log, place);
    let mut value = kept(&head);
    assert_eq!(value, head, "{} loses something", P::NAME);
    log[place..].iter().for_each(|event| value.apply(event));
    assert_eq!(value, P::as_of(log, u64::MAX), "{} in two parts", P::NAME);
}

fn all_hold(log: &[RecordedEvent], place: usize) {
    rows_hold::<SessionHistory>(log, place);
    rows_hold::<AuditLog>(log, place);
    rows_hold::<WorkReport>(log, place);
    projection_holds::<SessionList>(log, place);
    projection_holds::<Roster>(log, place);
    projection_holds::<AccountSettings>(log, place);
    projection_holds::<Deadlines>(log, place);
    projection_holds::<Exports>(log, place);
    whole_of::<SessionTimeline>(log, place);
    whole_of::<SessionStanding>(log, place);
}

#[test]
fn every_event_known_or_erased_is_kept_at_every_place() {
    for readable in [Readable::Yes, Readable::No] {
        let log = whole(readable);
        (0..=log.len()).for_each(|place| all_hold(&log, place));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_read_model_is_the_fold_of_what_was_recorded((log, place) in logs()) {
        all_hold(&log, place);
    }

    #[test]
    fn the_list_shows_what_the_history_has((log, _) in logs()) {
        let list = SessionList::as_of(&log, u64::MAX);
        let history = SessionHistory::as_of(&log, u64::MAX);
        for (id, row) in &history {
            prop_assert_eq!(list.get(*id), Some(row));
        }
        let live = history.values().filter(|row| row.is_live()).map(|row| row.id);
        prop_assert_eq!(list.live_ids().collect::<Vec<_>>(), live.collect::<Vec<_>>());
        for event in &log {
            let then = SessionHistory::as_of(&log, event.position());
            for row in history.values() {
                let open = then.get(&row.id).is_some_and(crate::SessionRow::is_live);
                prop_assert_eq!(row.is_open_at(event.position()), open);
            }
        }
    }
}
