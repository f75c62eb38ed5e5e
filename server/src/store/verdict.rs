//! What becomes of an append: new, a repetition, or a conflict. The same rule for every store.

use beckon_events::EventId;

use super::{Append, AppendError, Expected};

/// What is to be done with an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Store it, the first event with this version.
    New(u64),
    /// It is stored already; its last event has this version.
    Repeated(u64),
}

/// Judges an append against its stream, whose last event has version `current`.
/// `ids` gives the ids stored from a version on, at most so many.
pub(super) fn judge<E>(
    append: &Append,
    current: Option<u64>,
    ids: impl FnOnce(u64, usize) -> Result<Vec<EventId>, E>,
) -> Result<Result<Verdict, AppendError>, E> {
    let first = append.expected.next();
    let fits = match append.expected {
        Expected::NoStream => current.is_none(),
        Expected::Exact(last) => current == Some(last),
    };
    if fits {
        return Ok(Ok(Verdict::New(first)));
    }
    let count = append.events.len();
    let last = first.saturating_add(count as u64 - 1);
    if current.is_some_and(|current| current >= last) {
        let stored = ids(first, count)?;
        if stored.iter().eq(append.events.iter().map(|e| &e.id)) {
            return Ok(Ok(Verdict::Repeated(last)));
        }
    }
    Ok(Err(AppendError::Conflict { current }))
}
