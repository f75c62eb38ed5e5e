//! An EventStoreDB or KurrentDB cluster, as its connection string names it.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::raw::given;
use super::{ConfigError, Tls};

/// The port of a node, where none is written.
const PORT: u16 = 2_113;
/// What may be written after the `?` and is handed on as it is; each is a number.
const NUMBERS: [&str; 5] = [
    "maxDiscoverAttempts",
    "discoveryInterval",
    "gossipTimeout",
    "keepAliveInterval",
    "keepAliveTimeout",
];

/// A cluster, or one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Esdb {
    /// Whether the one host is a name under which all nodes are found.
    pub discover: bool,
    /// Names or addresses with their ports; at least one.
    pub hosts: Vec<(String, u16)>,
    /// Whether connections are protected.
    pub tls: bool,
    /// Who this server is there.
    pub user: Option<String>,
    /// The password, where it stands in the connection string.
    pub password: Option<Password>,
    /// The file that holds the password, for [`crate::data_folder::read_secret`].
    pub password_file: Option<PathBuf>,
    /// The authority that signed the nodes' certificates, PEM; none: those of the system.
    pub ca_file: Option<PathBuf>,
    /// A certificate by which this server shows who it is.
    pub certificate: Option<Tls>,
    /// Further settings of the connection, as name and number.
    pub further: Vec<(&'static str, u64)>,
}

/// A password that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEsdb {
    password_file: String,
    ca_file: String,
}

impl Password {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// The hosts, without anything secret.
impl fmt::Display for Esdb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.discover { "esdb+discover://" } else { "esdb://" })?;
        for (index, (host, port)) in self.hosts.iter().enumerate() {
            write!(f, "{}{host}:{port}", if index == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl Esdb {
    /// Reads a connection string; none where its scheme is another one. What is wrong is said
    /// without repeating it, as it may hold a password.
    pub(super) fn read(text: &str, raw: &RawEsdb) -> Option<Result<Self, ConfigError>> {
        let (scheme, rest) = text.split_once("://")?;
        let discover = match scheme {
            "esdb" | "kurrentdb" => false,
            "esdb+discover" | "kurrentdb+discover" => true,
            _ => return None,
        };
        if !cfg!(feature = "esdb") {
            let reason = "this build has no EventStoreDB in it, write \"sqlite:\", or build \
                 beckon-server with the feature esdb";
            return Some(Err(ConfigError::invalid("store", reason)));
        }
        let read = Self::of(discover, rest).map_err(|reason| ConfigError::invalid("store", reason));
        Some(read.and_then(|read| read.with(raw)))
    }

    fn of(discover: bool, rest: &str) -> Result<Self, String> {
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let place = place.strip_suffix('/').unwrap_or(place);
        let (login, hosts) = match place.rsplit_once('@') {
            Some((login, hosts)) => (Some(login), hosts),
            None => (None, place),
        };
        if hosts.contains('/') {
            return Err("a path means nothing there, write \"esdb://host:2113?…\"".to_owned());
        }
        let hosts = hosts.split(',').map(host).collect::<Result<Vec<_>, _>>()?;
        if discover && hosts.len() != 1 {
            return Err("esdb+discover takes one host, for several write \"esdb://…\"".to_owned());
        }
        let (user, password) = match login.map(|login| login.split_once(':').unwrap_or((login, "")))
        {
            Some((user, password)) => (Some(decoded(user)?), Some(decoded(password)?)),
            None => (None, None),
        };
        let mut esdb = Self {
            discover,
            hosts,
            tls: true,
            user: user.filter(|user| !user.is_empty()),
            password: password.filter(|p| !p.is_empty()).map(|p| Password(Zeroizing::new(p))),
            password_file: None,
            ca_file: None,
            certificate: None,
            further: Vec::new(),
        };
        let (mut certificate, mut key) = (None, None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decoded(value)?;
            match name.to_ascii_lowercase().as_str() {
                "tls" => esdb.tls = truth("tls", &value)?,
                "tlsverifycert" if truth("tlsVerifyCert", &value)? => {}
                "tlsverifycert" => {
                    return Err(
                        "tlsVerifyCert=false would trust anybody, set esdb.ca_file to the \
                         cluster's own authority"
                            .to_owned(),
                    );
                }
                "nodepreference" if value.eq_ignore_ascii_case("leader") => {}
                "nodepreference" => {
                    return Err("this server works with the leader only, leave nodePreference out"
                        .to_owned());
                }
                "tlscafile" => esdb.ca_file = Some(PathBuf::from(value)),
                "usercertfile" => certificate = Some(PathBuf::from(value)),
                "userkeyfile" => key = Some(PathBuf::from(value)),
                other => {
                    let known = NUMBERS.iter().find(|known| known.eq_ignore_ascii_case(other));
                    let known = known.ok_or_else(|| format!("{name:?} means nothing there"))?;
                    let number = value.parse().map_err(|_| format!("{known} takes a number"))?;
                    esdb.further.push((known, number));
                }
            }
        }
        esdb.certificate = match (certificate, key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some(Tls { certificate, key }),
            _ => return Err("userCertFile and userKeyFile are needed together".to_owned()),
        };
        Ok(esdb)
    }

    fn with(mut self, raw: &RawEsdb) -> Result<Self, ConfigError> {
        self.password_file = given(&raw.password_file).map(PathBuf::from);
        if let Some(file) = given(&raw.ca_file) {
            self.ca_file = Some(PathBuf::from(file));
        }
        let wrong = |key: &str, reason: &str| Err(ConfigError::invalid(key, reason));
        if self.password_file.is_some() && self.password.is_some() {
            return wrong("esdb.password_file", "the password is in store too, leave one out");
        }
        if self.password_file.is_some() && self.user.is_none() {
            return wrong(
                "esdb.password_file",
                "whose it is stands in store, as \"esdb://user@…\"",
            );
        }
        if self.user.is_some() && !self.tls && !self.hosts.iter().all(|(host, _)| is_here(host)) {
            return wrong("store", "with tls=false the password would be readable on the way");
        }
        Ok(self)
    }
}

/// What can be shown of a text that is no store: what stands before a password.
pub(super) fn without_secrets(text: &str) -> &str {
    match text.split_once("://") {
        Some((scheme, rest)) if rest.contains('@') => scheme,
        _ => text,
    }
}

fn host(text: &str) -> Result<(String, u16), String> {
    let (name, port) = match text.rsplit_once(':') {
        // The last colon of a bare IPv6 address.
        Some(_) if text.ends_with(']') => (text, PORT),
        Some((name, port)) => {
            (name, port.parse().map_err(|_| "a port is a number up to 65535".to_owned())?)
        }
        None => (text, PORT),
    };
    let good = !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._[]:".contains(&b));
    if good && port != 0 {
        Ok((name.to_owned(), port))
    } else {
        Err("a host is missing or wrong, write \"esdb://host:2113\"".to_owned())
    }
}

fn is_here(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|a| a.is_loopback())
}

fn truth(name: &str, value: &str) -> Result<bool, String> {
    value.to_ascii_lowercase().parse().map_err(|_| format!("{name} takes true or false"))
}

/// `%2F` and the like in plain.
fn decoded(text: &str) -> Result<String, String> {
    let wrong = || "a % is not followed by two hex digits of a text".to_owned();
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|d| char::from(d).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else { return Err(wrong()) };
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| wrong())?);
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

