//! The server's own certificate.

mod refused;

use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::Tls;
use crate::data_folder::{SecretError, read_secret};
pub use refused::Refused;

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The chain cannot be read.
    #[error("the certificate {} cannot be read ({reason}): it must be a PEM file", .path.display())]
    Certificate {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The key's file cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The key cannot be used.
    #[error("the private key {} cannot be used ({reason}): it must be the certificate's own, as PEM", .path.display())]
    Key {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// Reads the certificate and key that the configuration names.
pub fn load(tls: &Tls) -> Result<ServerConfig, TlsError> {
    let unreadable = |error: rustls::pki_types::pem::Error| TlsError::Certificate {
        path: tls.certificate.clone(),
        reason: error.to_string(),
    };
    let chain = CertificateDer::pem_file_iter(&tls.certificate)
        .map_err(unreadable)?
        .collect::<Result<Vec<_>, _>>()
        .map_err(unreadable)?;
    if chain.is_empty() {
        let (path, reason) = (tls.certificate.clone(), "there is none in it".to_owned());
        return Err(TlsError::Certificate { path, reason });
    }
    let unusable = |reason: String| TlsError::Key { path: tls.key.clone(), reason };
    let pem = read_secret(&tls.key)?;
    let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|error| unusable(error.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| unusable(error.to_string()))
}
