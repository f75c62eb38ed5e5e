//! Plain HTTP, byte for byte: what a browser would not send, and what it would not show.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::clock::PATIENCE;

/// A whole answer of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code; 0 when the server hung up without one.
    pub status: u16,
    /// Names in lower case, values as sent, in the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The bytes after the headers, as sent.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of the first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let name = name.to_ascii_lowercase();
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Asks `http://address/path` with a method, headers and a body, and hangs up after the answer.
pub fn ask(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut request =
        format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        let _ = write!(request, "{name}: {value}\r\n");
    }
    if !body.is_empty() {
        let _ = write!(request, "Content-Length: {}\r\n", body.len());
    }
    let mut bytes = (request + "\r\n").into_bytes();
    bytes.extend_from_slice(body);
    send(address, &bytes)
}

/// Gets `http://address/path` as a visitor without a sign-in would.
pub fn get(address: &str, path: &str) -> Answer {
    ask(address, "GET", path, &[], &[])
}

/// Sends any bytes and reads until the server hangs up or has been silent for too long.
pub fn send(address: &str, bytes: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap_or_else(|e| panic!("{address}: {e}"));
    stream.set_read_timeout(Some(PATIENCE)).expect("a limit above zero");
    // A server may hang up before it has read everything: what it said still counts.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    parse(&answer)
}

fn parse(answer: &[u8]) -> Answer {
    const GAP: &[u8] = b"\r\n\r\n";
    let end = answer.windows(GAP.len()).position(|bytes| bytes == GAP).unwrap_or(answer.len());
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    let headers = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    Answer {
        status,
        headers: headers
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect(),
        body: answer.get(end + GAP.len()..).unwrap_or_default().to_vec(),
    }
}
