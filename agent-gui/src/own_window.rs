//! Where the agent's own window is: nothing is injected into it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::desktop::{Desktop, Focus};

/// What the window says about itself. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct OwnWindow(Arc<Mutex<Seen>>);

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    id: Option<u32>,
    /// Left, top, right, bottom in physical pixels.
    edges: Option<[i32; 4]>,
    focused: bool,
}

/// What lies under the pointer and has the keyboard.
pub trait Surroundings {
    /// Whether a click at this place does not hit the agent's own window.
    fn pointer_is_free(&mut self, place: (i32, i32)) -> bool;
    /// Whether a key does not go to the agent's own window.
    fn keys_are_free(&mut self) -> bool;
}

impl OwnWindow {
    /// The id of the window in the window system.
    pub fn set_id(&self, id: Option<u32>) {
        self.lock().id = id;
    }

    /// Where the window is, in physical pixels, and whether it has the focus.
    pub fn set_seen(&self, edges: Option<[i32; 4]>, focused: bool) {
        let mut seen = self.lock();
        seen.edges = edges;
        seen.focused = focused;
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The real surroundings: asked of the window system, where that can be, else of the window
/// itself, which may be a frame late.
pub struct Around {
    own: OwnWindow,
    desktop: Option<Desktop>,
}

impl Around {
    /// What is around `own`.
    pub fn new(own: OwnWindow) -> Self {
        Self { own, desktop: Desktop::connect() }
    }
}

impl Surroundings for Around {
    fn pointer_is_free(&mut self, (x, y): (i32, i32)) -> bool {
        let seen = *self.own.lock();
        if let (Some(desktop), Some(id)) = (&self.desktop, seen.id)
            && let (Some(under), Some(own)) = (desktop.window_at((x, y)), desktop.frame_of(id))
        {
            return under != own;
        }
        seen.edges.is_none_or(|[left, top, right, bottom]| {
            !((left..right).contains(&x) && (top..bottom).contains(&y))
        })
    }

    fn keys_are_free(&mut self) -> bool {
        let seen = *self.own.lock();
        if let (Some(desktop), Some(id)) = (&self.desktop, seen.id)
            && let Some(focus) = desktop.focus()
        {
            return match focus {
                Focus::Window(window) => window != id,
                #[cfg(target_os = "windows")]
                Focus::Own => false,
                Focus::UnderPointer => {
                    let pointer = desktop.pointer();
                    pointer.is_some_and(|place| self.pointer_is_free(place))
                }
            };
        }
        !seen.focused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nobody_can_be_asked_the_window_s_own_word_counts() {
        let own = OwnWindow::default();
        let mut around = Around { own: own.clone(), desktop: None };
        assert!(around.pointer_is_free((5, 5)) && around.keys_are_free());
        own.set_seen(Some([0, 0, 10, 10]), true);
        assert!(!around.pointer_is_free((5, 5)));
        assert!(around.pointer_is_free((10, 5)));
        assert!(!around.keys_are_free());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn where_the_keyboard_follows_the_pointer_that_decides() {
        use x11rb::connection::Connection as _;
        use x11rb::protocol::xproto::{
            ConnectionExt as _, CreateWindowAux, InputFocus, WindowClass,
        };
        use x11rb::wrapper::ConnectionExt as _;

        let server = crate::capture::x11::server::Server::start("320x200x24", &[]);
        let painter = server.painter();
        let x = &painter.connection;
        let window = x.generate_id().unwrap();
        let (class, none) = (WindowClass::INPUT_OUTPUT, CreateWindowAux::new());
        x.create_window(0, window, painter.root, 0, 0, 100, 100, 0, class, 0, &none).unwrap();
        x.map_window(window).unwrap();
        let own = OwnWindow::default();
        own.set_id(Some(window));
        let mut around = Around { own, desktop: Desktop::connect_to(Some(&server.display)) };
        for (focus, place, free) in [
            (u32::from(InputFocus::POINTER_ROOT), (50, 50), false),
            (u32::from(InputFocus::POINTER_ROOT), (200, 50), true),
            (window, (200, 50), false),
            (u32::from(InputFocus::NONE), (50, 50), true),
        ] {
            x.set_input_focus(InputFocus::NONE, focus, x11rb::CURRENT_TIME).unwrap();
            x.warp_pointer(x11rb::NONE, painter.root, 0, 0, 0, 0, place.0, place.1).unwrap();
            x.sync().unwrap();
            assert_eq!(around.keys_are_free(), free, "{focus} {place:?}");
        }
    }
}
