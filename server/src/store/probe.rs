//! Whether a cluster can be reached, one step after the other: its name, a connection, its
//! certificate. The client itself says only that it cannot.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use super::{OpenError, ReadError};
use crate::config::Esdb;
use crate::text;
use crate::tls::Refused;

/// No node is asked for longer.
pub const WITHIN: Duration = Duration::from_secs(5);

/// What stands between this machine and a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nobody knows the name.
    Name,
    /// Nothing listens there.
    Closed,
    /// Nothing is heard from there.
    Silent,
    /// Its certificate is not taken, or it speaks no TLS.
    Certificate(Refused),
    /// Something else, in the words of the system.
    Other(String),
}

/// A node that cannot be reached, such as `db1:2113`, and why.
pub type Missed = (String, Fault);

/// Why no node can be reached; empty where one can be. Waits at most [`WITHIN`].
pub fn missed(cluster: &Esdb) -> Vec<Missed> {
    missed_within(cluster, WITHIN)
}

fn missed_within(cluster: &Esdb, within: Duration) -> Vec<Missed> {
    let tls = if cluster.tls { trusting(cluster) } else { None };
    let asked: Vec<_> = cluster
        .hosts
        .iter()
        .map(|(host, port)| {
            let (tell, told) = channel();
            let (name, port, tls) = (host.clone(), *port, tls.clone());
            // A look-up of a name cannot be cut short: nobody waits for the thread.
            thread::spawn(move || drop(tell.send(reach(&name, port, tls, within))));
            (format!("{host}:{port}"), told)
        })
        .collect();
    let mut missed = Vec::new();
    for (node, told) in asked {
        match told.recv_timeout(within).unwrap_or(Err(Fault::Silent)) {
            Ok(()) => return Vec::new(),
            Err(fault) => missed.push((node, fault)),
        }
    }
    missed
}

/// Why a cluster cannot be opened, with what can be found out about it.
pub(super) fn explained(cluster: &Esdb, error: OpenError) -> OpenError {
    let OpenError::Read(ReadError::Unavailable(why)) = error else { return error };
    let missed = missed(cluster);
    OpenError::Cluster(if missed.is_empty() {
        text::cluster_unusable(cluster, &why)
    } else {
        let (found, remedy) = text::cluster_unreachable(cluster, &missed);
        format!("{found}: {remedy}")
    })
}

fn reach(
    host: &str,
    port: u16,
    tls: Option<Arc<ClientConfig>>,
    within: Duration,
) -> Result<(), Fault> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let mut last = Fault::Name;
    for address in (bare, port).to_socket_addrs().map_err(|_| Fault::Name)? {
        match TcpStream::connect_timeout(&address, within) {
            Ok(stream) => return tls.map_or(Ok(()), |tls| greet(stream, bare, tls, within)),
            Err(error) => last = Fault::of(&error),
        }
    }
    Err(last)
}

fn greet(
    mut stream: TcpStream,
    host: &str,
    tls: Arc<ClientConfig>,
    within: Duration,
) -> Result<(), Fault> {
    let other = |error: &dyn std::fmt::Display| Fault::Other(error.to_string());
    let name = ServerName::try_from(host.to_owned()).map_err(|error| other(&error))?;
    let mut client = ClientConnection::new(tls, name).map_err(|error| other(&error))?;
    stream.set_read_timeout(Some(within)).map_err(|error| other(&error))?;
    match client.complete_io(&mut stream) {
        Ok(_) => Ok(()),
        Err(error) if is_late(&error) => Err(Fault::Silent),
        Err(error) => Err(Fault::Certificate(Refused::of(&error))),
    }
}

