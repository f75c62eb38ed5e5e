//! Where the log can be read over EventStoreDB's protocol.

use std::net::SocketAddr;

use serde::Deserialize;

use super::raw::{RawTls, given};
use super::{ConfigError, Tls};

/// A port of its own on which the log is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Face {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Its certificate; none, on this machine only: no TLS.
    pub tls: Option<Tls>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFace {
    listen: String,
    certificate: String,
    key: String,
}

impl RawFace {
    /// The port, with the server's own certificate where it names none.
    pub(super) fn check(self, server: Option<&Tls>) -> Result<Option<Face>, ConfigError> {
        let own = RawTls { certificate: self.certificate, key: self.key }.check("face")?;
        let Some(listen) = given(&self.listen) else { return Ok(None) };
        let listen: SocketAddr = listen.parse().map_err(|_| {
            let reason = format!("{listen:?} is no address with a port, write \"127.0.0.1:2113\"");
            ConfigError::invalid("face.listen", reason)
        })?;
        let tls = own.or_else(|| server.cloned());
        if tls.is_none() && !listen.ip().is_loopback() {
            let reason = format!(
                "{listen} would show tokens to the network, set face.certificate and face.key, or listen on 127.0.0.1"
            );
            return Err(ConfigError::invalid("face.listen", reason));
        }
        Ok(Some(Face { listen, tls }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn read(text: &str) -> Result<Option<Face>, String> {
        Config::parse(text, []).map(|config| config.face).map_err(|error| error.to_string())
    }

    #[test]
    fn it_is_off_until_an_address_is_given_and_plain_on_this_machine_only() {
        assert_eq!(read("").unwrap(), None);
        let here = read("[face]\nlisten = \"127.0.0.1:2113\"").unwrap().unwrap();
        assert_eq!(here, Face { listen: ([127, 0, 0, 1], 2113).into(), tls: None });
        let refused = read("[face]\nlisten = \"0.0.0.0:2113\"").unwrap_err();
        assert!(refused.starts_with("face.listen: ") && refused.contains("face.key"), "{refused}");
        let refused = read("[face]\nlisten = \"2113\"").unwrap_err();
        assert!(refused.contains("write \"127.0.0.1:2113\""), "{refused}");
        let refused = read("[face]\ncertificate = \"c\"").unwrap_err();
        assert!(refused.starts_with("face.key: "), "{refused}");
    }

    #[test]
    fn it_has_the_servers_certificate_or_its_own() {
        let tls = |name: &str| Tls { certificate: format!("{name}.pem").into(), key: name.into() };
        let server =
            "[tls]\ncertificate = \"a.pem\"\nkey = \"a\"\n[face]\nlisten = \"0.0.0.0:1\"\n";
        assert_eq!(read(server).unwrap().unwrap().tls, Some(tls("a")));
        let own = format!("{server}certificate = \"b.pem\"\nkey = \"b\"");
        assert_eq!(read(&own).unwrap().unwrap().tls, Some(tls("b")));
    }
}
