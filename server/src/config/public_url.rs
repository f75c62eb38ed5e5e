//! How people reach the server.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use actix_web::http::Uri;

/// `http` or `https`, a host, perhaps a port; nothing else. Shown as an origin, without a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    https: bool,
    // INVARIANT: lower case; an IPv6 address stands in brackets.
    host: String,
    // INVARIANT: none where it is the scheme's own.
    port: Option<u16>,
}

impl PublicUrl {
    /// The address of a server that only this machine can reach.
    pub(super) fn of_bound(bound: SocketAddr, https: bool) -> Self {
        let host = match bound.ip() {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => format!("[{v6}]"),
        };
        Self { https, host, port: Some(bound.port()) }.without_own_port()
    }

    /// Whether it is reached by TLS.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The host, an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, where it is not the scheme's own.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether the host is literally this machine: `127.0.0.0/8`, `[::1]` or `localhost`.
    pub fn is_loopback(&self) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        let address = bare.parse::<IpAddr>();
        self.host == "localhost" || address.is_ok_and(|a| a.is_loopback())
    }

    fn without_own_port(mut self) -> Self {
        let own = if self.https { 443 } else { 80 };
        self.port = self.port.filter(|port| *port != own);
        self
    }
}

impl FromStr for PublicUrl {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let uri: Uri = text.parse().map_err(drop)?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(()),
        };
        let authority = uri.authority().ok_or(())?;
        let (host, port) = (authority.host().to_ascii_lowercase(), authority.port_u16());
        let bare = host.len() + port.map_or(0, |p| p.to_string().len() + 1);
        let plain = matches!(uri.path(), "" | "/") && uri.query().is_none();
        let named = !host.is_empty()
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.[]:".contains(&b));
        // Also refuses user names, which would stand in the authority too, and "host:".
        if !plain || !named || authority.as_str().len() != bare || port == Some(0) {
            return Err(());
        }
        Ok(Self { https, host, port }.without_own_port())
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_shown_as_browsers_send_it() {
        let table = [
            ("https://Help.Example.com", "https://help.example.com"),
            ("https://help.example.com/", "https://help.example.com"),
            ("https://help.example.com:443", "https://help.example.com"),
            ("https://help.example.com:8443", "https://help.example.com:8443"),
            ("http://[::1]:80", "http://[::1]"),
            ("http://localhost:8080", "http://localhost:8080"),
        ];
        for (text, origin) in table {
            assert_eq!(text.parse::<PublicUrl>().unwrap().to_string(), origin);
        }
        let bound = PublicUrl::of_bound("[::1]:9000".parse().unwrap(), false);
        assert_eq!(bound.to_string(), "http://[::1]:9000");
        assert!(bound.is_loopback());
    }

    #[test]
    fn anything_but_an_origin_is_refused() {
        for text in [
            "",
            "help.example.com",
            "ftp://a.b",
            "https://",
            "https://a.b/path",
            "https://a.b?x",
            "https://me@a.b",
            "https://a.b:0",
            "https://a.b:70000",
            "https://a_b",
            "/x",
        ] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn loopback_is_what_literally_says_so() {
        for (url, loopback) in [
            ("http://127.9.9.9", true),
            ("http://[::1]:1", true),
            ("http://localhost", true),
            ("http://localhost.example.com", false),
            ("http://128.0.0.1", false),
            ("http://127.0.0.1.example.com", false),
        ] {
            assert_eq!(url.parse::<PublicUrl>().unwrap().is_loopback(), loopback, "{url}");
        }
    }
}
