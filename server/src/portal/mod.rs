//! The portal: pages for operators, the setup page and the invitation page.
//!
//! ```text
//! request ─► headers ─► gate (set up? from here? who? may they?) ─► handler ─► page or fragment
//!                         │
//!                   permissions: one row per route
//! ```

mod account_page;
mod as_of;
mod assets;
mod attempts;
mod audit_log;
mod audit_nav;
mod audit_page;
mod code_dialog;
mod confirm;
mod control_page;
mod cookie;
mod create;
mod csv;
mod draft;
mod export;
mod filter;
mod form;
mod gate;
mod hand_out;
mod headers;
mod health;
mod history;
mod invitation;
mod invite;
mod launch;
mod live;
mod moment;
mod page;
mod period;
mod permissions;
mod person;
mod probe;
mod qr;
mod query;
mod reception;
mod refusal;
mod replay;
mod row;
mod session_page;
mod sessions;
mod setup;
mod sign_in;
mod table;
#[cfg(test)]
mod tests;
mod trail;
mod users;
mod viewed;
mod web_session;
mod work;

use actix_web::middleware::from_fn;
use actix_web::web;

use crate::hub::Hub;
pub(crate) use health::journal_answers;
pub use reception::Reception;
use refusal::Refusal;

/// The longest form, in bytes: a note of 2,000 characters, escaped.
const FORM_MAX: usize = 64 * 1024;

/// Adds every page of the portal. It answers whatever was not registered before it.
pub fn configure(cfg: &mut web::ServiceConfig, hub: web::Data<Hub>) {
    let mut scope = web::scope("")
        .app_data(hub)
        .app_data(web::FormConfig::default().limit(FORM_MAX).error_handler(
            |error, _| match error {
                actix_web::error::UrlencodedError::Overflow { .. } => Refusal::TooLarge.into(),
                _ => Refusal::FormOld.into(),
            },
        ))
        .app_data(web::PathConfig::default().error_handler(|_, _| Refusal::NotFound.into()))
        .app_data(web::QueryConfig::default().error_handler(|_, _| Refusal::NotFound.into()));
    for route in permissions::TABLE {
        scope = scope.route(route.path, (route.to)());
    }
    let nothing = || async { Err::<actix_web::HttpResponse, _>(Refusal::NotFound) };
    // The last one wrapped comes first.
    let scope = scope
        .default_service(web::to(nothing))
        .wrap(from_fn(gate::keep))
        .wrap(from_fn(headers::add));
    cfg.service(scope);
}
