//! The sockets: what comes in from agents and Controls.
//!
//! ```text
//! /ws/agent   ─► Socket ─► agent::converse   ─┐
//! /ws/control ─► Socket ─► control::converse ─┼─► SessionActor
//! /ws/relay   ─► RelaySocket ◄═ Joint ═► RelaySocket      (bytes that nobody here can read)
//! ```

mod agent;
mod clipboard_pace;
mod control;
mod conversation;
pub mod pipe;
mod relay;
mod socket;

use actix_web::web::{Data, Payload, ServiceConfig, get, resource};
use actix_web::{HttpRequest, HttpResponse};

use crate::hub::Hub;
pub(crate) use socket::echo;

/// Registers the three sockets.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/ws/agent").route(get().to(agent_socket)))
        .service(resource("/ws/control").route(get().to(control_socket)))
        .service(resource("/ws/relay").route(get().to(relay_socket)));
}

async fn agent_socket(
    request: HttpRequest,
    payload: Payload,
    hub: Data<Hub>,
) -> Result<HttpResponse, actix_web::Error> {
    socket::open(&request, payload, &hub, agent::converse)
}

async fn control_socket(
    request: HttpRequest,
    payload: Payload,
    hub: Data<Hub>,
) -> Result<HttpResponse, actix_web::Error> {
    socket::open(&request, payload, &hub, control::converse)
}

async fn relay_socket(
    request: HttpRequest,
    payload: Payload,
    hub: Data<Hub>,
) -> Result<HttpResponse, actix_web::Error> {
    relay::open(&request, payload, &hub)
}
