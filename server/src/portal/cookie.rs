//! The cookies of the portal: opaque ids, unreadable for scripts.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

/// The web session.
pub const SESSION: &str = "__Host-beckon";
/// A browser that is not signed in, so that its forms have a token.
pub const VISITOR: &str = "__Host-beckon-visitor";
/// The browser that opened a setup link.
pub const SETUP: &str = "__Host-beckon-setup";

/// A cookie until the browser is closed.
///
/// Browsers take `Secure` cookies over plain http from loopback, see
/// `docs/decisions/cookies-on-loopback.md`; plain http exists nowhere else.
pub fn keep(name: &'static str, value: String) -> Cookie<'static> {
    let cookie = Cookie::build(name, value).path("/").secure(true).http_only(true);
    // Strict would show a sign-in page to everybody who follows a link from a mail.
    cookie.same_site(SameSite::Lax).finish()
}

/// Takes a cookie back.
pub fn forget(name: &'static str) -> Cookie<'static> {
    let mut cookie = keep(name, String::new());
    cookie.set_max_age(Duration::ZERO);
    cookie
}

/// The value of a cookie of this request.
pub fn read(request: &HttpRequest, name: &str) -> Option<String> {
    request.cookie(name).map(|cookie| cookie.value().to_owned())
}
