//! The configuration: one TOML file, every key with a default, nothing unknown in it.

mod esdb;
mod evidence;
mod face;
mod metrics;
mod problems;
mod public_url;
mod raw;
mod settings;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::ip_prefix::TrustedProxies;
pub use esdb::{Esdb, Password};
pub use evidence::EvidenceRules;
pub use face::Face;
pub use public_url::PublicUrl;
pub use settings::DEFAULT_TOML;

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// How people reach the server; none only where `listen` is loopback.
    pub public_url: Option<PublicUrl>,
    /// The data folder.
    pub data: PathBuf,
    /// Where the events are kept.
    pub store: Store,
    /// The folder with the builds of agent and Control; none: in the data folder.
    pub downloads: Option<PathBuf>,
    /// The proxies in front.
    pub trusted_proxies: TrustedProxies,
    /// The server's own certificate; none: plain http.
    pub tls: Option<Tls>,
    /// The mail server; none: no mail is sent.
    pub smtp: Option<Smtp>,
    /// How long things last.
    pub session: SessionRules,
    /// How the log is signed.
    pub evidence: EvidenceRules,
    /// Where the log can be read over EventStoreDB's protocol; none: nowhere.
    pub face: Option<Face>,
    /// Where the numbers are read, on this machine; none: nowhere.
    pub metrics: Option<SocketAddr>,
    /// What the program says about itself.
    pub log: Log,
}

/// Where the events are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    /// A SQLite file; none: `log.db` in the data folder.
    Sqlite(Option<PathBuf>),
    /// An EventStoreDB or KurrentDB cluster.
    Esdb(Box<Esdb>),
    /// Nowhere: for tests.
    Memory,
}

/// A certificate with its key, both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The certificate chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// A mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Smtp {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub encryption: Encryption,
    /// The user name, where it asks for one.
    pub username: Option<String>,
    /// The file that holds the password, for [`crate::data_folder::read_secret`].
    pub password_file: Option<PathBuf>,
    /// The sender.
    pub from: String,
}

/// How a connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// Not at all: loopback only.
    None,
    /// TLS after a greeting; never continued without it.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// How long things last, and how much of them there may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRules {
    /// How long an invitation is open.
    pub invitation_expiry: Duration,
    /// How long a user who has joined waits.
    pub wait: Duration,
    /// How long the user has to answer a request.
    pub approval_timeout: Duration,
    /// How long an operator may be gone.
    pub operator_away: Duration,
    /// How long an agent may be gone.
    pub agent_away: Duration,
    /// How many invitations one operator may have open.
    pub max_open_invitations: u32,
    /// What the user sees of the operator.
    pub operator_display: OperatorDisplay,
}

/// What the user sees of the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperatorDisplay {
    /// First and last name.
    Name,
    /// The e-mail address.
    Email,
    /// This text.
    Custom(String),
}

/// What the program says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// In which form.
    pub format: LogFormat,
    /// From which level on: `error`, `warn`, `info`, `debug` or `trace`.
    pub level: tracing::Level,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration {} cannot be read: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        error: std::io::Error,
    },
    /// The file is not TOML.
    #[error("the configuration is not TOML: {0}")]
    Syntax(String),
    /// A key that does not exist.
    #[error("{key} is no setting of beckon-server{}", hint.as_ref().map_or(String::new(), |h| format!(", did you mean {h}?")))]
    Unknown {
        /// The key, or the name in the environment.
        key: String,
        /// The nearest key there is.
        hint: Option<String>,
    },
    /// A value that cannot be.
    #[error("{key}: {reason}")]
    Invalid {
        /// The key, as `smtp.port`.
        key: String,
        /// What is wrong and what to write instead.
        reason: String,
    },
}

impl Config {
    /// Reads a file, where one is given, with the environment over it.
    pub fn load(
        path: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let text = match path {
            None => String::new(),
            Some(path) => fs::read_to_string(path)
                .map_err(|error| ConfigError::Unreadable { path: path.to_owned(), error })?,
        };
        Self::parse(&text, environment)
    }

    /// Reads the text of a file with the environment over it.
    pub fn parse(
        text: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        Self::of(settings::table(text)?, environment)
    }

    /// Reads the tables of a file with the environment over them.
    fn of(
        file: toml::Table,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        raw::Raw::read(settings::merge(file, environment)?)?.check()
    }

    /// How people reach a server that is bound to `bound`.
    pub fn public_url_for(&self, bound: SocketAddr) -> PublicUrl {
        match &self.public_url {
            Some(url) => url.clone(),
            None => PublicUrl::of_bound(bound, self.tls.is_some()),
        }
    }
}

impl ConfigError {
    fn invalid(key: &str, reason: impl Into<String>) -> Self {
        Self::Invalid { key: key.to_owned(), reason: reason.into() }
    }
}

#[cfg(test)]
mod tests;
