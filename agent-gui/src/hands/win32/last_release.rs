//! What is down, and that it comes up again: when a thread fails, though that may end the program
//! before anything is dropped, and after Windows has taken nothing for a while.

use std::sync::{Mutex, Once, PoisonError, TryLockError};
use std::time::Duration;

use beckon_peer::{Button, Press};

use super::send;
use crate::hands::scan_code::ScanCode;

/// Something that was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// A key.
    Key(ScanCode),
    /// A button of the mouse.
    Button(Button),
}

/// What is down, in the order in which it went down.
static DOWN: Mutex<Vec<Held>> = Mutex::new(Vec::new());

/// What came up while Windows took nothing, as behind its security prompt.
static OWED: Mutex<Vec<Held>> = Mutex::new(Vec::new());
/// How often it is tried again, and for how long.
const AGAIN: Duration = Duration::from_millis(200);
const ATTEMPTS: u32 = 3_000;

/// From now on a thread that fails releases what is down.
pub fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let next = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |failure| {
            release();
            next(failure);
        }));
    });
}

/// This goes down, or comes up.
pub fn note(held: Held, press: Press) {
    let mut down = DOWN.lock().unwrap_or_else(PoisonError::into_inner);
    down.retain(|one| *one != held);
    if press == Press::Down {
        down.push(held);
    }
}

/// Lets it come up as soon as Windows takes that.
pub fn owe(held: Held) {
    let mut owed = OWED.lock().unwrap_or_else(PoisonError::into_inner);
    let is_first = owed.is_empty();
    if !owed.contains(&held) {
        owed.push(held);
    }
    drop(owed);
    let pays = || std::thread::Builder::new().name("releases".to_owned()).spawn(pay);
    if is_first && let Err(error) = pays() {
        tracing::error!(%error, "a key or button may be stuck");
    }
}

/// What goes down anew is no longer owed.
pub fn forgive(held: Held) {
    OWED.lock().unwrap_or_else(PoisonError::into_inner).retain(|one| *one != held);
}

fn pay() {
    for _ in 0..ATTEMPTS {
        std::thread::sleep(AGAIN);
        let mut owed = OWED.lock().unwrap_or_else(PoisonError::into_inner);
        owed.retain(|held| send::up(*held).is_err());
        if owed.is_empty() {
            return;
        }
    }
    OWED.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

/// Nothing is said about an error: whoever writes a log may be what has failed. Who holds the list
/// is about to press or release one thing, and may be what has failed: it is not waited for.
fn release() {
    let down = match DOWN.try_lock() {
        Ok(mut down) => std::mem::take(&mut *down),
        Err(TryLockError::Poisoned(down)) => std::mem::take(&mut *down.into_inner()),
        Err(TryLockError::WouldBlock) => return,
    };
    for held in down.into_iter().rev() {
        let _ = send::up(held);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_down_is_known_until_it_is_up_or_released() {
        let shift = Held::Key(ScanCode { code: 0x2A, extended: false });
        let left = Held::Button(Button::Left);
        for (held, press) in
            [(shift, Press::Down), (left, Press::Down), (shift, Press::Down), (left, Press::Up)]
        {
            note(held, press);
        }
        assert_eq!(*DOWN.lock().unwrap(), [shift]);
        release();
        assert_eq!(*DOWN.lock().unwrap(), []);
    }
}
