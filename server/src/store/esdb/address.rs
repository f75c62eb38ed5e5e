//! Where the cluster is, and who this server is there.

use std::fmt::Write as _;

use eventstore::{ClientSettings, Credentials, Endpoint};

use super::trust;
use crate::config::Esdb;
use crate::data_folder::read_secret;
use crate::store::OpenError;

/// What the client uses where the configuration says nothing else, in milliseconds. It sleeps
/// for the interval before every connection; how often a connection is tried is decided here.
const DEFAULTS: [(&str, u64); 2] = [("discoveryInterval", 20), ("gossipTimeout", 1_000)];

/// A cluster as this server reaches it.
#[derive(Debug)]
pub(super) struct Address {
    cluster: Esdb,
    /// Kept apart from the client's settings, which end up in its logs.
    credentials: Option<Login>,
}

struct Login(Credentials);

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Login(…)")
    }
}

impl Address {
    /// Reads the password and makes sure that the client finds what it panics without.
    pub(super) fn read(cluster: &Esdb) -> Result<Self, OpenError> {
        trust::check(cluster).map_err(OpenError::Setup)?;
        let password = match (&cluster.password, &cluster.password_file) {
            (Some(password), _) => password.as_str().to_owned(),
            (None, Some(path)) => {
                let secret = read_secret(path)
                    .map_err(|error| OpenError::Setup(format!("esdb.password_file: {error}")))?;
                String::from_utf8_lossy(&secret).trim_end_matches(['\r', '\n']).to_owned()
            }
            (None, None) => String::new(),
        };
        let login = |user: &String| Login(Credentials::new(user.clone(), password));
        let address =
            Self { cluster: cluster.clone(), credentials: cluster.user.as_ref().map(login) };
        address.settings(None).map_err(OpenError::Setup)?;
        Ok(address)
    }

    /// The settings of a client that finds the leader by itself, or that begins at `leader`.
    pub(super) fn settings(&self, leader: Option<&Endpoint>) -> Result<ClientSettings, String> {
        let place = match leader {
            Some(leader) => format!("esdb://{}:{}", leader.host, leader.port),
            None => self.cluster.to_string(),
        };
        let mut text = format!("{place}?nodePreference=leader&tls={}", self.cluster.tls);
        let mut add = |name: &str, value: &str| {
            text.push('&');
            text.push_str(name);
            text.push('=');
            // What the client reads as an address must not end within a path.
            for byte in value.bytes() {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'/' => {
                        text.push(char::from(byte));
                    }
                    other => {
                        // Writing into a text does not fail.
                        let _ = write!(text, "%{other:02X}");
                    }
                }
            }
        };
        for (name, number) in DEFAULTS.iter().chain(&self.cluster.further) {
            add(name, &number.to_string());
        }
        if let Some(file) = &self.cluster.ca_file {
            add("tlsCaFile", &file.to_string_lossy());
        }
        if let Some(own) = &self.cluster.certificate {
            add("userCertFile", &own.certificate.to_string_lossy());
            add("userKeyFile", &own.key.to_string_lossy());
        }
        text.parse().map_err(|error: eventstore::ClientSettingsParseError| {
            format!("store: {}", error.message())
        })
    }

    /// The ports that a connection may lead to.
    pub(super) fn ports(&self, leader: Option<&Endpoint>) -> Vec<u16> {
        let hosts = self.cluster.hosts.iter().map(|(_, port)| *port);
        hosts.chain(leader.and_then(|leader| u16::try_from(leader.port).ok())).collect()
    }

    /// What every request carries.
    pub(super) fn credentials(&self) -> Option<Credentials> {
        self.credentials.as_ref().map(|login| login.0.clone())
    }
}

/// The hosts, without anything secret.
impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.cluster.fmt(f)
    }
}
