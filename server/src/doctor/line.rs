//! The way to the server that everybody else takes, one hop at a time.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::clock::{Clock, SystemClock};
use crate::config::PublicUrl;

/// Nothing that is asked through the public address takes longer.
pub const WITHIN: Duration = Duration::from_secs(5);
/// The most that is read of one answer.
const ANSWER_MAX: usize = 64 * 1024;

/// A byte stream to the public address.
pub trait Bytes: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Bytes for S {}

/// The public address, and whom it may be certified by.
pub struct Line {
    /// The address.
    pub url: PublicUrl,
    /// Who is trusted to certify its name.
    pub roots: Arc<RootCertStore>,
}

/// A connection, and where its own end is.
pub struct Connected {
    /// The stream, within TLS where the address says so.
    pub stream: Box<dyn Bytes>,
    /// This end.
    pub own: SocketAddr,
}

/// What was answered to a request.
#[derive(Debug, Default)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The value of `Date`.
    pub date: Option<String>,
    /// When each of the words that were waited for had come, since the request.
    pub heard: Vec<Option<Duration>>,
}

impl Line {
    /// The host without brackets.
    pub fn host(&self) -> &str {
        self.url.host().trim_start_matches('[').trim_end_matches(']')
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.url.port().unwrap_or(if self.url.is_https() { 443 } else { 80 })
    }

    /// Host and port as a request names them.
    pub fn authority(&self) -> String {
        match self.url.port() {
            Some(port) => format!("{}:{port}", self.url.host()),
            None => self.url.host().to_owned(),
        }
    }

    /// What the name stands for.
    pub async fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        let found = tokio::net::lookup_host((self.host().to_owned(), self.port()));
        let found = timely(found).await?.collect::<Vec<_>>();
        if found.is_empty() { Err(io::Error::other("it has no address")) } else { Ok(found) }
    }

    /// Connects to the first of these that answers.
    pub async fn connect(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
        let mut last = io::Error::other("it has no address");
        for address in addresses {
            match timely(TcpStream::connect(address)).await {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Begins TLS; the chain that was shown, the leaf first.
    pub async fn begin_tls(
        &self,
        tcp: TcpStream,
    ) -> io::Result<(Box<dyn Bytes>, Vec<CertificateDer<'static>>)> {
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(Arc::clone(&self.roots))
            .with_no_client_auth();
        let name = ServerName::try_from(self.host().to_owned()).map_err(io::Error::other)?;
        let stream = timely(TlsConnector::from(Arc::new(config)).connect(name, tcp)).await?;
        let shown = stream.get_ref().1.peer_certificates().unwrap_or_default();
        let shown = shown.iter().map(|certificate| certificate.clone().into_owned()).collect();
        Ok((Box::new(stream), shown))
    }

    /// The whole way, once it is known to work.
    pub async fn open(&self, addresses: &[SocketAddr]) -> io::Result<Connected> {
        let tcp = Self::connect(addresses).await?;
        let own = tcp.local_addr()?;
        let stream: Box<dyn Bytes> =
            if self.url.is_https() { self.begin_tls(tcp).await?.0 } else { Box::new(tcp) };
        Ok(Connected { stream, own })
    }

    /// Gets `path` and reads until every one of `words` has come, or nothing more does.
    pub async fn get(
        &self,
        mut stream: Box<dyn Bytes>,
        path: &str,
        words: &[&str],
    ) -> io::Result<Answer> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nUser-Agent: beckon-doctor\r\nAccept: */*\r\n\
             Connection: close\r\n\r\n",
            self.authority()
        );
        let clock = SystemClock::new();
        let mut bytes = Vec::new();
        let mut heard = vec![None; words.len()];
        let read = async {
            stream.write_all(request.as_bytes()).await?;
            stream.flush().await?;
            while bytes.len() < ANSWER_MAX && stream.read_buf(&mut bytes).await? > 0 {
                let now = clock.monotonic();
                for (word, at) in words.iter().zip(&mut heard) {
                    if at.is_none() && holds(&bytes, word) {
                        *at = Some(now);
                    }
                }
                if !words.is_empty() && heard.iter().all(Option::is_some) {
                    break;
                }
            }
            Ok(())
        };
        match timely(read).await {
            // Whoever hangs up without a farewell has said what there was to say.
            Err(error) if bytes.is_empty() => return Err(error),
            Ok(()) | Err(_) => {}
        }
        Ok(Answer::of(&bytes, heard))
    }
}

impl Answer {
    fn of(bytes: &[u8], heard: Vec<Option<Duration>>) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let mut lines = text.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let date = lines.take_while(|line| !line.is_empty()).find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("date").then(|| value.trim().to_owned())
        });
        Self { status: status.unwrap_or(0), date, heard }
    }
}

/// The cryptography, never a process-wide one.
pub fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// What comes within five seconds.
pub async fn timely<T>(future: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match tokio::time::timeout(WITHIN, future).await {
        Ok(done) => done,
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "no answer within 5 s")),
    }
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|part| part == word.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_its_status_and_date_whatever_the_body_says() {
        let said = b"HTTP/1.1 404 Not Found\r\nserver: x\r\nDate: Sun, 22 Nov 2026 08:00:00 GMT\r\n\r\nDate: no";
        let answer = Answer::of(said, Vec::new());
        assert_eq!(answer.status, 404);
        assert_eq!(answer.date.as_deref(), Some("Sun, 22 Nov 2026 08:00:00 GMT"));
        assert_eq!(Answer::of(b"HTTP/1.1 200 OK\r\n\r\nDate: no", Vec::new()).date, None);
        assert_eq!(Answer::of(b"garbage", Vec::new()).status, 0);
    }
}
