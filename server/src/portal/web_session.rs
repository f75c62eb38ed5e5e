//! How long this browser stays signed in.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::form::Posted;
use super::page::seconds_left;
use super::person::Person;
use crate::hub::Hub;

#[derive(Serialize)]
struct Left {
    /// Seconds until idle log-out.
    left: u64,
}

/// Says how long, without counting as activity.
pub async fn left(hub: web::Data<Hub>, person: Person) -> HttpResponse {
    HttpResponse::Ok().json(Left { left: seconds_left(&hub, &person) })
}

/// Somebody is still there; the gate has counted it.
pub async fn stay(hub: web::Data<Hub>, person: Person, _: Posted<()>) -> HttpResponse {
    HttpResponse::Ok().json(Left { left: seconds_left(&hub, &person) })
}
