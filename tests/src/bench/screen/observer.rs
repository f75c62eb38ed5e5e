//! The truth: what stands on the desk and since when, told by the X server itself.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use beckon_peer::screen::Rect;
use x11rb::NONE;
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::damage::{ConnectionExt as _, ReportLevel};
use x11rb::protocol::xproto::{
    ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, WindowClass,
};
use x11rb::rust_connection::RustConnection;

use super::diary::{Diary, Seen};
use crate::bed::{Bed, pixels};
use crate::bench::now;

/// A thread that is told of every change on the desk and looks at the watched part at once. It
/// costs the same beside every peer.
pub struct Observer {
    x: Arc<RustConnection>,
    window: u32,
    diary: Arc<Diary>,
    changed: Arc<Mutex<Instant>>,
    thread: Option<JoinHandle<()>>,
}

impl Observer {
    /// Begins to look.
    pub fn begin(bed: &Bed, diary: Diary) -> Self {
        let (x, screen) = x11rb::connect(Some(bed.desk.display())).expect("a display");
        let x = Arc::new(x);
        let root = x.setup().roots[screen].root;
        x.damage_query_version(1, 1).expect("X is there").reply().expect("DAMAGE");
        let (damage, window) = (x.generate_id().expect("an id"), x.generate_id().expect("an id"));
        let plain = CreateWindowAux::new();
        x.create_window(0, window, root, 0, 0, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &plain)
            .expect("X is there");
        x.damage_create(damage, root, ReportLevel::NON_EMPTY).expect("X is there");
        x.flush().expect("X is there");
        let (diary, changed) = (Arc::new(diary), Arc::new(Mutex::new(now())));
        diary.saw(now(), |rect| swapped(pixels(&x, root, rect)));
        let (own, book, last) = (Arc::clone(&x), Arc::clone(&diary), Arc::clone(&changed));
        let thread = std::thread::Builder::new().name("observer".into()).spawn(move || {
            while let Ok(event) = own.wait_for_event() {
                match event {
                    Event::DamageNotify(_) => {
                        let at = now();
                        if own.damage_subtract(damage, NONE, NONE).is_err() {
                            return;
                        }
                        *last.lock().unwrap_or_else(PoisonError::into_inner) = at;
                        book.saw(at, |rect| swapped(pixels(&own, root, rect)));
                    }
                    Event::ClientMessage(_) => return,
                    _ => {}
                }
            }
        });
        Self { x, window, diary, changed, thread: Some(thread.expect("a thread")) }
    }

    /// When something on the desk last changed.
    pub fn last_change(&self) -> Instant {
        *self.changed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends, and tells what was there.
    pub fn end(mut self) -> Seen {
        self.stop();
        self.diary.close()
    }

    fn stop(&mut self) {
        let event = ClientMessageEvent::new(32, self.window, 1_u32, [0; 5]);
        // Where the X server is gone, the thread is too.
        let _ = self.x.send_event(false, self.window, EventMask::NO_EVENT, event);
        let _ = self.x.flush();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.stop();
        }
    }
}

/// Blue, green, red to red, green, blue.
fn swapped(mut pixels: Vec<u8>) -> Vec<u8> {
    for pixel in pixels.as_chunks_mut::<4>().0 {
        pixel.swap(0, 2);
        pixel[3] = 255;
    }
    pixels
}

/// Where nothing is watched but whether anything changes.
pub fn anything() -> Diary {
    let rect = Rect { x: 0, y: 0, width: 8, height: 8 };
    Diary::new(crate::workload::Watch { rect, cell: (8, 8), tolerance: 0 }, None)
}
