//! Whatever is asked, two stores answer the same.

use beckon_server::store::{Append, AppendError, Appended, Expected, StoredEvent};
use proptest::prelude::*;

use super::ground::{Ground, event, stream};

/// Appends to few streams at few versions of few events, so that all sorts of clashes occur.
fn any_append() -> impl Strategy<Value = Append> {
    let expected = prop_oneof![Just(Expected::NoStream), (0..5_u64).prop_map(Expected::Exact)];
    let labels = prop::collection::vec(0..6_u8, 0..4);
    (0..3_u8, expected, labels).prop_map(|(name, expected, labels)| Append {
        stream: stream(&format!("session-{name}")),
        expected,
        events: labels.iter().map(|label| event(&label.to_string())).collect(),
    })
}

fn any_batches() -> impl Strategy<Value = Vec<Vec<Append>>> {
    prop::collection::vec(prop::collection::vec(any_append(), 1..6), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn memory_and_sqlite_answer_any_batches_alike(batches in any_batches()) {
        let (mut memory, mut sqlite) = (Ground::memory(), Ground::sqlite());
        for batch in &batches {
            let (one, other) = (memory.store.append(batch), sqlite.store.append(batch));
            prop_assert_eq!(one.answers, other.answers);
            prop_assert_eq!(one.events, other.events);
        }
        prop_assert_eq!(memory.log(), sqlite.log());
        for name in 0..3 {
            let name = stream(&format!("session-{name}"));
            let heads = (memory.reader().head(&name), sqlite.reader().head(&name));
            prop_assert_eq!(heads.0, heads.1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) })]

    /// One append at a time: a batch is under way all at once in a cluster.
    #[test]
    fn memory_and_esdb_answer_any_appends_alike(
        appends in prop::collection::vec(any_append(), 1..12)
    ) {
        let told = |answer: Result<Appended, AppendError>| {
            answer.map(|appended| (appended.version, appended.leaf))
        };
        let (mut memory, mut esdb) = (Ground::memory(), Ground::esdb());
        for append in appends {
            let answers = (memory.append(append.clone()), esdb.append(append));
            prop_assert_eq!(told(answers.0), told(answers.1));
        }
        let placed = |log: Vec<StoredEvent>| {
            log.into_iter().map(|e| (e.stream, e.version, e.id, e.data)).collect::<Vec<_>>()
        };
        prop_assert_eq!(placed(memory.log()), placed(esdb.log()));
    }
}
