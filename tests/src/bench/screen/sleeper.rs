//! A thread that sleeps a millisecond again and again: what stalls it stalls everybody.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::bench::now;

const NAP: Duration = Duration::from_millis(1);
/// A nap that takes longer than this is noted.
const LONG: Duration = Duration::from_millis(20);

/// Naps that took too long.
pub struct Sleeper {
    late: Arc<Mutex<Vec<(Instant, Duration)>>>,
    over: Arc<AtomicBool>,
}

impl Sleeper {
    /// Begins to sleep.
    pub fn start() -> Self {
        let (late, over) = (Arc::<Mutex<Vec<_>>>::default(), Arc::new(AtomicBool::new(false)));
        let (notes, end) = (Arc::clone(&late), Arc::clone(&over));
        std::thread::spawn(move || {
            let mut before = now();
            while !end.load(Ordering::Relaxed) {
                std::thread::sleep(NAP);
                let woken = now();
                if woken - before > LONG {
                    let nap = (before, woken - before);
                    notes.lock().unwrap_or_else(PoisonError::into_inner).push(nap);
                }
                before = woken;
            }
        });
        Self { late, over }
    }

    /// How long it overslept between two moments, all in all.
    pub fn overslept(&self, from: Instant, to: Instant) -> Duration {
        let late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        late.iter().filter(|(at, nap)| *at < to && *at + *nap > from).map(|(_, nap)| *nap).sum()
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
