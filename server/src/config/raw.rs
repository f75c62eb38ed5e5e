//! The settings as they are written, and what they mean.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use toml::Table;

use super::esdb::{Esdb, RawEsdb, without_secrets};
use super::evidence::RawEvidence;
use super::face::RawFace;
use super::metrics::RawMetrics;
use super::{
    Config, ConfigError, Encryption, Log, LogFormat, OperatorDisplay, PublicUrl, SessionRules,
    Smtp, Store, Tls,
};
use crate::ip_prefix::TrustedProxies;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    listen: String,
    public_url: String,
    data: String,
    store: String,
    downloads: String,
    trusted_proxies: Vec<String>,
    esdb: RawEsdb,
    tls: RawTls,
    smtp: RawSmtp,
    session: RawSession,
    evidence: RawEvidence,
    face: RawFace,
    metrics: RawMetrics,
    log: RawLog,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTls {
    pub(super) certificate: String,
    pub(super) key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSmtp {
    host: String,
    port: i64,
    encryption: String,
    username: String,
    password_file: String,
    from: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSession {
    invitation_expiry: String,
    wait: String,
    approval_timeout: String,
    operator_away: String,
    agent_away: String,
    max_open_invitations: i64,
    operator_display: String,
    operator_display_text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLog {
    format: String,
    level: String,
}

impl Raw {
    pub(super) fn read(settings: Table) -> Result<Self, ConfigError> {
        settings
            .try_into()
            .map_err(|e: toml::de::Error| ConfigError::Syntax(e.to_string().trim_end().to_owned()))
    }

    pub(super) fn check(self) -> Result<Config, ConfigError> {
        let tls = self.tls.check("tls")?;
        let config = Config {
            listen: listen(&self.listen)?,
            public_url: given(&self.public_url)
                .map(|url| {
                    url.parse().map_err(|()| ConfigError::invalid("public_url", no_origin(url)))
                })
                .transpose()?,
            data: given(&self.data)
                .map(PathBuf::from)
                .ok_or_else(|| ConfigError::invalid("data", "write the path of a folder"))?,
            store: store(&self.store, &self.esdb)?,
            downloads: given(&self.downloads).map(PathBuf::from),
            trusted_proxies: proxies(&self.trusted_proxies)?,
            face: self.face.check(tls.as_ref())?,
            tls,
            smtp: self.smtp.check()?,
            session: self.session.check()?,
            evidence: self.evidence.check()?,
            metrics: self.metrics.check()?,
            log: self.log.check()?,
        };
        reachable(&config)?;
        Ok(config)
    }
}

/// Why a text is no `public_url`.
fn no_origin(url: &str) -> String {
    let begin = url.find("://").map_or(0, |scheme| scheme + "://".len());
    let end = url.get(begin..).and_then(|rest| rest.find(['/', '?', '#']));
    match end.and_then(|end| url.get(..begin + end)).filter(|o| o.parse::<PublicUrl>().is_ok()) {
        Some(origin) => format!("no path may follow, write {origin:?}"),
        None => format!("{url:?} is no address, write \"https://help.example.com\""),
    }
}

/// Plain http exists only where the host is literally this machine.
fn reachable(config: &Config) -> Result<(), ConfigError> {
    let behind_proxy = !config.trusted_proxies.0.is_empty();
    if !config.listen.ip().is_loopback() {
        if config.public_url.is_none() {
            let reason = "needed where listen is not loopback, write \"https://help.example.com\"";
            return Err(ConfigError::invalid("public_url", reason));
        }
        if config.tls.is_none() && !behind_proxy {
            let reason = format!(
                "{} would be plain http, set tls.certificate and tls.key, or trusted_proxies, or listen on 127.0.0.1",
                config.listen
            );
            return Err(ConfigError::invalid("listen", reason));
        }
    }
    match &config.public_url {
        Some(url) if !url.is_https() && !url.is_loopback() => {
            let reason = "plain http reaches this machine only, write \"https://…\"";
            Err(ConfigError::invalid("public_url", reason))
        }
        Some(url) if !url.is_https() && config.tls.is_some() => {
            let reason = "with tls set the server speaks https only, write \"https://…\"";
            Err(ConfigError::invalid("public_url", reason))
        }
        Some(url) if url.is_https() && config.tls.is_none() && !behind_proxy => {
            let reason =
                "nothing here speaks https, set tls.certificate and tls.key, or trusted_proxies";
            Err(ConfigError::invalid("public_url", reason))
        }
        _ => Ok(()),
    }
}

fn listen(text: &str) -> Result<SocketAddr, ConfigError> {
    text.parse().map_err(|_| {
        let reason = format!("{text:?} is no address with a port, write \"127.0.0.1:8080\"");
        ConfigError::invalid("listen", reason)
    })
}

fn store(text: &str, esdb: &RawEsdb) -> Result<Store, ConfigError> {
    if let Some(read) = Esdb::read(text, esdb) {
        return read.map(|esdb| Store::Esdb(Box::new(esdb)));
    }
    match text.split_once(':') {
        Some(("sqlite", path)) => Ok(Store::Sqlite(given(path).map(PathBuf::from))),
        Some(("memory", "")) => Ok(Store::Memory),
        _ => {
            let reason = format!(
                "{:?} is no store of this build, write \"sqlite:\", \"sqlite:PATH\", \"esdb://…\" or \"memory:\"",
                without_secrets(text)
            );
            Err(ConfigError::invalid("store", reason))
        }
    }
}

fn proxies(texts: &[String]) -> Result<TrustedProxies, ConfigError> {
    let read = |text: &String| {
        text.parse().map_err(|()| {
            let reason =
                format!("{text:?} is no address or network, write \"10.0.0.1\" or \"10.0.0.0/8\"");
            ConfigError::invalid("trusted_proxies", reason)
        })
    };
    texts.iter().map(read).collect::<Result<_, _>>().map(TrustedProxies)
}

impl RawTls {
    /// The certificate of `table`.
    pub(super) fn check(self, table: &str) -> Result<Option<Tls>, ConfigError> {
        match (given(&self.certificate), given(&self.key)) {
            (None, None) => Ok(None),
            (Some(certificate), Some(key)) => {
                Ok(Some(Tls { certificate: certificate.into(), key: key.into() }))
            }
            (Some(_), None) => Err(ConfigError::invalid(
                &format!("{table}.key"),
                format!("needed with {table}.certificate, write the path of its key"),
            )),
            (None, Some(_)) => Err(ConfigError::invalid(
                &format!("{table}.certificate"),
                format!("needed with {table}.key, write the path of the chain"),
            )),
        }
    }
}

impl RawSmtp {
    fn check(self) -> Result<Option<Smtp>, ConfigError> {
        let port = u16::try_from(self.port).ok().filter(|port| *port != 0);
        let port =
            port.ok_or_else(|| ConfigError::invalid("smtp.port", "write a port from 1 to 65535"))?;
        let encryption = match self.encryption.as_str() {
            "none" => Encryption::None,
            "starttls" => Encryption::StartTls,
            "tls" => Encryption::Tls,
            other => {
                let reason =
                    format!("{other:?} is unknown, write \"starttls\", \"tls\" or \"none\"");
                return Err(ConfigError::invalid("smtp.encryption", reason));
            }
        };
        let Some(host) = given(&self.host) else {
            return Ok(None);
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let here = host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|a| a.is_loopback());
        if encryption == Encryption::None && !here {
            let reason = format!(
                "\"none\" is for loopback only and {host} is not, write \"starttls\" or \"tls\""
            );
            return Err(ConfigError::invalid("smtp.encryption", reason));
        }
        if !self.from.contains('@') {
            let reason = "needed with smtp.host, write \"Help <help@example.com>\"";
            return Err(ConfigError::invalid("smtp.from", reason));
        }
        if given(&self.username).is_some() != given(&self.password_file).is_some() {
            let reason =
                "smtp.username and smtp.password_file are needed together, write both or none";
            return Err(ConfigError::invalid("smtp.password_file", reason));
        }
        Ok(Some(Smtp {
            host: host.to_owned(),
            port,
            encryption,
            username: given(&self.username).map(str::to_owned),
            password_file: given(&self.password_file).map(PathBuf::from),
            from: self.from,
        }))
    }
}

impl RawSession {
    fn check(self) -> Result<SessionRules, ConfigError> {
        let most = i64::from(u16::MAX);
        let max_open_invitations = u32::try_from(self.max_open_invitations.min(most + 1))
            .ok()
            .filter(|n| (1..=u32::from(u16::MAX)).contains(n))
            .ok_or_else(|| {
                ConfigError::invalid(
                    "session.max_open_invitations",
                    "write a number from 1 to 65535",
                )
            })?;
        let text = self.operator_display_text.trim();
        let operator_display = match self.operator_display.as_str() {
            "name" => OperatorDisplay::Name,
            "email" => OperatorDisplay::Email,
            "custom" if (1..=64).contains(&text.chars().count()) => {
                OperatorDisplay::Custom(text.to_owned())
            }
            "custom" => {
                let reason = "needed with operator_display = \"custom\", write 1 to 64 characters";
                return Err(ConfigError::invalid("session.operator_display_text", reason));
            }
            other => {
                let reason =
                    format!("{other:?} is unknown, write \"name\", \"email\" or \"custom\"");
                return Err(ConfigError::invalid("session.operator_display", reason));
            }
        };
        Ok(SessionRules {
            invitation_expiry: duration("session.invitation_expiry", &self.invitation_expiry)?,
            wait: duration("session.wait", &self.wait)?,
            approval_timeout: duration("session.approval_timeout", &self.approval_timeout)?,
            operator_away: duration("session.operator_away", &self.operator_away)?,
            agent_away: duration("session.agent_away", &self.agent_away)?,
            max_open_invitations,
            operator_display,
        })
    }
}

impl RawLog {
    fn check(self) -> Result<Log, ConfigError> {
        let format = match self.format.as_str() {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            other => {
                let reason = format!("{other:?} is unknown, write \"text\" or \"json\"");
                return Err(ConfigError::invalid("log.format", reason));
            }
        };
        let level = self.level.parse().map_err(|_| {
            let reason = format!(
                "{:?} is unknown, write \"error\", \"warn\", \"info\", \"debug\" or \"trace\"",
                self.level
            );
            ConfigError::invalid("log.level", reason)
        })?;
        Ok(Log { format, level })
    }
}

/// From 1s to 24h.
fn duration(key: &str, text: &str) -> Result<Duration, ConfigError> {
    let digits = text.trim_end_matches(['s', 'm', 'h']);
    let unit = match text.get(digits.len()..) {
        Some("s") => Some(1),
        Some("m") => Some(60),
        Some("h") => Some(3_600),
        _ => None,
    };
    let seconds = digits.parse::<u64>().ok().zip(unit).and_then(|(n, unit)| n.checked_mul(unit));
    let seconds = seconds.filter(|seconds| (1..=86_400).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| {
        let reason = format!(
            "{text:?} is no duration from 1s to 24h, write for example \"90s\", \"5m\" or \"2h\""
        );
        ConfigError::invalid(key, reason)
    })
}

/// What is written, where something is.
pub(super) fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}
