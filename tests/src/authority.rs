//! Someone who certifies this machine, for clients that speak TLS only.

use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// A certificate authority whose files lie in a folder.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate, PEM.
    pub ca: PathBuf,
}

impl Authority {
    /// A new one, whose certificate is kept in `folder` as `NAME-ca.pem`.
    pub fn new(folder: &Path, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        // A certificate with the name of its issuer looks as if it had signed itself.
        params.distinguished_name.push(DnType::CommonName, format!("Beckon tests, {name}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let ca = folder.join(format!("{name}-ca.pem"));
        std::fs::write(&ca, params.self_signed(&key).unwrap().pem()).unwrap();
        Self { issuer: Issuer::new(params, key), ca }
    }

    /// A certificate for this machine and its key, PEM.
    pub fn certify(&self, folder: &Path) -> (PathBuf, PathBuf) {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(names).unwrap().signed_by(&key, &self.issuer).unwrap();
        let (chain, secret) = (folder.join("face.pem"), folder.join("face.key"));
        std::fs::write(&chain, certificate.pem()).unwrap();
        let mut options = std::fs::File::options();
        let file = options.create(true).truncate(true).write(true).mode(0o600).open(&secret);
        std::io::Write::write_all(&mut file.unwrap(), key.serialize_pem().as_bytes()).unwrap();
        (chain, secret)
    }
}
