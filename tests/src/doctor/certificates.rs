//! What can be wrong with a certificate.

use std::sync::Arc;
use std::time::Duration;

use beckon_server::clock::{Clock, SystemClock};
use beckon_server::doctor::{Check, Outcome, Report};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use rustls::{RootCertStore, ServerConfig};

use super::ground::{Patient, complaints, only};
use super::stand_in::{Manner, StandIn};

const DAY: u64 = 24 * 60 * 60;

/// Someone who certifies names.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    roots: RootCertStore,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let own = params.self_signed(&key).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(own.der().clone()).unwrap();
        Self { issuer: Issuer::new(params, key), roots }
    }

    /// A certificate for `name` from `begin` to `end`, in days from now.
    fn certified(&self, name: &str, (begin, end): (i64, i64)) -> Arc<ServerConfig> {
        let now = SystemClock::new().now().micros() / 1_000_000;
        let at = |days: i64| {
            let seconds = now + days * i64::try_from(DAY).unwrap();
            date_time_ymd(1970, 1, 1) + Duration::from_secs(u64::try_from(seconds).unwrap())
        };
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.not_before, params.not_after) = (at(begin), at(end));
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key);
        Arc::new(config.unwrap())
    }
}

async fn behind(shown: Arc<ServerConfig>, trusted: &Authority) -> Report {
    let proxy = StandIn::bind().await;
    let url = format!("https://localhost:{}", proxy.port);
    let settings = [("BECKON_PUBLIC_URL", &*url), ("BECKON_TRUSTED_PROXIES", "127.0.0.1")];
    let patient = Patient::start(&settings);
    proxy.serve(patient.address, Manner::Honest, Some(shown));
    patient.examined_with(trusted.roots.clone()).await
}

#[tokio::test]
async fn a_good_certificate_is_told_with_its_days_and_all_else_passes_within_tls() {
    let authority = Authority::new();
    let report = behind(authority.certified("localhost", (-1, 90)), &authority).await;
    assert_eq!(complaints(&report), [], "{report}");
    let found = &report.worst(Check::Certificate).unwrap().found;
    assert!(
        found.contains("valid for 89 more days") || found.contains("valid for 90 more days"),
        "{found}"
    );
}

#[tokio::test]
async fn a_certificate_for_another_name_too_old_too_new_or_by_a_stranger_is_named() {
    let authority = Authority::new();
    let table = [
        (authority.certified("elsewhere.example", (-1, 90)), "for another name than localhost"),
        (authority.certified("localhost", (-90, -1)), "has expired: renew it"),
        (authority.certified("localhost", (2, 90)), "is not valid yet"),
        (Authority::new().certified("localhost", (-1, 90)), "serve the whole chain"),
    ];
    for (shown, words) in table {
        only(&behind(shown, &authority).await, Check::Certificate, Outcome::Failed, words);
    }
}

#[tokio::test]
async fn a_certificate_that_ends_in_less_than_three_weeks_is_a_warning() {
    let authority = Authority::new();
    let report = behind(authority.certified("localhost", (-1, 20)), &authority).await;
    only(&report, Check::Certificate, Outcome::Warning, "days: renew it");
    let report = behind(authority.certified("localhost", (-1, 23)), &authority).await;
    assert_eq!(complaints(&report), [], "{report}");
}

#[tokio::test]
async fn a_port_without_tls_is_named() {
    let proxy = StandIn::bind().await;
    let url = format!("https://localhost:{}", proxy.port);
    let settings = [("BECKON_PUBLIC_URL", &*url), ("BECKON_TRUSTED_PROXIES", "127.0.0.1")];
    let patient = Patient::start(&settings);
    proxy.serve(patient.address, Manner::Honest, None);
    only(&patient.examined().await, Check::Certificate, Outcome::Failed, "does not speak TLS");
}
