//! Style sheets and scripts.

use actix_web::http::header::{self, EntityTag, Header as _, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, web};
use beckon_events::Digest;

use super::refusal::Refusal;

const ASSETS: [(&str, &str, &str); 8] = [
    ("beckon.css", CSS, include_str!("../../assets/beckon.css")),
    ("htmx.min.js", JS, include_str!("../../assets/htmx.min.js")),
    ("portal.js", JS, include_str!("../../assets/portal.js")),
    ("proof.js", JS, include_str!("../../assets/proof.js")),
    ("replay.js", JS, include_str!("../../assets/replay.js")),
    ("setup.js", JS, include_str!("../../assets/setup.js")),
    ("invitation.js", JS, include_str!("../../assets/invitation.js")),
    ("icon.svg", "image/svg+xml", include_str!("../../assets/icon.svg")),
];
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// One of them, or that the browser has it already.
pub async fn get(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Refusal> {
    let found = ASSETS.iter().find(|(known, ..)| *known == name.as_str());
    let (_, kind, content) = found.ok_or(Refusal::NotFound)?;
    let tag = EntityTag::new_strong(Digest::of(content.as_bytes()).to_string());
    let known = match IfNoneMatch::parse(&request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::ETAG, header::ETag(tag).to_string()));
    if known {
        return Ok(response.finish());
    }
    Ok(response.insert_header((header::CONTENT_TYPE, *kind)).body(*content))
}
