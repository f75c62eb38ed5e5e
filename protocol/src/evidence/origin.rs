//! Which log.

use std::fmt;
use std::str::FromStr;

use beckon_events::LogId;

/// The first line of a checkpoint: `<host>/beckon/<log id>/<era>`. It is the key's name as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The server's name or address, with a port where it has one: ASCII letters, digits and
    /// `.-:[]`.
    pub host: String,
    /// The log.
    pub log: LogId,
    /// How often the log was restored from a backup.
    pub era: u32,
}

/// Why a text is no origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the name of a log such as help.example.org/beckon/<log id>/0")]
pub struct OriginError;

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/beckon/{}/{}", self.host, self.log, self.era)
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(line: &str) -> Result<Self, OriginError> {
        let read = || {
            let (host, rest) = line.split_once("/beckon/")?;
            let (log, era) = rest.split_once('/')?;
            let of_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
            let host_fits = (1..=260).contains(&host.len()) && host.bytes().all(of_host);
            let origin =
                Self { host: host.to_owned(), log: log.parse().ok()?, era: era.parse().ok()? };
            (host_fits && origin.to_string() == line).then_some(origin)
        };
        read().ok_or(OriginError)
    }
}
