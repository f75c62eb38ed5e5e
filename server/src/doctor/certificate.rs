//! Whether a certificate is one that everybody's program takes, and for how long.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::CertificateError;
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

use super::line::provider;

/// A chain that is valid for longer is as good as for ever.
const DAYS_MAX: u64 = 1_000;
const DAY: u64 = 24 * 60 * 60;

/// Why a certificate is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYet,
    /// It is for another name.
    OtherName,
    /// Nobody trusted has signed it, or the chain is not complete.
    Untrusted,
    /// TLS did not come to the certificate.
    NoTls(String),
}

impl Refused {
    /// What an error of TLS means.
    pub fn of(error: &io::Error) -> Self {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        let Some(rustls::Error::InvalidCertificate(why)) = inner else {
            return Self::NoTls(error.to_string());
        };
        match why {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                Self::NotYet
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::OtherName
            }
            _ => Self::Untrusted,
        }
    }
}

/// For how many days from `now` (since 1970) the whole chain is accepted for `host`; at most
/// 1,000.
pub fn days_left(
    chain: &[CertificateDer<'_>],
    host: &str,
    roots: &Arc<RootCertStore>,
    now: Duration,
) -> Option<u64> {
    let (leaf, between) = chain.split_first()?;
    let name = ServerName::try_from(host.to_owned()).ok()?;
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::clone(roots), provider()).build().ok()?;
    let holds = |days: u64| {
        let at = UnixTime::since_unix_epoch(now.saturating_add(Duration::from_secs(days * DAY)));
        verifier.verify_server_cert(leaf, between, &name, &[], at).is_ok()
    };
    holds(0).then(|| {
        // Valid at `low`, not at `high`.
        let (mut low, mut high) = (0, DAYS_MAX + 1);
        while high - low > 1 {
            let middle = u64::midpoint(low, high);
            if holds(middle) { low = middle } else { high = middle }
        }
        low
    })
}
