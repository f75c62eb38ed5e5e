//! The clipboard of an X server: who owns it is told by `XFixes`, and its content is read in bounded
//! pieces. Source: Inter-Client Communication Conventions Manual, section 2.

use std::os::fd::AsFd as _;
use std::time::Duration;

use beckon_peer::{Clip, ClipError};
use x11rb::connection::Connection as _;
use x11rb::errors::{ConnectError, ConnectionError, ReplyError, ReplyOrIdError};
use x11rb::protocol::Event;
use x11rb::protocol::xfixes::{ConnectionExt as _, SelectionEventMask};
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ConnectionExt as _, CreateWindowAux, EventMask, Property, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

use super::Kept;
use super::picture;
use super::source::{Content, Source, SourceError};
use super::waker::Sleep;
use crate::clock;

x11rb::atom_manager! {
    Atoms: AtomsCookie {
        CLIPBOARD,
        TARGETS,
        INCR,
        UTF8_STRING,
        UTF8_MIME: b"text/plain;charset=utf-8",
        STRING,
        PNG: b"image/png",
        PASSWORD: b"x-kde-passwordManagerHint",
        BECKON_CLIPBOARD,
    }
}

/// How long the owner of the clipboard may take for each step.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often an owner is asked who does not answer: some hear nobody while they serve another
/// program.
const ASKED: u32 = 2;
/// How often is looked whether somebody has changed their mind.
const LOOK: Duration = Duration::from_millis(20);
/// The longest list of kinds that is looked at, in bytes.
const TARGETS_MOST: usize = 16 * 1024;

/// The clipboard of the X server of `$DISPLAY`.
pub struct Selection {
    connection: RustConnection,
    root: Window,
    window: Window,
    atoms: Atoms,
    /// Somebody else owns the clipboard since it was read last.
    changed: bool,
}

/// Why something was not read.
enum Unread {
    /// The owner has nothing of this kind, or nobody wants it any more.
    Missing,
    /// The owner does not answer.
    NoAnswer,
    /// There is too much of it.
    TooLong,
    /// The X server is gone.
    Gone(String),
}

impl From<ConnectionError> for Unread {
    fn from(error: ConnectionError) -> Self {
        Self::Gone(error.to_string())
    }
}

impl From<ReplyError> for Unread {
    fn from(error: ReplyError) -> Self {
        match error {
            ReplyError::ConnectionError(error) => error.into(),
            ReplyError::X11Error(_) => Self::Missing,
        }
    }
}

impl From<ReplyOrIdError> for Unread {
    fn from(error: ReplyOrIdError) -> Self {
        Self::Gone(error.to_string())
    }
}

impl From<ConnectError> for SourceError {
    fn from(error: ConnectError) -> Self {
        Self(error.to_string())
    }
}

impl From<ReplyError> for SourceError {
    fn from(error: ReplyError) -> Self {
        Self(error.to_string())
    }
}

impl From<ConnectionError> for SourceError {
    fn from(error: ConnectionError) -> Self {
        Self(error.to_string())
    }
}

impl Selection {
    /// Connects.
    pub fn open() -> Result<Self, SourceError> {
        let (connection, screen) = x11rb::connect(None)?;
        let root = connection.setup().roots.get(screen).map(|screen| screen.root);
        let root = root.ok_or_else(|| SourceError("the X server has no screen".to_owned()))?;
        let atoms = Atoms::new(&connection)?.reply()?;
        connection.xfixes_query_version(5, 0)?.reply()?;
        Ok(Self { connection, root, window: root, atoms, changed: false })
    }

