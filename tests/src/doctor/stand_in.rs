//! A proxy that does one thing wrong.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What it does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Nothing.
    Honest,
    /// It does not say who visits.
    Silent,
    /// It keeps an answer until it is whole.
    Buffers,
    /// It knows no WebSockets.
    StripsUpgrade,
    /// It hangs up after so many bytes from a visitor.
    Caps(usize),
    /// Its clock stands still.
    Outdated,
    /// It reaches nobody.
    BadGateway,
    /// It takes connections and says nothing.
    Mute,
}

/// A proxy whose port is known before there is anything behind it.
pub struct StandIn {
    listener: TcpListener,
    /// Its port on this machine.
    pub port: u16,
}

impl StandIn {
    /// Takes a free port.
    pub async fn bind() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        Self { listener, port }
    }

    /// Serves in front of `server` for as long as the test runs.
    pub fn serve(self, server: SocketAddr, manner: Manner, tls: Option<Arc<ServerConfig>>) {
        let tls = tls.map(TlsAcceptor::from);
        tokio::spawn(async move {
            while let Ok((visitor, from)) = self.listener.accept().await {
                let tls = tls.clone();
                // Whoever hangs up disturbs nobody else.
                tokio::spawn(async move {
                    match tls {
                        None => pass(visitor, from, server, manner).await,
                        Some(tls) => pass(tls.accept(visitor).await?, from, server, manner).await,
                    }
                });
            }
        });
    }
}

async fn pass<V>(mut visitor: V, from: SocketAddr, to: SocketAddr, manner: Manner) -> io::Result<()>
where
    V: AsyncRead + AsyncWrite + Unpin,
{
    let head = head(&mut visitor).await?;
    match manner {
        Manner::Mute => tokio::time::sleep(Duration::from_mins(1)).await,
        Manner::BadGateway => {
            let answer = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n";
            return visitor.write_all(answer.as_bytes()).await;
        }
        _ => {}
    }
    let upgrade = head.to_ascii_lowercase().contains("\r\nupgrade:");
    let strips = |line: &&str| {
        let line = line.to_ascii_lowercase();
        manner != Manner::StripsUpgrade
            || !(line.starts_with("upgrade:") || line.starts_with("connection:"))
    };
    let mut sent = head.trim_end().lines().filter(strips).collect::<Vec<_>>().join("\r\n");
    if manner != Manner::Silent {
        sent = format!("{sent}\r\nX-Forwarded-For: {}", from.ip());
    }
    let mut server = TcpStream::connect(to).await?;
    server.set_nodelay(true)?;
    server.write_all(format!("{sent}\r\n\r\n").as_bytes()).await?;
    match manner {
        Manner::Buffers if !upgrade => {
            let mut answer = Vec::new();
            server.read_to_end(&mut answer).await?;
            visitor.write_all(&answer).await?;
            visitor.shutdown().await
        }
        Manner::Caps(most) => capped(visitor, server, most).await,
        Manner::Outdated => {
            let answer = self::head(&mut server).await?;
            visitor.write_all(outdated(&answer).as_bytes()).await?;
            copy_bidirectional(&mut visitor, &mut server).await.map(drop)
        }
        _ => copy_bidirectional(&mut visitor, &mut server).await.map(drop),
    }
}

/// Everything up to the empty line.
async fn head(from: &mut (impl AsyncRead + Unpin)) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(from.read_u8().await?);
    }
    String::from_utf8(head).map_err(io::Error::other)
}

/// The same head with a date long ago.
fn outdated(head: &str) -> String {
    let dated = |line: &str| {
        let is_date = line.starts_with("date: ");
        if is_date { "date: Thu, 01 Jan 2026 00:00:00 GMT".to_owned() } else { line.to_owned() }
    };
    head.split("\r\n").map(dated).collect::<Vec<_>>().join("\r\n")
}

async fn capped<V>(visitor: V, server: TcpStream, most: usize) -> io::Result<()>
where
    V: AsyncRead + AsyncWrite + Unpin,
{
    let ((mut from, mut back), (mut answers, mut on)) =
        (tokio::io::split(visitor), server.into_split());
    let forth = async {
        let (mut seen, mut buffer) = (0, vec![0; 16 * 1024]);
        loop {
            let read = from.read(&mut buffer).await?;
            seen += read;
            if read == 0 || seen > most {
                return Ok::<_, io::Error>(());
            }
            on.write_all(&buffer[..read]).await?;
        }
    };
    tokio::select! {
        ended = forth => ended,
        ended = tokio::io::copy(&mut answers, &mut back) => ended.map(drop),
    }
}
