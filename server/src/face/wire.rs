//! One connection, plain or TLS, which can be cut from outside.

use std::collections::HashMap;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::os::fd::AsFd;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tonic::transport::server::Connected;

use crate::metrics::{Metrics, Present};

/// A TLS handshake takes no longer.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// A connection without a token has so long.
const ADMITTED_WITHIN: Duration = Duration::from_secs(10);
/// The most connections at once.
const CONNECTIONS_MAX: usize = 64;

/// The bytes of one connection.
pub(super) struct Wire {
    io: Pin<Box<dyn Bytes>>,
    caller: Caller,
    _seat: Seat,
    _present: Option<Present>,
}

trait Bytes: AsyncRead + AsyncWrite + Send {}
impl<T: AsyncRead + AsyncWrite + Send> Bytes for T {}

/// Between whom a connection is.
#[derive(Clone)]
pub(super) struct Caller {
    /// The other end.
    pub remote: SocketAddr,
    /// This end.
    pub local: SocketAddr,
    seat: u64,
    seats: Seats,
}

/// The connections that there are; clones share them.
#[derive(Clone, Default)]
pub(super) struct Seats(Arc<Mutex<Taken>>);

#[derive(Default)]
struct Taken {
    next: u64,
    open: HashMap<u64, Open>,
    closed: bool,
    trusting: bool,
}

/// An open connection.
struct Open {
    stream: std::net::TcpStream,
    /// Whether somebody has shown a token on it.
    admitted: bool,
}

/// A place among the connections, free again when this is dropped.
struct Seat {
    id: u64,
    seats: Seats,
}

impl Wire {
    /// Takes a connection over; refused where there are too many or TLS does not come about.
    pub async fn accept(
        stream: TcpStream,
        tls: Option<&TlsAcceptor>,
        seats: &Seats,
    ) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let (remote, local) = (stream.peer_addr()?, stream.local_addr()?);
        let seat = seats.take(&stream)?;
        let caller = Caller { remote, local, seat: seat.id, seats: seats.clone() };
        let late = caller.clone();
        tokio::spawn(async move {
            tokio::time::sleep(ADMITTED_WITHIN).await;
            late.seats.cut_stranger(late.seat);
        });
        let io: Pin<Box<dyn Bytes>> = match tls {
            None => Box::pin(stream),
            Some(tls) => {
                let shaken = tokio::time::timeout(HANDSHAKE_WITHIN, tls.accept(stream)).await;
                Box::pin(shaken.map_err(|_| io::ErrorKind::TimedOut)??)
            }
        };
        Ok(Self { io, caller, _seat: seat, _present: None })
    }

    /// The same, counted for as long as it is open.
    pub fn counted(self, metrics: &Metrics) -> Self {
        Self { _present: Some(metrics.face_connection()), ..self }
    }
}

impl Seats {
    /// Closes every connection at once.
    pub fn cut(&self) {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for open in taken.open.values() {
            open.cut();
        }
    }

    /// Whether new connections are closed as soon as they come.
    #[cfg(feature = "esdb-peer")]
    pub fn close(&self, closed: bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).closed = closed;
    }

    /// Whether connections stay without a token.
    #[cfg(feature = "esdb-peer")]
    pub fn trust(&self, trusting: bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).trusting = trusting;
    }

    /// How many connections there are.
    #[cfg(feature = "esdb-peer")]
    pub fn taken(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).open.len()
    }

    fn cut_stranger(&self, id: u64) {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = taken.open.get(&id).filter(|open| !open.admitted) {
            open.cut();
        }
    }

    fn take(&self, stream: &TcpStream) -> io::Result<Seat> {
        let twin = std::net::TcpStream::from(stream.as_fd().try_clone_to_owned()?);
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.closed || taken.open.len() >= CONNECTIONS_MAX {
            return Err(io::Error::other("there are too many connections"));
        }
        let id = taken.next;
        taken.next += 1;
        let admitted = taken.trusting;
        taken.open.insert(id, Open { stream: twin, admitted });
        Ok(Seat { id, seats: self.clone() })
    }
}

impl Open {
    fn cut(&self) {
        // One that is closed already needs no closing.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

impl Caller {
    /// Somebody has shown a token on this connection: it may stay.
    pub fn was_admitted(&self) {
        let mut taken = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = taken.open.get_mut(&self.seat) {
            open.admitted = true;
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.open.remove(&self.id);
    }
}

impl Connected for Wire {
    type ConnectInfo = Caller;

    fn connect_info(&self) -> Caller {
        self.caller.clone()
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.io.as_mut().poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.io.as_mut().poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.io.as_mut().poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.as_mut().poll_shutdown(context)
    }
}
