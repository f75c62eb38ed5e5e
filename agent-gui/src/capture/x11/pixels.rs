//! Fetches pixels from the X server.

use std::ops::Range;

use beckon_peer::screen::Rect;
use x11rb::connection::{Connection as _, RequestConnection as _};
use x11rb::errors::ReplyError;
use x11rb::protocol::shm::{self, ConnectionExt as _, Seg};
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat, Window};
use x11rb::rust_connection::RustConnection;

use super::format::Format;
use super::shared_memory::SharedMemory;
use crate::capture::CaptureError;

const Z_PIXMAP: u8 = 2;
const ALL_PLANES: u32 = u32::MAX;

/// Fetches images of the root window, by shared memory where the server has that.
#[derive(Debug)]
pub struct Pixels {
    way: Way,
    segment: Option<Segment>,
    /// What came through the socket, or was converted.
    own: Vec<u8>,
}

/// How pixels come over; each is the fallback of the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Memory that is passed as a descriptor.
    Descriptor,
    /// System V memory.
    SystemV,
    /// The socket.
    Socket,
}

#[derive(Debug)]
struct Segment {
    id: Seg,
    memory: SharedMemory,
}

impl Pixels {
    /// The best way that the server has.
    pub fn new(connection: &RustConnection) -> Result<Self, CaptureError> {
        let has_memory = connection.extension_information(shm::X11_EXTENSION_NAME)?.is_some();
        let way = if has_memory {
            let version = connection.shm_query_version()?.reply()?;
            let has_descriptors = (version.major_version, version.minor_version) >= (1, 2);
            if has_descriptors { Way::Descriptor } else { Way::SystemV }
        } else {
            Way::Socket
        };
        Ok(Self::by(way))
    }

    /// That way, or a fallback of it.
    pub fn by(way: Way) -> Self {
        Self { way, segment: None, own: Vec::new() }
    }

    /// How pixels come over.
    #[cfg(test)]
    pub fn way(&self) -> Way {
        self.way
    }

    /// Fetches the rectangles `areas` of `root`, whose pixels are in `format`; where the pixels
    /// of each are says the answer, for [`Pixels::bytes`].
    pub fn fetch(
        &mut self,
        connection: &RustConnection,
        root: Window,
        areas: &[Rect],
        format: &Format,
    ) -> Result<Vec<Range<usize>>, CaptureError> {
        let mut end = 0;
        let ranges: Vec<_> = areas
            .iter()
            .map(|area| {
                let start = end;
                end += format.bytes(*area);
                start..end
            })
            .collect();
        self.prepare(connection, end)?;
        if let Some(segment) = &self.segment {
            let mut asked = Vec::new();
            for (area, range) in areas.iter().zip(&ranges) {
                let (x, y, width, height) = edges(*area)?;
                let offset = u32::try_from(range.start).map_err(|_| CaptureError::TooLarge)?;
                let (planes, seg) = (ALL_PLANES, segment.id);
                asked.push(
                    connection
                        .shm_get_image(root, x, y, width, height, planes, Z_PIXMAP, seg, offset)?,
                );
            }
            for cookie in asked {
                cookie.reply()?;
            }
        } else {
            self.own.clear();
            let (kind, planes) = (ImageFormat::Z_PIXMAP, ALL_PLANES);
            let mut asked = Vec::new();
            for area in areas {
                let (x, y, width, height) = edges(*area)?;
                asked.push(connection.get_image(kind, root, x, y, width, height, planes)?);
            }
            for (cookie, range) in asked.into_iter().zip(&ranges) {
                let image = cookie.reply()?.data;
                let image = image.get(..range.len()).ok_or(CaptureError::Changed)?;
                self.own.extend_from_slice(image);
            }
        }
        if format.is_direct() { Ok(ranges) } else { self.convert(areas, &ranges, format) }
    }

    /// The bytes that ranges point into, until the next fetch.
    pub fn bytes(&self, format: &Format) -> &[u8] {
        match &self.segment {
            Some(segment) if format.is_direct() => segment.memory.bytes(),
            _ => &self.own,
        }
    }

    /// Leaves the segment: the size of the screen has changed.
    pub fn reset(&mut self, connection: &RustConnection) {
        if let Some(segment) = self.segment.take() {
            // A server that is gone has left it too.
            drop(connection.shm_detach(segment.id));
        }
    }

    fn convert(
        &mut self,
        areas: &[Rect],
        ranges: &[Range<usize>],
        format: &Format,
    ) -> Result<Vec<Range<usize>>, CaptureError> {
        let raw = self.segment.as_ref().map_or(&self.own[..], |segment| segment.memory.bytes());
        let (mut own, mut converted) = (Vec::new(), Vec::new());
        for (area, range) in areas.iter().zip(ranges) {
            let start = own.len();
            let raw = raw.get(range.clone()).ok_or(CaptureError::Changed)?;
            format.convert(*area, raw, &mut own);
            converted.push(start..own.len());
        }
        self.own = own;
        Ok(converted)
    }

    /// Makes room for `length` bytes, in shared memory where that works.
    fn prepare(&mut self, connection: &RustConnection, length: usize) -> Result<(), CaptureError> {
        if self.segment.as_ref().is_some_and(|segment| segment.memory.length() >= length) {
            return Ok(());
        }
        self.reset(connection);
        while self.way != Way::Socket {
            match self.attach(connection, length) {
                Ok(segment) => {
                    self.segment = Some(segment);
                    return Ok(());
                }
                Err(ReplyError::ConnectionError(x11rb::errors::ConnectionError::IoError(
                    error,
                ))) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                    return Err(CaptureError::System(error.to_string()));
                }
                Err(error) => {
                    tracing::debug!(%error, way = ?self.way, "no shared memory this way");
                    self.way = match self.way {
                        Way::Descriptor => Way::SystemV,
                        Way::SystemV | Way::Socket => Way::Socket,
                    };
                }
            }
        }
        Ok(())
    }

    fn attach(&self, connection: &RustConnection, length: usize) -> Result<Segment, ReplyError> {
        let id = connection.generate_id().map_err(|error| match error {
            x11rb::errors::ReplyOrIdError::X11Error(error) => ReplyError::X11Error(error),
            x11rb::errors::ReplyOrIdError::ConnectionError(error) => error.into(),
            x11rb::errors::ReplyOrIdError::IdsExhausted => {
                x11rb::errors::ConnectionError::InsufficientMemory.into()
            }
        })?;
        let failed = |error| x11rb::errors::ConnectionError::IoError(error);
        let memory = if self.way == Way::Descriptor {
            let (memory, descriptor) = SharedMemory::by_descriptor(length).map_err(failed)?;
            connection.shm_attach_fd(id, descriptor, false)?.check()?;
            memory
        } else {
            let (memory, number) = SharedMemory::by_id(length).map_err(failed)?;
            connection.shm_attach(id, number, false)?.check()?;
            memory
        };
        Ok(Segment { id, memory })
    }
}

fn edges(area: Rect) -> Result<(i16, i16, u16, u16), CaptureError> {
    let far = |_| CaptureError::Changed;
    Ok((
        i16::try_from(area.x).map_err(far)?,
        i16::try_from(area.y).map_err(far)?,
        u16::try_from(area.width).map_err(far)?,
        u16::try_from(area.height).map_err(far)?,
    ))
}
