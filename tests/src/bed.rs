//! A desk of 1920 × 1080 on which a screen benchmark works: its own hands, its own eyes.

use beckon_peer::screen::Rect;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    ChangeWindowAttributesAux, ConnectionExt as _, CreateGCAux, ImageFormat, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use crate::desk::Desk;
use crate::workload::{Mark, Watch};

/// Width of the desk.
pub const WIDTH: u16 = 1920;
/// Height of the desk.
pub const HEIGHT: u16 = 1080;

const KEY_PRESS: u8 = 2;
const KEY_RELEASE: u8 = 3;
const BUTTON_PRESS: u8 = 4;
const BUTTON_RELEASE: u8 = 5;
const MOTION: u8 = 6;

/// A desk with a connection of its own to the X server.
pub struct Bed {
    /// The desk.
    pub desk: Desk,
    x: RustConnection,
    root: Window,
}

impl Bed {
    /// On an X server without a screen; there is a photo on the desk.
    pub fn open() -> Self {
        let screen = format!("{WIDTH}x{HEIGHT}x24");
        Self::on(Desk::served("bench", "Xvfb", &["-screen", "0", &screen]))
    }

    /// On an X server that is a VNC server itself.
    pub fn in_xvnc(port: u16) -> Self {
        let (screen, port) = (format!("{WIDTH}x{HEIGHT}"), port.to_string());
        let arguments = ["-geometry", &screen, "-depth", "24", "-SecurityTypes", "None"];
        let own = ["-rfbport", &port, "-localhost"];
        Self::on(Desk::served("xvnc", "Xtigervnc", &[&arguments[..], &own[..]].concat()))
    }

    fn on(desk: Desk) -> Self {
        let (x, screen) = x11rb::connect(Some(desk.display())).expect("a display");
        let root = x.setup().roots[screen].root;
        let bed = Self { desk, x, root };
        bed.hang(&photo());
        bed
    }

    /// Puts a picture on the background.
    fn hang(&self, pixels: &[u8]) {
        const ROWS: u16 = 32;
        let x = &self.x;
        let (pixmap, context) = (x.generate_id().expect("an id"), x.generate_id().expect("an id"));
        x.create_pixmap(24, pixmap, self.root, WIDTH, HEIGHT).expect("X is there");
        x.create_gc(context, pixmap, &CreateGCAux::new()).expect("X is there");
        for (at, rows) in pixels.chunks(usize::from(ROWS) * usize::from(WIDTH) * 4).enumerate() {
            let high = u16::try_from(rows.len() / usize::from(WIDTH) / 4).expect("few rows");
            let top = i16::try_from(at).expect("few parts") * ROWS.cast_signed();
            let format = ImageFormat::Z_PIXMAP;
            x.put_image(format, pixmap, context, WIDTH, high, 0, top, 0, 24, rows)
                .expect("X is there");
        }
        let background = ChangeWindowAttributesAux::new().background_pixmap(pixmap);
        x.change_window_attributes(self.root, &background).expect("X is there");
        x.clear_area(false, self.root, 0, 0, 0, 0).expect("X is there");
        self.settle();
    }

    /// The connection.
    pub fn x(&self) -> &RustConnection {
        &self.x
    }

    /// The window behind all others.
    pub fn root(&self) -> Window {
        self.root
    }

    /// What really stands there: blue, green, red and a byte that does not count.
    pub fn pixels(&self, rect: Rect) -> Vec<u8> {
        pixels(&self.x, self.root, rect)
    }

    /// The mark of what really stands there.
    pub fn mark(&self, watch: &Watch) -> Mark {
        watch.mark(&self.pixels(watch.rect))
    }

    /// Moves the pointer.
    pub fn point_at(&self, x: i16, y: i16) {
        self.x.xtest_fake_input(MOTION, 0, 0, self.root, x, y, 0).expect("X is there");
        self.x.flush().expect("X is there");
    }

    /// Presses a button, or lets go.
    pub fn button(&self, number: u8, press: bool) {
        let kind = if press { BUTTON_PRESS } else { BUTTON_RELEASE };
        self.x.xtest_fake_input(kind, number, 0, self.root, 0, 0, 0).expect("X is there");
        self.x.flush().expect("X is there");
    }

    /// Presses the key of a symbol that needs no Shift, and lets go.
    pub fn key(&self, symbol: u32) {
        let setup = self.x.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let mapping = self.x.get_keyboard_mapping(first, last - first + 1).expect("X is there");
        let mapping = mapping.reply().expect("X answers");
        let per_key = usize::from(mapping.keysyms_per_keycode);
        let codes = mapping.keysyms.chunks(per_key);
        let index = codes.into_iter().position(|symbols| symbols.first() == Some(&symbol));
        let index = index.unwrap_or_else(|| panic!("no key for {symbol:#x}"));
        let code = first + u8::try_from(index).expect("a key code");
        for kind in [KEY_PRESS, KEY_RELEASE] {
            self.x.xtest_fake_input(kind, code, 0, self.root, 0, 0, 0).expect("X is there");
        }
        self.x.flush().expect("X is there");
    }

    /// Waits until all that was asked for is done.
    pub fn settle(&self) {
        self.x.get_input_focus().expect("X is there").reply().expect("X answers");
    }
}

/// The pixels of a part of a window, as the X server has them.
pub fn pixels(x: &RustConnection, window: Window, rect: Rect) -> Vec<u8> {
    let [left, top] = [rect.x, rect.y].map(|at| i16::try_from(at).expect("a small desk"));
    let [wide, high] = [rect.width, rect.height].map(|at| u16::try_from(at).expect("small"));
    let format = ImageFormat::Z_PIXMAP;
    let image = x.get_image(format, window, left, top, wide, high, u32::MAX).expect("X is there");
    image.reply().expect("a part of the desk").data
}

/// Hills, a sky and some grain: as hard for codecs as a photo.
fn photo() -> Vec<u8> {
    let mut dice = crate::workload::words::Dice::new(7);
    let mut pixels = Vec::with_capacity(usize::from(WIDTH) * usize::from(HEIGHT) * 4);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let (x, y) = (f32::from(x), f32::from(y));
            let hill = 620.0 + 90.0 * (x / 260.0).sin() + 40.0 * (x / 71.0).cos();
            let shade = 20.0 * (x / 37.0).sin() * (y / 29.0).cos();
            let grain = f32::from(u8::try_from(dice.below(13)).unwrap_or(0));
            let (blue, green, red) = if y > hill {
                (60.0 + shade, 110.0 + shade * 2.0 - (y - hill) / 8.0, 70.0 + shade)
            } else {
                (225.0 - y / 9.0, 170.0 - y / 12.0, 120.0 + y / 10.0)
            };
            for value in [blue, green, red] {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    clippy::as_conversions,
                    reason = "clamped to a byte"
                )]
                pixels.push((value + grain).clamp(0.0, 255.0) as u8);
            }
            pixels.push(0);
        }
    }
    pixels
}
