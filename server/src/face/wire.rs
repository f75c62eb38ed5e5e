//! One connection, plain or TLS, which can be cut from outside.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::os::fd::AsFd;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tonic::transport::server::Connected;
use uuid::Uuid;

use crate::metrics::{Metrics, Present};

/// A TLS handshake takes no longer.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// A connection without a token has so long.
const ADMITTED_WITHIN: Duration = Duration::from_secs(10);
/// The most connections at once.
const CONNECTIONS_MAX: usize = 64;
/// The most of them without a token.
const STRANGERS_MAX: usize = 16;

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
    from: IpAddr,
    /// Whether it may stay: somebody has shown a token on it.
    admitted: bool,
    /// The tokens that were shown.
    tokens: BTreeSet<Uuid>,
    /// Whether it was closed from here.
    cut: bool,
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
        let seat = seats.take(&stream, remote.ip())?;
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
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.open.values_mut().for_each(Open::cut);
    }

    /// Closes every connection on which one of these tokens was shown; what it has not sent yet
    /// it does not send any more.
    pub fn cut_revoked(&self, revoked: &BTreeSet<Uuid>) {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for open in taken.open.values_mut().filter(|open| !open.tokens.is_disjoint(revoked)) {
            // Otherwise the system would go on sending what a slow reader has not taken.
            if let Err(error) = set_socket_linger(&open.stream, Some(Duration::ZERO)) {
                tracing::debug!(%error, "a connection could not be closed at once");
            }
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
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = taken.open.get_mut(&id).filter(|open| !open.admitted) {
            open.cut();
        }
    }

    fn take(&self, stream: &TcpStream, from: IpAddr) -> io::Result<Seat> {
        let twin = std::net::TcpStream::from(stream.as_fd().try_clone_to_owned()?);
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.closed || !(taken.trusting || taken.make_room()) {
            return Err(io::Error::other("there are too many connections"));
        }
        let id = taken.next;
        taken.next += 1;
        let admitted = taken.trusting;
        let tokens = BTreeSet::new();
        taken.open.insert(id, Open { stream: twin, from, admitted, tokens, cut: false });
        Ok(Seat { id, seats: self.clone() })
    }
}

impl Taken {
    /// Whether there is a seat for one more stranger. Where there is none, the first of those at
    /// the most crowded address goes.
    fn make_room(&mut self) -> bool {
        let open = || self.open.iter().filter(|(_, open)| !open.cut);
        let strangers: Vec<_> =
            open().filter(|(_, open)| !open.admitted).map(|(id, open)| (*id, open.from)).collect();
        if open().count() < CONNECTIONS_MAX && strangers.len() < STRANGERS_MAX {
            return true;
        }
        let crowd = |from: IpAddr| strangers.iter().filter(|(_, there)| *there == from).count();
        let first = strangers.iter().max_by_key(|(id, from)| (crowd(*from), Reverse(*id)));
        let first = first.and_then(|(id, _)| self.open.get_mut(id));
        first.map(Open::cut).is_some()
    }
}

impl Open {
    fn cut(&mut self) {
        self.cut = true;
        // One that is closed already needs no closing.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

impl Caller {
    /// Somebody was let in on this connection, by this token where one is needed: it may stay.
    pub fn was_admitted(&self, by: Option<Uuid>) {
        let mut taken = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = taken.open.get_mut(&self.seat) {
            open.admitted = true;
            open.tokens.extend(by);
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
