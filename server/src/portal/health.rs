//! Whether this server works.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use beckon_events::envelope::{Actor, Head};
use beckon_events::{OperatorId, SessionId};
use serde_json::json;
use uuid::Uuid;

use crate::hub::Hub;
use crate::store::{AppendError, StreamName};

/// The journal may take so long to answer.
const WITHIN: Duration = Duration::from_secs(2);

/// 200 while the journal answers, else 503.
pub async fn get(hub: web::Data<Hub>) -> HttpResponse {
    if journal_answers(&hub).await {
        HttpResponse::Ok().json(json!({ "status": "ok" }))
    } else {
        let why = "the journal does not accept events";
        HttpResponse::ServiceUnavailable().json(json!({ "status": "unavailable", "why": why }))
    }
}

/// Asks the writer's thread for nothing: a store that works refuses exactly that.
pub async fn journal_answers(hub: &Hub) -> bool {
    let nobody = StreamName::session(SessionId(Uuid::nil()));
    let source = hub.own(Actor::operator(OperatorId(Uuid::nil())));
    let nothing = hub.journal.append(nobody, Head::default(), source, |_, _| Ok(Vec::new()));
    matches!(tokio::time::timeout(WITHIN, nothing).await, Ok(Err(AppendError::Empty)))
}