#[cfg(all(test, feature = "esdb"))]
mod tests {
    use super::*;
    use crate::config::{Config, Store};

    fn read(store: &str, table: &str) -> Result<Esdb, String> {
        let text = format!("store = \"{store}\"\n[esdb]\n{table}");
        match Config::parse(&text, []).map(|config| config.store) {
            Ok(Store::Esdb(esdb)) => Ok(*esdb),
            Ok(other) => Err(format!("{other:?}")),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn a_connection_string_names_nodes_and_who_this_server_is() {
        let one = read("esdb://db.example.com", "").unwrap();
        assert_eq!(one.hosts, [("db.example.com".to_owned(), 2_113)]);
        assert_eq!((one.tls, one.discover, one.user), (true, false, None));
        let many = read("kurrentdb://me:p%40ss%2Fword@a:1,b,c:3?gossipTimeout=900", "").unwrap();
        let hosts = [("a".to_owned(), 1), ("b".to_owned(), 2_113), ("c".to_owned(), 3)];
        assert_eq!((many.hosts.as_slice(), many.discover), (&hosts[..], false));
        assert_eq!(many.password.as_ref().map(Password::as_str), Some("p@ss/word"));
        assert_eq!(many.further, [("gossipTimeout", 900)]);
        assert_eq!(many.to_string(), "esdb://a:1,b:2113,c:3");
        let files = "password_file = \"pw\"\nca_file = \"ca.pem\"";
        let found = read("esdb+discover://me@cluster.example.com", files).unwrap();
        assert!(found.discover);
        assert_eq!(found.password_file, Some(PathBuf::from("pw")));
        assert_eq!(found.ca_file, Some(PathBuf::from("ca.pem")));
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        let table = [
            ("esdb://me:hush@", "a host is missing"),
            ("esdb://me:hush@a:x", "a port is a number"),
            ("esdb://me:hush@a/path", "a path means nothing"),
            ("esdb://me:hush@a?tls=maybe", "tls takes true or false"),
            ("esdb://me:hush@a?tlsVerifyCert=false", "would trust anybody"),
            ("esdb://me:hush@a?nodePreference=follower", "the leader only"),
            ("esdb://me:hush@a?nonsense=1", "means nothing"),
            ("esdb://me:hush@a?userCertFile=x", "needed together"),
            ("esdb://me:hush@a?tls=false", "readable on the way"),
            ("esdb+discover://me:hush@a,b", "takes one host"),
            ("esdb://me:hu%zzsh@a", "hex digits"),
            ("esbd://me:hush@a", "\"esbd\" is no store of this build"),
        ];
        for (store, said) in table {
            let error = read(store, "").unwrap_err();
            assert!(error.contains(said), "{store}: {error}");
            assert!(!error.contains("hush") && !error.contains("me:"), "{error}");
        }
        let twice = read("esdb://me:hush@a", "password_file = \"pw\"").unwrap_err();
        assert!(twice.contains("leave one out"), "{twice}");
        let whose = read("esdb://a", "password_file = \"pw\"").unwrap_err();
        assert!(whose.contains("whose it is"), "{whose}");
    }

    #[test]
    fn the_password_is_in_no_debug_output() {
        let config = Config::parse("store = \"esdb://me:hush@localhost?tls=false\"", []).unwrap();
        assert!(!format!("{config:?}").contains("hush"));
    }
}
