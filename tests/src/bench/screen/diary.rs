//! What a viewer saw, and when.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use beckon_peer::screen::Rect;

use crate::workload::video::BITS;
use crate::workload::{Mark, Watch};

/// Of how many pictures of a film one is compared pixel by pixel.
pub const ONE_IN: u32 = 8;

/// A state of the watched part.
#[derive(Debug, Clone)]
pub struct Sighting {
    /// When it was first there.
    pub at: Instant,
    /// What was there.
    pub mark: Mark,
}

/// A picture of a film: its number, and its pixels as red, green, blue and 255.
pub type Still = (u32, Vec<u8>);

/// What was written down.
#[derive(Debug, Default)]
pub struct Seen {
    /// Every change of the watched part.
    pub sightings: Vec<Sighting>,
    /// Some pictures of a film.
    pub stills: Vec<Still>,
    /// Every update.
    pub updates: Vec<Instant>,
}

/// Where a viewer, or the observer of the truth, writes down what it sees.
pub struct Diary {
    watch: Watch,
    still: Option<Rect>,
    open: Mutex<Seen>,
}

impl Diary {
    /// An empty one about a part of the desk.
    pub fn new(watch: Watch, still: Option<Rect>) -> Self {
        Self { watch, still, open: Mutex::new(Seen::default()) }
    }

    /// An update was decoded. `cut` gives pixels of a part, as red, green, blue and 255.
    pub fn saw(&self, at: Instant, cut: impl Fn(Rect) -> Vec<u8>) {
        let mark = self.watch.mark(&cut(self.watch.rect));
        let mut open = self.open();
        open.updates.push(at);
        if open.sightings.last().is_some_and(|last| last.mark == mark) {
            return;
        }
        if let Some(rect) = self.still {
            let number = mark.number(BITS as usize);
            if number.is_multiple_of(ONE_IN)
                && open.stills.last().is_none_or(|last| last.0 != number)
            {
                open.stills.push((number, cut(rect)));
            }
        }
        open.sightings.push(Sighting { at, mark });
    }

    /// Everything so far.
    pub fn close(&self) -> Seen {
        std::mem::take(&mut *self.open())
    }

    /// How many updates there were.
    pub fn updates(&self) -> usize {
        self.open().updates.len()
    }

    fn open(&self) -> MutexGuard<'_, Seen> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
