//! A canvas: the end user's own application, which shows a known picture and remembers what was
//! done to it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ConnectionExt as _, CreateGCAux, CreateWindowAux, EventMask, Gcontext, ImageFormat,
    Keysym, PropMode, Window as WindowId, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use crate::clock::{PATIENCE, within};
use crate::desk::Desk;
use crate::shot::{Colour, Place, Shot};
use crate::window::Window;

const PAUSE: Duration = Duration::from_millis(4);
const ROWS_A_REQUEST: usize = 32;
/// Place and size, both said by the person and by the program.
const PERSON_CHOSE: u32 = 1 | 2 | 16 | 32;

/// Something that was done to a canvas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// A button of the pointer went down at this place of the canvas; 4 to 7 are the wheel.
    Press(u8, i16, i16),
    /// A button of the pointer came up.
    Release(u8),
    /// A key went down; its X key symbol.
    KeyDown(Keysym),
    /// A key came up.
    KeyUp(Keysym),
}

/// A real X11 window in a thread of the tests, with a connection of its own.
pub struct Canvas {
    title: String,
    picture: Shot,
    done: Arc<Mutex<Vec<Done>>>,
    over: Arc<AtomicBool>,
    painter: Option<JoinHandle<()>>,
}

/// A picture that no codec can guess: noise, gradients, sharp edges and flat parts.
pub fn pattern(width: u32, height: u32) -> Shot {
    Shot::drawn(width, height, |x, y| {
        let byte = |value: u32| u8::try_from(value & 0xff).unwrap_or(0);
        match (x / 40 + y / 40) % 4 {
            0 => noise(x, y),
            1 => [byte(x), byte(y), byte(x + y)],
            2 if x % 2 == y % 2 => [255, 255, 255],
            2 => [0, 0, 0],
            _ => [byte(x / 40 * 37), byte(y / 40 * 53), 200],
        }
    })
}

fn noise(x: u32, y: u32) -> Colour {
    let mut value = x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77);
    for _ in 0..3 {
        value ^= value >> 15;
        value = value.wrapping_mul(0x2C1B_3C6D);
    }
    let [red, green, blue, _] = value.to_be_bytes();
    [red, green, blue]
}

/// Where a pointer hides nothing.
const ASIDE: (i32, i32) = (900, 700);

impl Canvas {
    /// Shows `picture` in a window whose frame stands at about `corner`, and waits until it is there.
    pub fn show(desk: &Desk, title: &str, corner: (i32, i32), picture: Shot) -> Self {
        // Control paints the pointer over the picture.
        desk.hand().point_at(ASIDE);
        let (x, screen) = x11rb::connect(Some(desk.display())).expect("a desk has a display");
        let place =
            Place { x: corner.0, y: corner.1, width: picture.width(), height: picture.height() };
        let brush = Brush::open(x, screen, title, place).expect("X opens a window");
        let (done, over) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let painter = {
            let (picture, done, over) = (picture.clone(), Arc::clone(&done), Arc::clone(&over));
            std::thread::spawn(move || brush.work(&picture, &done, &over))
        };
        let canvas = Self { title: title.to_owned(), picture, done, over, painter: Some(painter) };
        let window = canvas.window(desk);
        if within(PATIENCE, || canvas.is_visible(desk).then_some(())).is_none() {
            window.fail("the picture was not painted");
        }
        canvas
    }

    /// Its window.
    pub fn window<'d>(&self, desk: &'d Desk) -> Window<'d> {
        desk.window_titled(&self.title)
    }

    /// The picture that it shows.
    pub fn picture(&self) -> &Shot {
        &self.picture
    }

    /// Whether the picture is on the desk bit for bit, wholly uncovered.
    pub fn is_visible(&self, desk: &Desk) -> bool {
        let place = self.window(desk).place();
        (place.width, place.height) == (self.picture.width(), self.picture.height())
            && desk.picture().part(place) == self.picture
    }

    /// What was done to it so far.
    pub fn done(&self) -> Vec<Done> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until `is_it` holds for something that was done to it.
    pub fn notices(&self, what: &str, is_it: impl Fn(&Done) -> bool) -> Done {
        within(PATIENCE, || self.done().into_iter().find(|done| is_it(done)))
            .unwrap_or_else(|| panic!("{what} did not reach “{}”: {:?}", self.title, self.done()))
    }
}

impl Drop for Canvas {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(painter) = self.painter.take() {
            // When the desk ended first, the painter has lost its display: no matter here.
            let _ = painter.join();
        }
    }
}

