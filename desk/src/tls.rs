//! The protected connection: this system's certificate authorities and nothing else.

use std::io;
use std::sync::{Arc, OnceLock};
#[cfg(target_os = "windows")]
use std::time::Duration;

use rustls::client::WantsClientCert;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ConfigBuilder, WantsVerifier};
use tokio::net::TcpStream;
#[cfg(target_os = "windows")]
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::SocketError;

/// The longest handshake.
#[cfg(target_os = "windows")]
const WITHIN: Duration = Duration::from_secs(15);

/// Speaks TLS with `host` (an IPv6 address in brackets) over `stream`.
pub(crate) async fn connect(
    host: &str,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>, SocketError> {
    let literal = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(literal).map_err(|_| SocketError::NotFound)?;
    shake_hands(TlsConnector::from(config()?), name, stream).await.map_err(|error| {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(rustls::Error::InvalidCertificate(why)) => {
                SocketError::Certificate(why.to_string())
            }
            // Windows could not check it.
            Some(rustls::Error::General(why)) if cfg!(windows) => {
                SocketError::Certificate(why.clone())
            }
            Some(_) => SocketError::NotBeckon,
            None => SocketError::Unreachable,
        }
    })
}

#[cfg(not(target_os = "windows"))]
async fn shake_hands(
    connector: TlsConnector,
    name: ServerName<'static>,
    stream: TcpStream,
) -> io::Result<TlsStream<TcpStream>> {
    connector.connect(name, stream).await
}

/// On a thread that may wait: Windows may fetch authorities and lists of what was revoked.
#[cfg(target_os = "windows")]
async fn shake_hands(
    connector: TlsConnector,
    name: ServerName<'static>,
    stream: TcpStream,
) -> io::Result<TlsStream<TcpStream>> {
    let here = tokio::runtime::Handle::current();
    let shaken = move || {
        // Who waits for this may be gone: it ends by itself.
        here.block_on(async { timeout(WITHIN, connector.connect(name, stream)).await })
    };
    let shaken = tokio::task::spawn_blocking(shaken).await.map_err(io::Error::other)?;
    shaken.map_err(|_| io::ErrorKind::TimedOut)?
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

#[cfg(test)]
mod tests {
    use rustls::ServerConfig;
    use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;

    #[tokio::test]
    async fn a_server_for_which_nobody_vouches_is_refused() {
        const NAME: &str = "help.example.org";
        let own = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
        let key = PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], PrivateKeyDer::Pkcs8(key))
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            TlsAcceptor::from(Arc::new(config)).accept(stream).await.is_ok()
        });
        let stream = TcpStream::connect(address).await.unwrap();
        let refused = connect(NAME, stream).await.err();
        assert!(matches!(refused, Some(SocketError::Certificate(_))), "{refused:?}");
        assert!(!server.await.unwrap(), "nothing was sent");
    }
}
