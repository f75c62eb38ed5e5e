//! The port on this machine from which the numbers are read.

use std::io;
use std::net::{SocketAddr, TcpListener};

use actix_web::dev::ServerHandle;
use actix_web::web::{Data, get, resource};
use actix_web::{App, HttpResponse, HttpServer};

use super::read;
use crate::hub::Hub;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Serves `/metrics` at `listen` and nothing else, until the handle is stopped.
pub fn serve(hub: &Hub, listen: SocketAddr) -> io::Result<ServerHandle> {
    let listener = TcpListener::bind(listen).map_err(|error| {
        let said = format!("metrics.listen = \"{listen}\" cannot be had ({error})");
        io::Error::new(error.kind(), said)
    })?;
    let address = listener.local_addr()?;
    // Only a second call would find one there.
    let _ = hub.metrics.0.address.set(address);
    let data = Data::new(hub.clone());
    let server = HttpServer::new(move || {
        App::new().app_data(data.clone()).service(resource("/metrics").route(get().to(metrics)))
    })
    .workers(1)
    .shutdown_timeout(1)
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    actix::spawn(server);
    tracing::info!(%address, "metrics are served");
    Ok(handle)
}

async fn metrics(hub: Data<Hub>) -> HttpResponse {
    match read(&hub).await {
        Ok(text) => HttpResponse::Ok().content_type(OPEN_METRICS).body(text),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}