struct Brush {
    x: RustConnection,
    window: WindowId,
    context: Gcontext,
    depth: u8,
}

type Painted<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

impl Brush {
    fn open(x: RustConnection, screen: usize, title: &str, place: Place) -> Painted<Self> {
        let root = x.setup().roots[screen].clone();
        let (window, context) = (x.generate_id()?, x.generate_id()?);
        let events = EventMask::EXPOSURE
            | EventMask::BUTTON_PRESS
            | EventMask::BUTTON_RELEASE
            | EventMask::KEY_PRESS
            | EventMask::KEY_RELEASE;
        let (left, top) = (i16::try_from(place.x)?, i16::try_from(place.y)?);
        let (width, height) = (u16::try_from(place.width)?, u16::try_from(place.height)?);
        let how = CreateWindowAux::new().event_mask(events);
        let class = WindowClass::INPUT_OUTPUT;
        x.create_window(
            root.root_depth,
            window,
            root.root,
            left,
            top,
            width,
            height,
            0,
            class,
            root.root_visual,
            &how,
        )?;
        let name = AtomEnum::WM_NAME;
        x.change_property8(PropMode::REPLACE, window, name, AtomEnum::STRING, title.as_bytes())?;
        let net_name = x.intern_atom(false, b"_NET_WM_NAME")?.reply()?.atom;
        let utf8 = x.intern_atom(false, b"UTF8_STRING")?.reply()?.atom;
        x.change_property8(PropMode::REPLACE, window, net_name, utf8, title.as_bytes())?;
        // The person chose place and size: no window manager may choose others.
        let (wide, high) = (place.width, place.height);
        let hints = [PERSON_CHOSE, 0, 0, 0, 0, wide, high, wide, high, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let (normal, kind) = (AtomEnum::WM_NORMAL_HINTS, AtomEnum::WM_SIZE_HINTS);
        x.change_property32(PropMode::REPLACE, window, normal, kind, &hints)?;
        x.create_gc(context, window, &CreateGCAux::new())?;
        x.map_window(window)?;
        x.flush()?;
        Ok(Self { x, window, context, depth: root.root_depth })
    }

    fn work(&self, picture: &Shot, done: &Mutex<Vec<Done>>, over: &AtomicBool) {
        let bytes = picture.to_bgrx();
        while !over.load(Ordering::Relaxed) {
            match self.x.poll_for_event() {
                Ok(Some(event)) => {
                    if self.answer(&event, picture, &bytes, done).is_err() {
                        return;
                    }
                }
                Ok(None) => std::thread::sleep(PAUSE),
                Err(_) => return,
            }
        }
    }

    fn answer(
        &self,
        event: &Event,
        picture: &Shot,
        bytes: &[u8],
        done: &Mutex<Vec<Done>>,
    ) -> Painted<()> {
        let noted = match event {
            Event::Expose(_) => return self.paint(picture, bytes),
            Event::ButtonPress(press) => Done::Press(press.detail, press.event_x, press.event_y),
            Event::ButtonRelease(release) => Done::Release(release.detail),
            Event::KeyPress(press) => Done::KeyDown(self.symbol(press.detail, press.state.into())?),
            Event::KeyRelease(release) => {
                Done::KeyUp(self.symbol(release.detail, release.state.into())?)
            }
            _ => return Ok(()),
        };
        done.lock().unwrap_or_else(PoisonError::into_inner).push(noted);
        Ok(())
    }

    fn paint(&self, picture: &Shot, bytes: &[u8]) -> Painted<()> {
        let row = picture.width() as usize * 4;
        let width = u16::try_from(picture.width())?;
        for (at, rows) in bytes.chunks(row * ROWS_A_REQUEST).enumerate() {
            let height = u16::try_from(rows.len() / row)?;
            let top = i16::try_from(at * ROWS_A_REQUEST)?;
            let format = ImageFormat::Z_PIXMAP;
            let (window, context, depth) = (self.window, self.context, self.depth);
            self.x.put_image(format, window, context, width, height, 0, top, 0, depth, rows)?;
        }
        self.x.flush()?;
        Ok(())
    }

    fn symbol(&self, key: u8, state: u16) -> Painted<Keysym> {
        const SHIFT: u16 = 1;
        let symbols = self.x.get_keyboard_mapping(key, 1)?.reply()?.keysyms;
        let shifted = symbols.get(1).copied().filter(|symbol| *symbol != 0 && state & SHIFT != 0);
        Ok(shifted.or_else(|| symbols.first().copied()).unwrap_or(0))
    }
}
