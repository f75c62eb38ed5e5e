//! The last release: nothing stays pressed when a thread fails, though that may end the program
//! before anything is dropped.

use std::sync::Once;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use x11rb::protocol::xproto::{BUTTON_RELEASE_EVENT, ConnectionExt as _, KEY_RELEASE_EVENT};
use x11rb::protocol::xtest::ConnectionExt as _;

use super::X11Error;

/// A failing program waits so long for the X server.
const WITHIN: Duration = Duration::from_secs(1);
/// The thread that releases.
const NAME: &str = "last-release";
/// All buttons that are ever pressed here.
const BUTTONS: [u8; 9] = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/// From now on a thread that fails releases what is pressed on the X server of `$DISPLAY`.
pub fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| prepare_for(None));
}

fn prepare_for(display: Option<String>) {
    let next = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |failure| {
        // Its own failure is not a reason to begin again.
        if thread::current().name() != Some(NAME) {
            release_in_time(display.clone());
        }
        next(failure);
    }));
}

/// Nothing is said about an error: whoever writes a log may be what has failed.
fn release_in_time(display: Option<String>) {
    let (done, waiting) = channel();
    let released = thread::Builder::new().name(NAME.to_owned()).spawn(move || {
        drop(release(display.as_deref()));
        done.send(()).ok();
    });
    if released.is_ok() {
        waiting.recv_timeout(WITHIN).ok();
    }
}

/// Over a connection of its own: the thread with the other one may be what has failed. What the
/// user holds on a keyboard or mouse of their own stays down, as XTEST is a device beside them.
fn release(display: Option<&str>) -> Result<(), X11Error> {
    let (x, _) = x11rb::connect(display)?;
    let down = x.query_keymap()?.reply()?.keys;
    let is_down = |code: u8| {
        down.get(usize::from(code / 8)).is_some_and(|eight| eight & (1 << (code % 8)) != 0)
    };
    for code in (0..=u8::MAX).filter(|code| is_down(*code)) {
        x.xtest_fake_input(KEY_RELEASE_EVENT, code, 0, x11rb::NONE, 0, 0, 0)?;
    }
    // The server tells of the first five buttons only, and forgets a release without a press.
    for button in BUTTONS {
        x.xtest_fake_input(BUTTON_RELEASE_EVENT, button, 0, x11rb::NONE, 0, 0, 0)?;
    }
    // Until it has taken in everything.
    x.get_input_focus()?.reply()?;
    Ok(())
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use beckon_desk::clock::uptime;
    use rustix::process::Signal;
    use x11rb::connection::Connection as _;
    use x11rb::protocol::Event;
    use x11rb::protocol::xproto::{
        BUTTON_PRESS_EVENT, ChangeWindowAttributesAux, EventMask, KEY_PRESS_EVENT,
    };
    use x11rb::wrapper::ConnectionExt as _;

    use super::*;
    use crate::capture::x11::server::{Painter, Server};

    const A: u8 = 38;
    const SHIFT: u8 = 50;

    /// Holds two keys and two buttons down.
    fn held(server: &Server) -> Painter {
        let painter = server.painter();
        let x = &painter.connection;
        let told = ChangeWindowAttributesAux::new().event_mask(EventMask::BUTTON_RELEASE);
        x.change_window_attributes(painter.root, &told).unwrap();
        for (kind, detail) in [
            (KEY_PRESS_EVENT, SHIFT),
            (KEY_PRESS_EVENT, A),
            (BUTTON_PRESS_EVENT, 1),
            (BUTTON_PRESS_EVENT, 8),
        ] {
            x.xtest_fake_input(kind, detail, 0, x11rb::NONE, 0, 0, 0).unwrap();
        }
        x.sync().unwrap();
        assert_eq!(keys(&painter), [A, SHIFT]);
        painter
    }

    fn keys(painter: &Painter) -> Vec<u8> {
        let map = painter.connection.query_keymap().unwrap().reply().unwrap().keys;
        (0..=u8::MAX).filter(|code| map[usize::from(code / 8)] & (1 << (code % 8)) != 0).collect()
    }

    fn released_buttons(painter: &Painter) -> Vec<u8> {
        painter.connection.sync().unwrap();
        let events = std::iter::from_fn(|| painter.connection.poll_for_event().unwrap());
        let button = |event| match event {
            Event::ButtonRelease(event) => Some(event.detail),
            _ => None,
        };
        events.filter_map(button).collect()
    }

    #[test]
    fn what_is_down_is_released_and_nothing_else() {
        let server = Server::start("320x200x24", &[]);
        let painter = held(&server);
        release_in_time(Some(server.display.clone()));
        assert_eq!(keys(&painter), [0; 0]);
        assert_eq!(released_buttons(&painter), [1, 8]);
    }

    #[test]
    fn nothing_stays_pressed_when_any_thread_fails() {
        let server = Server::start("320x200x24", &[]);
        let painter = held(&server);
        prepare_for(Some(server.display.clone()));
        let failed = thread::spawn(|| panic!("on purpose")).join();
        drop(std::panic::take_hook());
        assert!(failed.is_err());
        assert_eq!((keys(&painter), released_buttons(&painter)), (vec![], vec![1, 8]));
    }

    #[test]
    fn a_server_that_does_not_answer_is_not_waited_for() {
        let server = Server::start("320x200x24", &[]);
        server.signal(Signal::STOP);
        let before = uptime();
        release_in_time(Some(server.display.clone()));
        let waited = uptime().saturating_sub(before);
        server.signal(Signal::CONT);
        assert!(waited >= WITHIN && waited < WITHIN * 3, "{waited:?}");
        release_in_time(Some(":65000".to_owned()));
    }
}
