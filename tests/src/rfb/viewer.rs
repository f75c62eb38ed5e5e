//! The viewer itself: a thread that reads, decodes and answers.

use std::io::{self, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use super::canvas::{Canvas, PIXEL};
use super::tight::Tight;
use super::wire::Wire;
use crate::bench::now;

const RAW: i32 = 0;
const COPY: i32 = 1;
const TIGHT: i32 = 7;
const DESKTOP_SIZE: i32 = -223;
const LAST_RECT: i32 = -224;
const CURSOR: i32 = -239;
const FENCE: i32 = -312;
const CONTINUOUS: i32 = -313;
/// Compression level 2: what `TigerVNC`'s viewer asks for by itself.
const COMPRESSION: i32 = -256 + 2;

/// How good JPEG should be, 0 to 9; `TigerVNC`'s viewer asks for 8 by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quality(pub u8);

/// Called after each update: the picture, the moment when it was decoded, and the bytes that
/// arrived with it.
pub type Watcher = Box<dyn FnMut(&Canvas, Instant, u64) + Send>;

/// A connection to a VNC server that asks for no password.
pub struct Viewer {
    socket: TcpStream,
    canvas: Arc<Mutex<Canvas>>,
    received: Arc<AtomicU64>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

/// What the thread works with.
struct Reading {
    wire: Wire<TcpStream>,
    socket: TcpStream,
    tight: Tight,
    canvas: Arc<Mutex<Canvas>>,
    received: Arc<AtomicU64>,
    /// Whether the server sends updates without being asked for each.
    continuous: bool,
    watcher: Watcher,
}

impl Viewer {
    /// How its thread is named.
    pub const THREAD: &'static str = "rfb-viewer";

    /// Connects and begins to decode.
    pub fn open(server: SocketAddr, quality: Quality, watcher: Watcher) -> io::Result<Self> {
        let socket = TcpStream::connect(server)?;
        socket.set_nodelay(true)?;
        let received = Arc::new(AtomicU64::new(0));
        let mut wire = Wire::new(socket.try_clone()?, Arc::clone(&received));
        let (width, height) = greet(&mut wire, &socket, quality)?;
        let canvas = Arc::new(Mutex::new(Canvas::new(width.into(), height.into())));
        let mut reading = Reading {
            wire,
            socket: socket.try_clone()?,
            tight: Tight::new()?,
            canvas: Arc::clone(&canvas),
            received: Arc::clone(&received),
            continuous: false,
            watcher,
        };
        reading.ask(false)?;
        let thread = std::thread::Builder::new().name(Self::THREAD.into());
        let thread = Some(thread.spawn(move || reading.read())?);
        Ok(Self { socket, canvas, received, thread })
    }

    /// The picture of now; nothing is decoded while it is held.
    pub fn canvas(&self) -> MutexGuard<'_, Canvas> {
        self.canvas.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes that have arrived on the connection.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Why it no longer decodes, if it does not.
    pub fn failed(&mut self) -> Option<String> {
        let over = self.thread.as_ref().is_some_and(JoinHandle::is_finished);
        let thread = if over { self.thread.take() } else { None };
        thread.map(|thread| match thread.join() {
            Ok(Ok(())) => "it ended".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it panicked".to_owned(),
        })
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        // Where the server was faster, the connection is closed already.
        let _ = self.socket.shutdown(Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// From the version to the size of the desktop.
fn greet(
    wire: &mut Wire<TcpStream>,
    mut socket: &TcpStream,
    quality: Quality,
) -> io::Result<(u16, u16)> {
    wire.skip(b"RFB 003.008\n".len())?;
    socket.write_all(b"RFB 003.008\n")?;
    let count = wire.u8()?.into();
    if !wire.bytes(count)?.contains(&1) {
        return Err(io::Error::other("the server wants a password"));
    }
    socket.write_all(&[1])?;
    if wire.u32()? != 0 {
        return Err(io::Error::other("the server refuses"));
    }
    socket.write_all(&[1])?;
    let size = (wire.u16()?, wire.u16()?);
    wire.skip(16)?;
    let name = wire.u32()?;
    wire.skip(usize::try_from(name).map_err(io::Error::other)?)?;
    // 32 bits a pixel, 24 of them colour, little end first, red at bit 16: as the screen has it.
    let format = [0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0];
    socket.write_all(&format)?;
    let quality = -32 + i32::from(quality.0);
    let encodings = [
        TIGHT,
        COPY,
        RAW,
        DESKTOP_SIZE,
        LAST_RECT,
        CURSOR,
        FENCE,
        CONTINUOUS,
        COMPRESSION,
        quality,
    ];
    let mut message = vec![2, 0, 0, u8::try_from(encodings.len()).unwrap_or_default()];
    message.extend(encodings.iter().flat_map(|encoding| encoding.to_be_bytes()));
    socket.write_all(&message)?;
    Ok(size)
}

impl Reading {
    fn read(&mut self) -> io::Result<()> {
        loop {
            match self.wire.u8()? {
                0 => self.update()?,
                1 => {
                    self.wire.skip(3)?;
                    let colours = usize::from(self.wire.u16()?);
                    self.wire.skip(colours * 6)?;
                }
                2 => {}
                3 => {
                    self.wire.skip(3)?;
                    let length = self.wire.u32()?;
                    self.wire.skip(usize::try_from(length).map_err(io::Error::other)?)?;
                }
                150 => self.go_on()?,
                248 => self.fence()?,
                other => return Err(io::Error::other(format!("message {other}"))),
            }
        }
    }

    /// The server can send without being asked: let it.
    fn go_on(&mut self) -> io::Result<()> {
        if !self.continuous {
            self.continuous = true;
            let mut message = vec![150, 1];
            message.extend(self.whole());
            self.socket.write_all(&message)?;
        }
        Ok(())
    }

    /// With fences a server finds out how fast the way is.
    fn fence(&mut self) -> io::Result<()> {
        const REQUEST: u32 = 1 << 31;
        const KNOWN: u32 = 0b111;
        self.wire.skip(3)?;
        let flags = self.wire.u32()?;
        let length = self.wire.u8()?;
        let words = self.wire.bytes(length.into())?;
        if flags & REQUEST == 0 {
            return Ok(());
        }
        let mut message = vec![248, 0, 0, 0];
        message.extend((flags & KNOWN).to_be_bytes());
        message.push(length);
        message.extend(words);
        self.socket.write_all(&message)
    }

    fn update(&mut self) -> io::Result<()> {
        let before = self.received.load(Ordering::Relaxed);
        self.wire.skip(1)?;
        let count = self.wire.u16()?;
        if !self.continuous {
            self.ask(true)?;
        }
        let canvas = Arc::clone(&self.canvas);
        let mut canvas = canvas.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..count {
            let [x, y, width, height] =
                [self.wire.u16()?, self.wire.u16()?, self.wire.u16()?, self.wire.u16()?];
            match i32::from_be_bytes(self.wire.array()?) {
                LAST_RECT => break,
                DESKTOP_SIZE => *canvas = Canvas::new(width.into(), height.into()),
                CURSOR => {
                    let (width, height) = (usize::from(width), usize::from(height));
                    self.wire.skip(width * height * PIXEL + width.div_ceil(8) * height)?;
                }
                TIGHT => {
                    let area = canvas.area(x, y, width, height)?;
                    self.tight.draw(&mut self.wire, &mut canvas, area)?;
                }
                COPY => {
                    let (from_x, from_y) = (self.wire.u16()?, self.wire.u16()?);
                    let from = canvas.area(from_x, from_y, width, height)?;
                    let to = canvas.area(x, y, width, height)?;
                    canvas.copy(from, to);
                }
                RAW => {
                    let area = canvas.area(x, y, width, height)?;
                    for row in 0..area.height {
                        self.wire.fill(canvas.row(area, row))?;
                    }
                }
                other => return Err(io::Error::other(format!("encoding {other}"))),
            }
        }
        let decoded = now();
        let bytes = self.received.load(Ordering::Relaxed) - before;
        (self.watcher)(&canvas, decoded, bytes);
        Ok(())
    }

    fn ask(&mut self, what_changes: bool) -> io::Result<()> {
        let mut message = vec![3, u8::from(what_changes)];
        message.extend(self.whole());
        self.socket.write_all(&message)
    }

    /// The whole desktop as a rectangle.
    fn whole(&self) -> [u8; 8] {
        // While an update is drawn, the lock is not asked for: `ask` comes first.
        let (width, height) = self.canvas.lock().unwrap_or_else(PoisonError::into_inner).size();
        let [width, height] = [width, height].map(|side| u16::try_from(side).unwrap_or(u16::MAX));
        let (width, height) = (width.to_be_bytes(), height.to_be_bytes());
        [0, 0, 0, 0, width[0], width[1], height[0], height[1]]
    }
}
