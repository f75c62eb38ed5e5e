//! Connections that are protected, and who this server says it is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use beckon_server::config::{Config, Esdb, Store};
use beckon_server::face::peer::{Peer, PeerLog};
use beckon_server::store::EventStore;
use beckon_server::store::Expected::NoStream;
use beckon_server::store::esdb::EsdbStore;
use beckon_server::store::memory::MemoryStore;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;

use crate::contract::ground::append;

/// A node that shows a certificate of an authority whose own is in a file.
fn node(folder: &Path) -> (Peer, PathBuf) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let authority = folder.join("authority.pem");
    fs::write(&authority, params.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let own = own.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], key)
        .unwrap();
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let log = PeerLog::over(Box::new(MemoryStore::new())).unwrap();
    (Peer::start(log, Some(tls)).unwrap(), authority)
}

fn cluster(peer: &Peer, table: &str) -> Esdb {
    let text = format!("store = \"esdb://me@{}\"\n[esdb]\n{table}", peer.address());
    match Config::parse(&text, []).unwrap().store {
        Store::Esdb(cluster) => *cluster,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_authority_in_the_configuration_is_believed_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let (peer, authority) = node(folder.path());
    let secret = folder.path().join("password");
    fs::write(&secret, "hush\n").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let both = format!("ca_file = {authority:?}\npassword_file = {secret:?}");
    let mut store = EsdbStore::open(&cluster(&peer, &both)).unwrap();
    store.append(&[append("session-1", NoStream, &["a"])]).answers.remove(0).unwrap();
    assert_eq!(store.readers().reader().unwrap().read_all(None, 9).unwrap().len(), 1);
    // The authorities of this machine know nothing of that node.
    let stranger = format!("password_file = {secret:?}");
    let refused = EsdbStore::open_within(&cluster(&peer, &stranger), Duration::from_millis(100));
    let said = refused.map(drop).unwrap_err().to_string();
    assert!(said.contains("the event store cannot be reached"), "{said}");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
    let open = EsdbStore::open(&cluster(&peer, &both)).map(drop).unwrap_err().to_string();
    assert!(open.contains("esdb.password_file") && !open.contains("hush"), "{open}");
}
