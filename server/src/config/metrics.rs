//! Where the server's numbers are read.

use std::net::SocketAddr;

use serde::Deserialize;

use super::ConfigError;
use super::raw::given;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMetrics {
    listen: String,
}

impl RawMetrics {
    /// The address; none: the numbers are not served.
    pub(super) fn check(self) -> Result<Option<SocketAddr>, ConfigError> {
        let Some(written) = given(&self.listen) else { return Ok(None) };
        let invalid = |reason: String| ConfigError::invalid("metrics.listen", reason);
        let listen: SocketAddr = written.parse().map_err(|_| {
            invalid(format!("{written:?} is no address with a port, write \"127.0.0.1:9464\""))
        })?;
        if !listen.ip().is_loopback() {
            return Err(invalid(format!(
                "{listen} can be reached from elsewhere, and there is no sign-in: write \
                 \"127.0.0.1:{}\" and let a collector on this machine read it",
                listen.port()
            )));
        }
        Ok(Some(listen))
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn read(listen: &str) -> Result<Option<String>, String> {
        let read = Config::parse(&format!("[metrics]\nlisten = \"{listen}\""), []);
        let shown = |config: Config| config.metrics.map(|at| at.to_string());
        read.map(shown).map_err(|error| error.to_string())
    }

    #[test]
    fn numbers_are_served_on_this_machine_only_and_not_by_default() {
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("[::1]:9464"), Ok(Some("[::1]:9464".to_owned())));
        let said = read("0.0.0.0:9464").unwrap_err();
        assert!(said.starts_with("metrics.listen: 0.0.0.0:9464 can be reached"), "{said}");
        assert!(said.contains("write \"127.0.0.1:9464\""), "{said}");
        assert!(read("9464").unwrap_err().contains("is no address with a port"));
    }
}
