//! One WebSocket to the server.

use std::io;
use std::time::Duration;

use beckon_protocol::limits::{DEAD_AFTER, FRAME_MAX};
use beckon_protocol::{ServerAddress, decode, encode};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};

use crate::proxy::Proxy;
use crate::tls;

/// How long a connection may take to come about.
const CONNECT_WITHIN: Duration = Duration::from_secs(15);
/// How long one address of a server may take to answer.
const ADDRESS_WITHIN: Duration = Duration::from_secs(8);

/// An open WebSocket. Messages are bounded by [`FRAME_MAX`].
pub struct Socket {
    stream: WebSocketStream<Box<dyn Duplex>>,
}

/// The sending half of a [`Socket`].
pub struct SocketSender {
    sink: SplitSink<WebSocketStream<Box<dyn Duplex>>, Message>,
}

/// The receiving half of a [`Socket`].
pub struct SocketReceiver {
    stream: SplitStream<WebSocketStream<Box<dyn Duplex>>>,
    /// INVARIANT: [`DEAD_AFTER`] later than the last time that anything came.
    dead_at: Instant,
}

/// One message of a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A protocol message in JSON.
    Text(String),
    /// Something sealed.
    Binary(Vec<u8>),
}

/// Why there is no connection, in words for the person at the window.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SocketError {
    /// No computer has that name.
    #[error("the server cannot be found, check its name and your internet connection")]
    NotFound,
    /// No answer from that computer.
    #[error("the server cannot be reached, check your internet connection")]
    Unreachable,
    /// The computer is there, the server is not.
    #[error("the server does not answer, check its name or ask whoever runs it")]
    Refused,
    /// Somebody else may be answering.
    #[error("the server cannot prove who it is ({0}), ask whoever runs it")]
    Certificate(String),
    /// The network's own way out does not work.
    #[error("your network's proxy does not let this connection through: {0}")]
    Proxy(String),
    /// Something else answers there.
    #[error("a server answers there, but it is not Beckon, check its name")]
    NotBeckon,
    /// The server is starting, or has too much to do.
    #[error("the server is busy, please wait")]
    Busy,
    /// The connection broke.
    #[error("the connection was lost")]
    Lost,
    /// Nothing came for too long.
    #[error("the server has stopped answering")]
    Timeout,
    /// A message that this version does not know.
    #[error("the server said something that this version does not understand")]
    Unreadable,
}

/// What a WebSocket runs over.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

impl Socket {
    /// Connects to `path` of `server`, through the proxy that is set, where there is one.
    pub async fn connect(server: &ServerAddress, path: &str) -> Result<Self, SocketError> {
        timeout(CONNECT_WITHIN, open(server, path)).await.map_err(|_| SocketError::Unreachable)?
    }

    /// Both halves.
    pub fn split(self) -> (SocketSender, SocketReceiver) {
        let (sink, stream) = self.stream.split();
        (SocketSender { sink }, SocketReceiver { stream, dead_at: Instant::now() + DEAD_AFTER })
    }
}

impl SocketSender {
    /// Sends a message; returns when it is on its way.
    pub async fn send(&mut self, frame: Frame) -> Result<(), SocketError> {
        let message = match frame {
            Frame::Text(text) => Message::text(text),
            Frame::Binary(bytes) => Message::binary(bytes),
        };
        self.sink.send(message).await.map_err(|_| SocketError::Lost)
    }

    /// Sends `message` as JSON.
    pub async fn say<T: Serialize>(&mut self, message: &T) -> Result<(), SocketError> {
        self.send(Frame::Text(encode(message))).await
    }

    /// Asks whether the server is there.
    pub async fn ping(&mut self) -> Result<(), SocketError> {
        let ping = Message::Ping(Vec::new().into());
        self.sink.send(ping).await.map_err(|_| SocketError::Lost)
    }

    /// Says goodbye.
    pub async fn close(&mut self) -> Result<(), SocketError> {
        self.sink.close().await.map_err(|_| SocketError::Lost)
    }
}

impl SocketReceiver {
    /// The next message. An error is final. Nothing is lost when this is dropped early.
    pub async fn next(&mut self) -> Result<Frame, SocketError> {
        loop {
            let came = timeout_at(self.dead_at, self.stream.next()).await;
            let message = match came {
                Err(_) => return Err(SocketError::Timeout),
                Ok(None | Some(Err(_))) => return Err(SocketError::Lost),
                Ok(Some(Ok(message))) => message,
            };
            self.dead_at = Instant::now() + DEAD_AFTER;
            match message {
                Message::Text(text) => return Ok(Frame::Text(text.as_str().to_owned())),
                Message::Binary(bytes) => return Ok(Frame::Binary(bytes.into())),
                Message::Close(_) => return Err(SocketError::Lost),
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// The next message, read as JSON.
    pub async fn hear<T: DeserializeOwned>(&mut self) -> Result<T, SocketError> {
        match self.next().await? {
            Frame::Text(text) => decode(&text, FRAME_MAX).map_err(|error| {
                tracing::warn!(%error, "a message of the server cannot be read");
                SocketError::Unreadable
            }),
            Frame::Binary(_) => Err(SocketError::Unreadable),
        }
    }
}

async fn open(server: &ServerAddress, path: &str) -> Result<Socket, SocketError> {
    let proxy = Proxy::of(server).await?;
    let mut tcp = if let Some(Proxy { host, port, .. }) = &proxy {
        let reached = reach(host, *port).await;
        reached.map_err(|error| SocketError::Proxy(format!("{host}:{port}: {error}")))?
    } else {
        let host = server.host().trim_start_matches('[').trim_end_matches(']');
        reach(host, server.effective_port()).await?
    };
    tcp.set_nodelay(true).map_err(|_| SocketError::Lost)?;
    if let Some(proxy) = &proxy {
        proxy.tunnel(&mut tcp, server).await?;
    }
    let stream: Box<dyn Duplex> = if server.is_tls() {
        Box::new(tls::connect(server.host(), tcp).await?)
    } else {
        Box::new(tcp)
    };
    let request =
        server.websocket(path).into_client_request().map_err(|_| SocketError::NotFound)?;
    let config = WebSocketConfig::default()
        .read_buffer_size(FRAME_MAX)
        .max_message_size(Some(FRAME_MAX))
        .max_frame_size(Some(FRAME_MAX));
    let upgraded = tokio_tungstenite::client_async_with_config(request, stream, Some(config));
    match upgraded.await {
        Ok((stream, _)) => Ok(Socket { stream }),
        Err(tungstenite::Error::Http(answer)) if answer.status().as_u16() == 503 => {
            Err(SocketError::Busy)
        }
        Err(tungstenite::Error::Io(error)) if error.kind() != io::ErrorKind::InvalidData => {
            Err(SocketError::Lost)
        }
        Err(_) => Err(SocketError::NotBeckon),
    }
}

/// The first address of `host` that answers.
async fn reach(host: &str, port: u16) -> Result<TcpStream, SocketError> {
    let addresses = lookup_host((host, port)).await.map_err(|_| SocketError::NotFound)?;
    let mut why = SocketError::NotFound;
    for address in addresses {
        match timeout(ADDRESS_WITHIN, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
                why = SocketError::Refused;
            }
            Ok(Err(_)) | Err(_) => why = SocketError::Unreachable,
        }
    }
    Err(why)
}
