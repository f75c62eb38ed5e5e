//! The last release: nothing stays pressed when a thread fails, though that may end the program
//! before anything is dropped.

use std::sync::{Mutex, Once, PoisonError, TryLockError};

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

/// Nothing is said about an error: whoever writes a log may be what has failed. Who holds the list
/// is about to press or release one thing, and may be what has failed: it is not waited for.
fn release() {
    let down = match DOWN.try_lock() {
        Ok(mut down) => std::mem::take(&mut *down),
        Err(TryLockError::Poisoned(down)) => std::mem::take(&mut *down.into_inner()),
        Err(TryLockError::WouldBlock) => return,
    };
    for held in down.into_iter().rev() {
        let _ = match held {
            Held::Key(key) => send::key(key, Press::Up),
            Held::Button(button) => send::button(button, Press::Up),
        };
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
