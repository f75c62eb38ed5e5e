//! Where a server is.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// Host and port of a server, and whether the connection is encrypted by TLS.
///
/// Plain http and ws exist only where the host is literally 127.0.0.0/8, `[::1]` or localhost.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServerAddress {
    host: String,
    port: Option<u16>,
    tls: bool,
}

/// Why a text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing is there.
    #[error("type the server's name")]
    Empty,
    /// It is not a host name with an optional port.
    #[error("this is not a server's name, it looks like help.example.org")]
    Malformed,
    /// It asks for an unprotected connection to somewhere else.
    #[error("this server offers no protected connection, ask your helper")]
    Unprotected,
}

impl ServerAddress {
    /// Host and port as they come from somewhere that is already split.
    pub fn new(host: &str, port: Option<u16>) -> Result<Self, AddressError> {
        let host = host.trim().to_ascii_lowercase();
        if host.is_empty() {
            return Err(AddressError::Empty);
        }
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        let host = if let Ok(v6) = literal.parse::<Ipv6Addr>() {
            format!("[{v6}]")
        } else if is_host_name(&host) {
            host
        } else {
            return Err(AddressError::Malformed);
        };
        let tls = !is_loopback(&host);
        Ok(Self { host, port, tls })
    }

    /// The host, an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, where it is not the usual one.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The port to connect to.
    pub fn effective_port(&self) -> u16 {
        self.port.unwrap_or(if self.tls { 443 } else { 80 })
    }

    /// Whether the connection is encrypted by TLS.
    pub fn is_tls(&self) -> bool {
        self.tls
    }

    /// The address of a page: `path` begins with a slash.
    pub fn page(&self, path: &str) -> String {
        format!("{}://{self}{path}", if self.tls { "https" } else { "http" })
    }

    /// The address of a WebSocket: `path` begins with a slash.
    pub fn websocket(&self, path: &str) -> String {
        format!("{}://{self}{path}", if self.tls { "wss" } else { "ws" })
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.host),
            None => f.write_str(&self.host),
        }
    }
}

impl FromStr for ServerAddress {
    type Err = AddressError;

    /// Reads `host`, `host:port` or the beginning of a web address.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, text),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let after_bracket = authority.rfind(']').map_or(0, |at| at + 1);
        let colon = authority.get(after_bracket..).and_then(|tail| tail.rfind(':'));
        let (host, port) = match colon {
            Some(at) => {
                let (host, port) = authority.split_at(after_bracket + at);
                let digits = port.trim_start_matches(':');
                let port: u16 = digits.parse().map_err(|_| AddressError::Malformed)?;
                (host, Some(port).filter(|port| *port != 0))
            }
            None => (authority, None),
        };
        let mut address = Self::new(host, port)?;
        match scheme.as_deref() {
            None => {}
            Some("https" | "wss") => address.tls = true,
            Some("http" | "ws") if !address.tls => {}
            Some("http" | "ws") => return Err(AddressError::Unprotected),
            Some(_) => return Err(AddressError::Malformed),
        }
        let usual = if address.tls { 443 } else { 80 };
        address.port = address.port.filter(|port| *port != usual);
        Ok(address)
    }
}

fn is_host_name(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(label)
}

fn is_loopback(host: &str) -> bool {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || literal.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_protected_unless_it_is_this_computer() {
        for (typed, page) in [
            ("help.example.org", "https://help.example.org/x"),
            ("HTTPS://Help.Example.org:8443/j#a.b", "https://help.example.org:8443/x"),
            ("https://help.example.org:443", "https://help.example.org/x"),
            ("localhost:8080", "http://localhost:8080/x"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/x"),
            ("[::1]:8080", "http://[::1]:8080/x"),
            ("https://localhost", "https://localhost/x"),
            ("192.168.0.7", "https://192.168.0.7/x"),
        ] {
            let address: ServerAddress = typed.parse().unwrap();
            assert_eq!(address.page("/x"), page, "{typed}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for (typed, why) in [
            ("", AddressError::Empty),
            ("http://help.example.org", AddressError::Unprotected),
            ("http://127.0.0.1.example.org", AddressError::Unprotected),
            ("ftp://localhost", AddressError::Malformed),
            ("a b", AddressError::Malformed),
            ("user@host", AddressError::Malformed),
            ("host:99999", AddressError::Malformed),
            ("-a.org", AddressError::Malformed),
        ] {
            assert_eq!(typed.parse::<ServerAddress>(), Err(why), "{typed}");
        }
    }
}
