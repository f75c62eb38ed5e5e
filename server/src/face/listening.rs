//! The face's own port: its accept loop, on a thread and a runtime of its own.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use futures_util::stream::{StreamExt, poll_fn};
use rustls::ServerConfig;
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsAcceptor;
use tonic::transport::Server;
use tonic::transport::server::Router;

use super::door::Revoked;
use super::introductions::{Alone, Called, Features};
use super::proto::gossip::gossip_server::GossipServer;
use super::proto::server_features::server_features_server::ServerFeaturesServer;
use super::streams::LogStreams;
use super::streams_proto::streams_server::StreamsServer;
use super::wire::{Seats, Wire};
use crate::metrics::Metrics;

/// Calls at once on one connection.
const CALLS_MAX: u32 = 64;
/// A silent connection is asked so often whether it is still there, and has so long to say so.
const PING_EVERY: Duration = Duration::from_secs(20);
/// Connections that came and wait to be served.
const WAITING: usize = 16;
/// Readers get so long to hear that the server stops, or that their token was revoked.
const GOODBYE: Duration = Duration::from_millis(500);

/// What is served.
pub(super) struct Services {
    pub streams: LogStreams,
    pub features: Features,
    pub alone: Alone,
    /// The largest request, in bytes.
    pub request_max: usize,
    /// Where connections are counted.
    pub metrics: Metrics,
}

/// An open port; closed when this is dropped.
pub struct Listening {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    #[cfg(feature = "esdb-peer")]
    pub(super) seats: Seats,
    thread: Option<JoinHandle<()>>,
}

impl Listening {
    /// Serves on `listener` until this is dropped; `stop` tells the services of the end.
    pub(super) fn start(
        listener: TcpListener,
        tls: Option<ServerConfig>,
        services: Services,
        stop: watch::Sender<bool>,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let seats = Seats::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let acceptor = tls.map(|mut tls| {
            tls.alpn_protocols = vec![b"h2".to_vec()];
            TlsAcceptor::from(Arc::new(tls))
        });
        let (served, stopping) = (seats.clone(), stop.subscribe());
        let thread = thread::Builder::new().name("face".to_owned()).spawn(move || {
            let serving = serve(listener, acceptor, services, served, stopping);
            if let Err(error) = runtime.block_on(serving) {
                tracing::error!(%error, "the log cannot be read over its port any more");
            }
            // A page that is being read does not hold the end up.
            runtime.shutdown_background();
        })?;
        Ok(Self {
            address,
            stop,
            #[cfg(feature = "esdb-peer")]
            seats,
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the log's port ended badly");
        }
    }
}

async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    services: Services,
    seats: Seats,
    stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let (ready, mut incoming) = mpsc::channel(WAITING);
    let accepting = accept(listener, tls, seats.clone(), (ready, services.metrics.clone()));
    let accepting = tokio::spawn(accepting);
    tokio::spawn(close_revoked(services.streams.revoked(), seats.clone()));
    let incoming = poll_fn(move |context| incoming.poll_recv(context)).map(Ok::<_, io::Error>);
    let (mut told, mut stopped) = (stop.clone(), stop);
    let signal = async move {
        // The sender is only dropped after it said so.
        let _ = told.wait_for(|stop| *stop).await;
    };
    let serving = router(services).serve_with_incoming_shutdown(incoming, signal);
    let late = async move {
        let _ = stopped.wait_for(|stop| *stop).await;
        tokio::time::sleep(GOODBYE).await;
    };
    let served = tokio::select! {
        served = serving => served.map_err(io::Error::other),
        () = late => Ok(()),
    };
    accepting.abort();
    seats.cut();
    served
}

/// Closes the connections of whoever was thrown out, once they had time to hear why.
async fn close_revoked(mut revoked: Revoked, seats: Seats) {
    while revoked.changed().await.is_ok() {
        tokio::time::sleep(GOODBYE).await;
        let gone = revoked.borrow_and_update().clone();
        seats.cut_revoked(&gone);
    }
}

fn router(services: Services) -> Router {
    let Services { streams, features, alone, request_max, .. } = services;
    Server::builder()
        .max_concurrent_streams(CALLS_MAX)
        .http2_keepalive_interval(Some(PING_EVERY))
        .http2_keepalive_timeout(Some(PING_EVERY))
        .add_service(StreamsServer::new(streams).max_decoding_message_size(request_max))
        .add_service(ServerFeaturesServer::new(features))
        .add_service(Called(GossipServer::new(alone)))
}

async fn accept(
    listener: tokio::net::TcpListener,
    tls: Option<TlsAcceptor>,
    seats: Seats,
    (ready, metrics): (mpsc::Sender<Wire>, Metrics),
) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let (tls, seats, ready) = (tls.clone(), seats.clone(), ready.clone());
                let metrics = metrics.clone();
                tokio::spawn(async move {
                    match Wire::accept(stream, tls.as_ref(), &seats).await {
                        // Nobody serves it where the server stops.
                        Ok(wire) => drop(ready.send(wire.counted(&metrics)).await),
                        Err(error) => tracing::debug!(%error, "a connection was not taken"),
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the log's port refused somebody");
                // Out of file descriptors: trying again at once would spin.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}