/// Believes whom the client believes; none where that cannot be read, which the client says.
fn trusting(cluster: &Esdb) -> Option<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    match &cluster.ca_file {
        Some(path) => {
            let authorities = CertificateDer::pem_file_iter(path).ok()?;
            roots.add_parsable_certificates(authorities.filter_map(Result::ok));
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut client = client.ok()?.with_root_certificates(roots).with_no_client_auth();
    client.alpn_protocols = vec![b"h2".to_vec()];
    Some(Arc::new(client))
}

fn is_late(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
}

impl Fault {
    fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Closed,
            _ if is_late(error) => Self::Silent,
            _ => Self::Other(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::config::{Config, Store};
    use crate::store::{self, esdb::EsdbStore};

    fn cluster(store: &str, ca: &str) -> Box<Esdb> {
        let text = format!("store = {store:?}\n[esdb]\nca_file = {ca:?}");
        match Config::parse(&text, []).unwrap().store {
            Store::Esdb(esdb) => esdb,
            other => panic!("{other:?}"),
        }
    }

    /// A node that shows a certificate, and the authority of another.
    fn shown(name: &str) -> (u16, tempfile::TempDir, String) {
        let own = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = rustls::pki_types::PrivateKeyDer::try_from(own.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key.unwrap())
            .unwrap();
        let (tls, listener) = (Arc::new(tls), TcpListener::bind("127.0.0.1:0").unwrap());
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            while let Ok((mut stream, _)) = listener.accept() {
                let mut server = rustls::ServerConnection::new(Arc::clone(&tls)).unwrap();
                while server.is_handshaking() && server.complete_io(&mut stream).is_ok() {}
            }
        });
        let folder = tempfile::tempdir().unwrap();
        let (of_own, of_other) = (folder.path().join("own.pem"), folder.path().join("other.pem"));
        std::fs::write(of_own, own.cert.pem()).unwrap();
        std::fs::write(&of_other, other.cert.pem()).unwrap();
        let other = of_other.display().to_string();
        (port, folder, other)
    }

    #[test]
    fn each_step_on_which_a_node_is_missed_is_named_with_what_to_check() {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let mute = silent.local_addr().unwrap().port();
        let (port, folder, other) = shown("localhost");
        let own = folder.path().join("own.pem").display().to_string();
        let table = [
            (cluster(&format!("esdb://me:hush@127.0.0.1:{closed}"), ""), "refuses the connection"),
            (cluster("esdb://me:hush@no-such-host.invalid", ""), "name is not known"),
            (cluster(&format!("esdb://me:hush@localhost:{mute}"), &other), "does not answer"),
            (cluster(&format!("esdb://me:hush@localhost:{port}"), &other), "esdb.ca_file"),
            (cluster(&format!("esdb://me:hush@127.0.0.1:{port}"), &own), "another name"),
        ];
        for (cluster, words) in table {
            let missed = missed_within(&cluster, Duration::from_millis(500));
            assert_eq!(missed.len(), 1, "{cluster}");
            let (found, remedy) = text::cluster_unreachable(&cluster, &missed);
            let said = format!("{found}: {remedy}");
            assert!(said.contains(words) && said.contains(&cluster.to_string()), "{said}");
            assert!(!said.contains("hush") && remedy.contains("check"), "{said}");
        }
        let good = cluster(&format!("esdb://127.0.0.1:{closed},localhost:{port}"), &own);
        assert_eq!(missed(&good), [], "one node is enough");
    }

    #[test]
    fn a_start_names_the_cluster_and_why_it_is_missed() {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (_, _folder, ca) = shown("localhost");
        let cluster = cluster(&format!("esdb://me:hush@{closed}"), &ca);
        let error = EsdbStore::open_within(&cluster, Duration::ZERO).err().unwrap();
        let said = explained(&cluster, error).to_string();
        assert!(said.contains(&format!("esdb://{closed}")) && said.contains("refuses"), "{said}");
        assert!(!said.contains("hush") && !said.contains("try again"), "{said}");
        let damaged = OpenError::Read(ReadError::Damaged("x".to_owned()));
        assert!(matches!(explained(&cluster, damaged), OpenError::Read(_)));
        let unknown = store::OpenError::Read(ReadError::Unavailable("it refuses".to_owned()));
        assert!(!explained(&cluster, unknown).to_string().contains("it refuses"));
    }
}
