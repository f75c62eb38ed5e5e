//! Whether the log is still what was written, looked at once with every start.
//!
//! ```text
//! before anything is accepted   the last 10,000 events, each in itself and on the one before it
//! of a log with no more events  the whole file, and the root over all of it beside the signed one
//! of a larger log               the same by a thread of its own, while the server works already
//! ```

use std::collections::HashMap;
use std::sync::Arc;

use beckon_events::Digest;
use beckon_events::envelope::{self, Metadata};
use beckon_protocol::evidence::Tiler;
use tokio::sync::oneshot;

use crate::evidence::Signed;
use crate::store::{Position, ReadError, Readers, StoredEvent, StreamName};

/// So many events are looked at before anything is accepted.
const FIRST: usize = 10_000;
/// How many events are read at once.
const PAGE: usize = 1_000;

/// What was looked at before the start.
pub struct Inspection {
    readers: Arc<dyn Readers>,
    /// The tree over the whole log, where all of it was looked at.
    whole: Option<Tiler>,
}

/// What is wrong with the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// An event is not what was written.
    #[error(
        "event {version} of {stream} in the event log is not what was written ({what}): keep a \
         copy of the data folder, then restore log.db and log.db-wal from a backup"
    )]
    Altered {
        /// Its stream.
        stream: String,
        /// Its number in the stream.
        version: u64,
        /// What does not fit.
        what: &'static str,
    },
    /// Some event is not what was signed.
    #[error(
        "the first {size} events of the event log are not those that were signed: keep a copy of \
         the data folder, then restore log.db and log.db-wal from a backup"
    )]
    Unsigned {
        /// How many were signed.
        size: u64,
    },
    /// The file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl Inspection {
    /// Looks at the end of the log, or at all of it where it is small. Waits for the disk.
    pub fn begin(readers: &Arc<dyn Readers>) -> Result<Self, Damage> {
        let readers = Arc::clone(readers);
        let mut events = readers.reader()?.read_all_back(None, FIRST + 1)?;
        events.reverse();
        let is_whole = events.len() <= FIRST;
        let mut heads = HashMap::new();
        for event in &events {
            let metadata = in_itself(event)?;
            follows(event, &metadata, &mut heads, is_whole)?;
        }
        let mut whole = None;
        if is_whole {
            readers.sound()?;
            let mut tiler = Tiler::default();
            for event in &events {
                tiler.push(event.leaf());
            }
            whole = Some(tiler);
        }
        Ok(Self { readers, whole })
    }

    /// Compares what was looked at with what is signed. A large log is read whole from now on; the
    /// receiver hears what is wrong with it, and nothing where nothing is.
    pub fn go_on(self, signed: Option<Arc<Signed>>) -> Result<oneshot::Receiver<Damage>, Damage> {
        let (tell, told) = oneshot::channel();
        match (self.whole, signed) {
            (_, None) => {}
            (Some(tiler), Some(signed)) => {
                if (tiler.size(), tiler.root()) != (signed.size, signed.root) {
                    return Err(Damage::Unsigned { size: signed.size });
                }
            }
            (None, Some(signed)) => {
                let readers = self.readers;
                let look = move || {
                    if let Err(damage) = whole(&readers, &signed) {
                        // A server that has ended meanwhile need not hear it.
                        let _ = tell.send(damage);
                    }
                };
                let thread = std::thread::Builder::new().name("inspection".to_owned()).spawn(look);
                thread.map_err(|error| ReadError::Unavailable(error.to_string()))?;
            }
        }
        Ok(told)
    }
}

/// Reads every event up to what is signed.
fn whole(readers: &Arc<dyn Readers>, signed: &Signed) -> Result<(), Damage> {
    let (reader, mut tiler) = (readers.reader()?, Tiler::default());
    let mut after: Option<Position> = None;
    while tiler.size() < signed.size {
        let page = reader.read_all(after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = Some(last.position);
        for event in page.iter().take_while(|event| event.position <= signed.position) {
            in_itself(event)?;
            tiler.push(event.leaf());
        }
    }
    if (tiler.size(), tiler.root()) != (signed.size, signed.root) {
        return Err(Damage::Unsigned { size: signed.size });
    }
    Ok(readers.sound()?)
}

/// Envelope, body and row belong together.
fn in_itself(event: &StoredEvent) -> Result<Metadata, Damage> {
    let metadata = envelope::metadata(&event.metadata)
        .map_err(|_| altered(event, "its envelope cannot be read"))?;
    let here = (metadata.stream.as_str(), metadata.version, metadata.id);
    if here != (event.stream.as_str(), event.version, event.id) {
        return Err(altered(event, "its envelope is that of another event"));
    }
    if metadata.body != Digest::of(&event.data) {
        return Err(altered(event, "its body is another one"));
    }
    Ok(metadata)
}

/// It stands on the event before it, where that was seen.
fn follows(
    event: &StoredEvent,
    metadata: &Metadata,
    heads: &mut HashMap<StreamName, (u64, Digest)>,
    from_the_first: bool,
) -> Result<(), Damage> {
    let before = match heads.get(&event.stream) {
        None if from_the_first => Some((0, Digest::ZERO)),
        known => known.copied(),
    };
    if before.is_some_and(|before| before != (event.version, metadata.prev)) {
        return Err(altered(event, "it does not stand on the one before it"));
    }
    heads.insert(event.stream.clone(), (event.version + 1, event.leaf()));
    Ok(())
}

fn altered(event: &StoredEvent, what: &'static str) -> Damage {
    Damage::Altered { stream: event.stream.to_string(), version: event.version, what }
}

#[cfg(test)]
mod tests;
