//! What the doctor asks through the public address. Answers only words that this server gave out.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::stream;

use super::refusal::Refusal;
use crate::client_address::client_address;
use crate::gateway;
use crate::hub::Hub;
use crate::probes::Seen;

/// The second line of a stream comes so long after the first.
const BETWEEN: Duration = Duration::from_secs(1);

/// The answer, as it is.
pub async fn echo(
    hub: web::Data<Hub>,
    request: HttpRequest,
    ask: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let answer = answer(&hub, &request, &ask)?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(answer))
}

/// The answer twice, the second time a second later: who hears both at once sits behind a buffer.
pub async fn stream(
    hub: web::Data<Hub>,
    request: HttpRequest,
    ask: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let answer = answer(&hub, &request, &ask)?;
    let words = stream::unfold((answer, 0), |(answer, said)| async move {
        let name = match said {
            0 => "first",
            1 => {
                tokio::time::sleep(BETWEEN).await;
                "second"
            }
            _ => return None,
        };
        let word = Bytes::from(format!("event: {name}\ndata: {answer}\n\n"));
        Some((Ok::<_, actix_web::Error>(word), (answer, said + 1)))
    });
    // As `/live` does it, so that what holds here holds there.
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(Box::pin(words)))
}

/// A socket that says the answer, then says again the one message that it hears, and ends.
pub async fn socket(
    hub: web::Data<Hub>,
    request: HttpRequest,
    payload: web::Payload,
    ask: web::Path<String>,
) -> Result<HttpResponse, actix_web::Error> {
    let answer = answer(&hub, &request, &ask)?;
    gateway::echo(&request, payload, answer)
}

fn answer(hub: &Hub, request: &HttpRequest, ask: &str) -> Result<String, Refusal> {
    let nobody = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0);
    let seen = Seen {
        peer: request.peer_addr().unwrap_or(nobody),
        client: client_address(&hub.config.trusted_proxies, request),
        forwarded: request.headers().contains_key("X-Forwarded-For"),
    };
    hub.probes.answer(ask, hub.clock.monotonic(), seen).ok_or(Refusal::NotFound)
}
