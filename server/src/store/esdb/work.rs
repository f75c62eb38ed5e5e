//! A batch on its way: which appends still have no answer, and what was found of them.

use std::collections::{BTreeMap, HashMap};

use beckon_events::EventId;

use crate::store::verdict::{Verdict, judge};
use crate::store::{Append, AppendError, Appended, Committed, Expected, StoredEvent, StreamName};

/// The appends of one batch.
pub(super) struct Work<'a> {
    batch: &'a [Append],
    answers: Vec<Option<Result<Appended, AppendError>>>,
    /// What was read back, by position.
    events: BTreeMap<u64, StoredEvent>,
    /// Where in the batch an event stands; the first of two with the same id.
    places: HashMap<(StreamName, EventId), usize>,
}

/// Why the cluster itself did not take an append.
pub(super) enum Refusal {
    /// Its stream stands at another version.
    Conflict,
    /// It takes no such append, in its words.
    Unfit(String),
}

/// What stands at the place of an append.
pub(super) struct Look {
    /// The last version of its stream.
    pub(super) current: Option<u64>,
    /// The events from where the append was to begin, at most as many as it has.
    pub(super) stored: Vec<StoredEvent>,
}

impl<'a> Work<'a> {
    /// A batch, of which what no store takes is answered.
    pub(super) fn new(batch: &'a [Append]) -> Self {
        let answers: Vec<_> = batch.iter().map(|append| append.check().err().map(Err)).collect();
        let mut places = HashMap::new();
        for (index, append) in batch.iter().enumerate() {
            for event in &append.events {
                places.entry((append.stream.clone(), event.id)).or_insert(index);
            }
        }
        Self { batch, answers, events: BTreeMap::new(), places }
    }

    /// Whether every append has its answer.
    pub(super) fn is_done(&self) -> bool {
        self.missing() == 0
    }

    /// How many events have no answer.
    pub(super) fn missing(&self) -> usize {
        self.unanswered().map(|(_, append)| append.events.len()).sum()
    }

    /// The appends that have no answer, in order.
    pub(super) fn open(&self) -> Vec<&'a Append> {
        self.unanswered().map(|(_, append)| append).collect()
    }

    fn unanswered(&self) -> impl Iterator<Item = (usize, &'a Append)> {
        let open = self.batch.iter().zip(&self.answers).enumerate();
        open.filter(|(_, (_, answer))| answer.is_none()).map(|(index, (append, _))| (index, append))
    }

    /// An event was read back from the log. The last one of an append is its answer.
    pub(super) fn found(&mut self, event: StoredEvent) {
        let Some(index) = self.places.get(&(event.stream.clone(), event.id)).copied() else {
            return;
        };
        let Some(append) = self.batch.get(index) else { return };
        let last = append.expected.next().saturating_add(append.events.len() as u64 - 1);
        let whole =
            event.version == last && append.events.last().is_some_and(|own| own.id == event.id);
        if let Some(answer) = self.answers.get_mut(index).filter(|a| a.is_none() && whole) {
            *answer = Some(Ok(event.appended()));
        }
        self.events.insert(event.position.to_bits(), event);
    }

    /// What was seen at the places of [`Work::open`], in its order, and which of them the cluster
    /// itself refused.
    pub(super) fn settle(&mut self, looks: Vec<Look>, refused: Vec<Option<Refusal>>) {
        let refused = refused.into_iter().chain(std::iter::repeat_with(|| None));
        let open: Vec<_> = self.unanswered().collect();
        let mut pending: Vec<&StreamName> = Vec::new();
        for (((index, append), look), refused) in open.into_iter().zip(looks).zip(refused) {
            let ids = |_, _| Ok(look.stored.iter().map(|event| event.id).collect());
            let Ok(verdict) = judge::<std::convert::Infallible>(append, look.current, ids);
            let answer = match verdict {
                Ok(Verdict::Repeated(_)) => look.stored.last().map(|event| Ok(event.appended())),
                Ok(Verdict::New(_)) => match refused {
                    // One after it in the batch made it fit: it was checked against those before
                    // it.
                    Some(Refusal::Conflict) => {
                        Some(Err(AppendError::Conflict { current: look.current }))
                    }
                    Some(Refusal::Unfit(why)) => Some(Err(AppendError::Refused(why))),
                    // It is sent again; it may also wait for one before it.
                    None => None,
                },
                Err(_) if pending.contains(&&append.stream) => None,
                Err(conflict) => Some(Err(conflict)),
            };
            match answer {
                Some(Ok(appended)) => {
                    let stored = look.stored.into_iter().map(|e| (e.position.to_bits(), e));
                    self.events.extend(stored);
                    self.set(index, Ok(appended));
                }
                Some(refused) => self.set(index, refused),
                None => pending.push(&append.stream),
            }
        }
    }

    fn set(&mut self, index: usize, answer: Result<Appended, AppendError>) {
        if let Some(place) = self.answers.get_mut(index) {
            *place = Some(answer);
        }
    }

    /// The answers, `otherwise` where there is none. Of what was read back, that which was not in
    /// the log up to `before` was added now.
    pub(super) fn finish(self, before: Option<u64>, otherwise: &AppendError) -> Committed {
        let Self { answers, events, .. } = self;
        let added = events.into_iter().filter(|(at, _)| before.is_none_or(|before| *at > before));
        Committed {
            answers: answers
                .into_iter()
                .map(|answer| answer.unwrap_or_else(|| Err(otherwise.clone())))
                .collect(),
            events: added.map(|(_, event)| event).collect(),
        }
    }
}

/// Whether the protocol can say so: the largest versions stand for something else there.
pub(super) fn is_sendable(expected: Expected) -> bool {
    match expected {
        Expected::NoStream => true,
        Expected::Exact(version) => i64::try_from(version).is_ok(),
    }
}
