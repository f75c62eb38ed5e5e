//! The protected connection: this system's certificate authorities and nothing else.

use std::sync::{Arc, OnceLock};

use rustls::client::WantsClientCert;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ConfigBuilder, WantsVerifier};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::SocketError;

/// Speaks TLS with `host` (an IPv6 address in brackets) over `stream`.
pub(crate) async fn connect(
    host: &str,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>, SocketError> {
    let literal = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(literal).map_err(|_| SocketError::NotFound)?;
    TlsConnector::from(config()?).connect(name, stream).await.map_err(|error| {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(rustls::Error::InvalidCertificate(why)) => {
                SocketError::Certificate(why.to_string())
            }
            Some(_) => SocketError::NotBeckon,
            None => SocketError::Unreachable,
        }
    })
}

fn config() -> Result<Arc<ClientConfig>, SocketError> {
    static CONFIG: OnceLock<Option<Arc<ClientConfig>>> = OnceLock::new();
    CONFIG
        .get_or_init(|| {
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .ok()?;
            let mut config = trusting(config)?.with_no_client_auth();
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            Some(Arc::new(config))
        })
        .clone()
        .ok_or_else(|| SocketError::Certificate("no TLS is available".to_owned()))
}

/// Trusts what is in this system's stores.
#[cfg(not(target_os = "windows"))]
#[expect(clippy::unnecessary_wraps, reason = "Windows may not answer")]
fn trusting(
    config: ConfigBuilder<ClientConfig, WantsVerifier>,
) -> Option<ConfigBuilder<ClientConfig, WantsClientCert>> {
    let mut roots = rustls::RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "a certificate store could not be read");
    }
    roots.add_parsable_certificates(found.certs);
    Some(config.with_root_certificates(roots))
}

/// Asks Windows, which fetches authorities that it trusts only when they are asked for.
#[cfg(target_os = "windows")]
fn trusting(
    config: ConfigBuilder<ClientConfig, WantsVerifier>,
) -> Option<ConfigBuilder<ClientConfig, WantsClientCert>> {
    use rustls_platform_verifier::BuilderVerifierExt as _;
    config
        .with_platform_verifier()
        .inspect_err(|error| tracing::error!(%error, "Windows checks no certificates"))
        .ok()
}
