//! Whom the client believes. It panics where it finds no certificates, so they are looked at
//! before it does.

use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::Esdb;

/// Makes sure that there are authorities to believe, and that the server's own certificate can be
/// shown. Says what to do where not.
pub(super) fn check(cluster: &Esdb) -> Result<(), String> {
    let roots = match &cluster.ca_file {
        Some(path) => roots(path, certificates(path)?)?,
        None => of_system()?,
    };
    let Some(own) = &cluster.certificate else { return Ok(()) };
    let key = PrivateKeyDer::from_pem_file(&own.key)
        .map_err(|error| format!("userKeyFile {}: {error}", own.key.display()))?;
    let chain = certificates(&own.certificate)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map(|client| client.with_root_certificates(roots))
        .and_then(|client| client.with_client_auth_cert(chain, key));
    client.map(drop).map_err(|error| {
        format!("userCertFile {} does not fit userKeyFile: {error}", own.certificate.display())
    })
}

fn of_system() -> Result<RootCertStore, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (_, wrong) = roots.add_parsable_certificates(found.certs);
    if let Some(error) = found.errors.first() {
        return Err(missing(&error.to_string()));
    }
    if roots.is_empty() {
        return Err(missing("there are none"));
    }
    if wrong > 0 {
        return Err(format!(
            "{wrong} of the certificates that this system trusts cannot be read: install the \
             package ca-certificates anew, or set esdb.ca_file"
        ));
    }
    Ok(roots)
}

fn missing(why: &str) -> String {
    format!(
        "the certificates that this system trusts cannot be read ({why}): the client of the event \
         store needs them even with tls=false. Install the package ca-certificates, or set \
         esdb.ca_file"
    )
}

fn roots(path: &Path, certificates: Vec<CertificateDer<'static>>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots.add(certificate).map_err(|error| {
            format!("esdb.ca_file {} holds no authority ({error})", path.display())
        })?;
    }
    Ok(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = || CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>();
    let found = read().map_err(|error| format!("{}: {error}", path.display()))?;
    if found.is_empty() {
        return Err(format!("{} holds no certificate in PEM", path.display()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Store};

    fn cluster(further: &str, table: &str) -> Box<Esdb> {
        let text = format!("store = \"esdb://a{further}\"\n[esdb]\n{table}");
        match Config::parse(&text, []).unwrap().store {
            Store::Esdb(esdb) => esdb,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn files_that_the_client_would_panic_at_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let (empty, wrong) = (folder.path().join("empty.pem"), folder.path().join("wrong.pem"));
        std::fs::write(&empty, "").unwrap();
        std::fs::write(&wrong, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
            .unwrap();
        for path in [&empty, &wrong, &folder.path().join("missing.pem")] {
            let set = format!("ca_file = {:?}", path.display().to_string());
            let said = check(&cluster("", &set)).unwrap_err();
            assert!(said.contains(&path.display().to_string()), "{said}");
        }
        let good = rcgen::generate_simple_self_signed(["a".to_owned()]).unwrap();
        let (pem, key) = (folder.path().join("good.pem"), folder.path().join("key.pem"));
        std::fs::write(&pem, good.cert.pem()).unwrap();
        std::fs::write(&key, good.signing_key.serialize_pem()).unwrap();
        let set = format!("ca_file = {:?}", pem.display().to_string());
        check(&cluster("", &set)).unwrap();
        let own = format!("?userCertFile={}&userKeyFile={}", pem.display(), key.display());
        check(&cluster(&own, &set)).unwrap();
        let own = format!("?userCertFile={}&userKeyFile={}", pem.display(), pem.display());
        let said = check(&cluster(&own, &set)).unwrap_err();
        assert!(said.contains("userKeyFile"), "{said}");
    }
}
