//! Whether a certificate is one that everybody's program takes, and for how long.

use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

use super::line::provider;
pub use crate::tls::Refused;

/// A chain that is valid for longer is as good as for ever.
const DAYS_MAX: u64 = 1_000;
const DAY: u64 = 24 * 60 * 60;

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