    /// What the owner has, in its kind `target`, of at most `longest` bytes.
    fn convert(
        &mut self,
        target: Atom,
        longest: usize,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<Vec<u8>, Unread> {
        for _ in 1..ASKED {
            match self.convert_once(target, longest, goes_on) {
                Err(Unread::NoAnswer) => {}
                answered => return answered,
            }
        }
        self.convert_once(target, longest, goes_on)
    }

    fn convert_once(
        &mut self,
        target: Atom,
        longest: usize,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<Vec<u8>, Unread> {
        // A window of its own for each: what an earlier owner still sends goes nowhere.
        self.window = self.connection.generate_id()?;
        let events = CreateWindowAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        let (depth, visual) = (x11rb::COPY_DEPTH_FROM_PARENT, x11rb::COPY_FROM_PARENT);
        let class = WindowClass::INPUT_OUTPUT;
        let (window, root) = (self.window, self.root);
        self.connection
            .create_window(depth, window, root, -1, -1, 1, 1, 0, class, visual, &events)?;
        let read = self.converted(target, longest, goes_on);
        self.connection.destroy_window(window)?;
        self.connection.flush()?;
        read
    }

    fn converted(
        &mut self,
        target: Atom,
        longest: usize,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<Vec<u8>, Unread> {
        let Atoms { CLIPBOARD, BECKON_CLIPBOARD, INCR, .. } = self.atoms;
        let window = self.window;
        self.connection.convert_selection(
            window,
            CLIPBOARD,
            target,
            BECKON_CLIPBOARD,
            x11rb::CURRENT_TIME,
        )?;
        self.await_event(goes_on, |event| match event {
            Event::SelectionNotify(told) if told.requestor == window => Some(told.property),
            _ => None,
        })
        .and_then(|property| if property == x11rb::NONE { Err(Unread::Missing) } else { Ok(()) })?;
        let (kind, mut whole) = self.property(longest)?;
        if kind != INCR {
            return Ok(whole);
        }
        whole.clear();
        loop {
            self.await_piece(goes_on)?;
            let piece = match self.property(longest - whole.len()) {
                Ok((_, piece)) => piece,
                Err(Unread::TooLong) => {
                    return Err(match self.let_finish(goes_on) {
                        Err(gone @ Unread::Gone(_)) => gone,
                        _ => Unread::TooLong,
                    });
                }
                Err(other) => return Err(other),
            };
            if piece.is_empty() {
                return Ok(whole);
            }
            whole.extend(piece);
        }
    }

    /// Waits for the next piece of something long.
    fn await_piece(&mut self, goes_on: &dyn Fn() -> bool) -> Result<(), Unread> {
        let (window, name) = (self.window, self.atoms.BECKON_CLIPBOARD);
        self.await_event(goes_on, |event| match event {
            Event::PropertyNotify(told)
                if told.window == window
                    && told.atom == name
                    && told.state == Property::NEW_VALUE =>
            {
                Some(())
            }
            _ => None,
        })
    }

    /// Throws away the rest of something too long: an owner that serves one program at a time
    /// would wait for ever for whoever goes away in the middle.
    fn let_finish(&mut self, goes_on: &dyn Fn() -> bool) -> Result<(), Unread> {
        let (window, name) = (self.window, self.atoms.BECKON_CLIPBOARD);
        let until = clock::uptime() + PATIENCE;
        while clock::uptime() < until {
            let any = u32::from(AtomEnum::ANY);
            let rest = self.connection.get_property(false, window, name, any, 0, 0)?.reply()?;
            // Where there is none, the next piece is on its way; an empty one is the last.
            if rest.type_ != x11rb::NONE {
                self.connection.delete_property(window, name)?;
                if rest.bytes_after == 0 {
                    break;
                }
            }
            self.await_piece(goes_on)?;
        }
        self.connection.flush()?;
        Ok(())
    }

    /// Takes what was put on the window; the owner goes on when it is gone.
    fn property(&self, longest: usize) -> Result<(Atom, Vec<u8>), Unread> {
        let name = self.atoms.BECKON_CLIPBOARD;
        let words = u32::try_from(longest.div_ceil(4).max(1)).unwrap_or(u32::MAX);
        let any = u32::from(AtomEnum::ANY);
        let asked = self.connection.get_property(true, self.window, name, any, 0, words)?;
        let reply = asked.reply()?;
        if reply.bytes_after > 0 || (reply.type_ != self.atoms.INCR && reply.value.len() > longest)
        {
            return Err(Unread::TooLong);
        }
        Ok((reply.type_, reply.value))
    }

    /// Waits for what `wanted` recognises; notes meanwhile whether the clipboard changes.
    fn await_event<T>(
        &mut self,
        goes_on: &dyn Fn() -> bool,
        wanted: impl Fn(&Event) -> Option<T>,
    ) -> Result<T, Unread> {
        let until = clock::uptime() + PATIENCE;
        self.connection.flush()?;
        loop {
            while let Some(event) = self.connection.poll_for_event()? {
                if let Some(found) = wanted(&event) {
                    return Ok(found);
                }
                self.note(&event);
            }
            if !goes_on() {
                return Err(Unread::Missing);
            }
            if clock::uptime() >= until {
                return Err(Unread::NoAnswer);
            }
            wait_readable(&self.connection);
        }
    }

    fn note(&mut self, event: &Event) {
        if let Event::XfixesSelectionNotify(told) = event {
            self.changed |= told.selection == self.atoms.CLIPBOARD && told.owner != x11rb::NONE;
        }
    }

    fn content(&mut self, goes_on: &dyn Fn() -> bool) -> Result<Content, Unread> {
        let targets = self.convert(self.atoms.TARGETS, TARGETS_MOST, goes_on)?;
        let targets: Vec<Atom> = targets
            .chunks_exact(4)
            .filter_map(|atom| atom.try_into().ok().map(Atom::from_ne_bytes))
            .collect();
        let Atoms { UTF8_STRING, UTF8_MIME, STRING, PNG, PASSWORD, .. } = self.atoms;
        if targets.contains(&PASSWORD) && self.convert(PASSWORD, 64, goes_on)? == b"secret" {
            return Ok(Content::Kept(Kept::Secret));
        }
        let first = [UTF8_STRING, UTF8_MIME, STRING].into_iter().find(|t| targets.contains(t));
        if let Some(target) = first {
            let bytes = self.convert(target, Clip::LONGEST_TEXT, goes_on)?;
            let text = if target == STRING {
                // ISO 8859-1.
                bytes.into_iter().map(char::from).collect()
            } else {
                String::from_utf8_lossy(&bytes).into_owned()
            };
            if text.len() > Clip::LONGEST_TEXT {
                return Err(Unread::TooLong);
            }
            if !text.is_empty() {
                return Ok(Content::Text(text));
            }
        }
        if targets.contains(&PNG) {
            let png = self.convert(PNG, Clip::LONGEST_PNG, goes_on)?;
            return Ok(match picture::decode(png) {
                Ok(pixels) => Content::Picture(pixels),
                Err(ClipError::TooLarge | ClipError::TooLong) => Content::Kept(Kept::TooLarge),
                Err(ClipError::Empty | ClipError::Malformed | ClipError::Unknown) => {
                    Content::Nothing
                }
            });
        }
        Ok(Content::Nothing)
    }

    fn select(&self, events: SelectionEventMask) -> Result<(), SourceError> {
        let asked = self.connection.xfixes_select_selection_input(
            self.root,
            self.atoms.CLIPBOARD,
            events,
        )?;
        asked.check()?;
        Ok(())
    }
}

impl Source for Selection {
    fn watch(&mut self) -> Result<(), SourceError> {
        self.changed = false;
        self.select(SelectionEventMask::SET_SELECTION_OWNER)
    }

    fn ignore(&mut self) {
        if let Err(error) = self.select(SelectionEventMask::from(0_u32)) {
            tracing::info!(%error, "the clipboard is no longer watched: the X server is gone");
        }
        self.changed = false;
    }

    fn wait(&mut self, sleep: &Sleep) -> Result<bool, SourceError> {
        while let Some(event) = self.connection.poll_for_event()? {
            self.note(&event);
        }
        if !self.changed {
            let slept = sleep.until(Some(self.connection.stream().as_fd()), None);
            slept.map_err(|error| SourceError(error.to_string()))?;
            while let Some(event) = self.connection.poll_for_event()? {
                self.note(&event);
            }
        }
        Ok(std::mem::take(&mut self.changed))
    }

    fn read(&mut self, goes_on: &dyn Fn() -> bool) -> Result<Content, SourceError> {
        match self.content(goes_on) {
            Ok(content) => Ok(content),
            Err(Unread::Missing | Unread::NoAnswer) => Ok(Content::Nothing),
            Err(Unread::TooLong) => Ok(Content::Kept(Kept::TooLarge)),
            Err(Unread::Gone(why)) => Err(SourceError(why)),
        }
    }
}

fn wait_readable(connection: &RustConnection) {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut ends = [PollFd::new(connection.stream(), PollFlags::IN)];
    let most = Timespec::try_from(LOOK).ok();
    if let Err(error) = poll(&mut ends, most.as_ref()) {
        tracing::debug!(%error, "waiting for the clipboard was interrupted");
    }
}
