//! One WebSocket, read on one thread and written from any other.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use beckon_protocol::limits::{DEAD_AFTER, FRAME_MAX};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

/// How long the kernel may refuse to take more before the connection counts as broken.
const WRITE_WITHIN: Duration = Duration::from_secs(20);

/// Bytes that went over all connections of a probe, counted at the socket.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    /// From the server.
    pub received: Arc<AtomicU64>,
    /// To the server.
    pub sent: Arc<AtomicU64>,
}

/// The reading half.
pub struct Hearing {
    socket: WebSocket<Tap>,
}

/// The writing half. Dropping it closes both.
pub struct Saying {
    socket: WebSocket<Tap>,
}

struct Tap {
    stream: TcpStream,
    /// Both halves write (one of them answers pings): never in the middle of a frame.
    writing: Arc<Mutex<()>>,
    meter: Meter,
}

/// Opens `path` of `host`, connecting to `to`.
pub fn open(
    to: SocketAddr,
    host: &str,
    path: &str,
    meter: &Meter,
) -> io::Result<(Hearing, Saying)> {
    let stream = TcpStream::connect_timeout(&to, DEAD_AFTER)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(DEAD_AFTER))?;
    stream.set_write_timeout(Some(WRITE_WITHIN))?;
    let writing = Arc::default();
    let second =
        Tap { stream: stream.try_clone()?, writing: Arc::clone(&writing), meter: meter.clone() };
    let first = Tap { stream, writing, meter: meter.clone() };
    let config = WebSocketConfig::default()
        .max_message_size(Some(FRAME_MAX))
        .max_frame_size(Some(FRAME_MAX));
    let url = format!("ws://{host}{path}");
    let (socket, _) = client::client_with_config(url, first, Some(config))
        .map_err(|error| io::Error::other(error.to_string()))?;
    let saying = WebSocket::from_raw_socket(second, Role::Client, Some(config));
    Ok((Hearing { socket }, Saying { socket: saying }))
}

impl Hearing {
    /// The next message; `None` once the connection is closed or has been silent for too long.
    pub fn next(&mut self) -> Option<Message> {
        loop {
            match self.socket.read() {
                Ok(Message::Ping(_)) => {
                    // The answer was queued; it must not wait for the next message.
                    self.socket.flush().ok()?;
                }
                Ok(Message::Pong(_) | Message::Frame(_)) => {}
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(message) => return Some(message),
            }
        }
    }
}

impl Saying {
    /// Sends a message; blocks while the kernel takes no more.
    pub fn send(&mut self, message: Message) -> bool {
        self.socket.send(message).is_ok()
    }

    /// Closes both halves without a word, as a cut cable would.
    pub fn cut(&self) {
        // Already closed is as good.
        let _ = self.socket.get_ref().stream.shutdown(Shutdown::Both);
    }
}

impl Drop for Saying {
    fn drop(&mut self) {
        self.cut();
    }
}

/// Bytes of a message as a frame from the server.
pub fn framed(length: usize) -> usize {
    length
        + match length {
            0..126 => 2,
            126..65_536 => 4,
            _ => 10,
        }
}

impl Read for Tap {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.stream.read(into)?;
        self.meter.received.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

impl Write for Tap {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _whole = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.stream.write_all(bytes)?;
        self.meter.sent.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
