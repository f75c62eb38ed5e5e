//! What `beckon-server doctor` says about the way from the name to the server.

use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};

use super::{Fixed, Said};

/// A name that is an address.
pub fn name_is_address(host: &str) -> String {
    format!("{host} needs no look-up")
}

/// A name and what it stands for.
pub fn name(host: &str, addresses: &[SocketAddr]) -> String {
    let addresses: Vec<_> = addresses.iter().map(|address| address.ip().to_string()).collect();
    format!("{host} is {}", addresses.join(", "))
}

/// A name that nobody knows.
pub fn name_unknown(host: &str, error: &impl Display) -> Said {
    let found = format!("the name {host} cannot be resolved ({error})");
    (found, "make an A or AAAA record for it, or correct public_url".into())
}

/// Something listens.
pub fn connection(host: &str, port: u16) -> String {
    format!("{host} takes connections on port {port}")
}

/// Nothing listens.
pub fn no_connection(host: &str, port: u16, error: &impl Display) -> Said {
    let found = format!("{host} takes no connection on port {port} ({error})");
    let remedy = "start the server or the proxy in front, open the port in the firewall, check \
                  that the name leads to this machine";
    (found, remedy.into())
}

/// A certificate as it should be.
pub fn certificate(host: &str, days: u64) -> String {
    format!("the certificate is for {host}, trusted here, and valid for {days} more days")
}

/// A certificate that ends soon.
pub fn certificate_ends(host: &str, days: u64) -> Said {
    (format!("the certificate of {host} ends in {days} days"), "renew it".into())
}

/// A certificate whose time is over.
pub fn certificate_expired(host: &str) -> Said {
    let found = format!("the certificate of {host} has expired");
    (found, "renew it, and restart the server or reload the proxy".into())
}

/// A certificate whose time has not come.
pub fn certificate_not_yet(host: &str) -> Said {
    let found = format!("the certificate of {host} is not valid yet");
    (found, "check this machine's clock".into())
}

/// A certificate for another name.
pub fn certificate_of_another(host: &str) -> Said {
    let found = format!("the certificate is for another name than {host}");
    (found, "get one for this name, or correct public_url".into())
}

/// A certificate that nobody trusted has signed.
pub fn certificate_untrusted(host: &str) -> Said {
    let found = format!("nobody whom this machine trusts has signed the certificate of {host}");
    let remedy = "serve the whole chain, intermediates too, from an authority that every machine \
                  trusts";
    (found, remedy.into())
}

/// Something that speaks no TLS.
pub fn no_tls(host: &str, port: u16, why: &str) -> Said {
    let found = format!("{host} does not speak TLS on port {port} ({why})");
    (found, "let the proxy or [tls] serve https there".into())
}

/// The way leads here.
pub fn leads_here(url: &impl Display) -> String {
    format!("{url} leads to this server")
}

/// Nobody says anything.
pub fn no_answer(url: &impl Display, error: &impl Display) -> Said {
    (format!("{url} gives no answer ({error})"), "read the proxy's log".into())
}

/// A proxy that does not reach the server.
pub fn proxy_finds_nobody(url: &impl Display, status: u16, listen: SocketAddr) -> Said {
    let found = format!("the proxy at {url} does not reach a server (it answers {status})");
    (found, format!("let it pass requests on to {listen}, where this server listens"))
}

/// Another server.
pub fn leads_elsewhere(url: &impl Display, status: u16, listen: SocketAddr) -> Said {
    let found = format!("{url} leads to something else than this server (it answers {status})");
    let remedy = format!(
        "check where the name leads, and let the proxy pass every path, /health too, to {listen}"
    );
    (found, remedy)
}

/// Sockets that pass.
pub const WEB_SOCKETS_PASS: &str = "WebSockets pass";
/// Sockets that open and carry nothing.
pub const WEB_SOCKETS_LOSE: Fixed = (
    "a WebSocket opens, but what is said over it does not come back",
    "let the proxy pass WebSockets through in both directions without touching them",
);

/// Sockets that do not open.
pub fn web_sockets_refused(status: Option<u16>) -> Said {
    let found = match status {
        Some(status) => format!("WebSockets do not pass (the answer to an upgrade is {status})"),
        None => "WebSockets do not pass (no answer to an upgrade)".to_owned(),
    };
    let remedy = "let the proxy pass the headers Upgrade and Connection on (nginx: \
                  proxy_http_version 1.1, proxy_set_header Upgrade $http_upgrade, \
                  proxy_set_header Connection \"upgrade\")";
    (found, remedy.into())
}

/// Long messages that pass.
pub const FRAMES_PASS: &str = "messages of 64 KiB pass";
/// Long messages that do not.
pub const FRAMES_ARE_CUT: Fixed = (
    "a WebSocket message of 64 KiB does not pass",
    "raise the proxy's limit for WebSocket messages or request bodies to at least 64 KiB",
);
/// Streams that pass.
pub const NOTHING_IS_KEPT_BACK: &str = "streams pass as they are sent";
/// Streams that are kept back.
pub const KEPT_BACK: Fixed = (
    "what is sent is kept back on the way and comes all at once",
    "switch buffering and compression off in the proxy (nginx: proxy_buffering off)",
);
/// Streams that end.
pub const STREAM_LOST: Fixed = (
    "a stream of five seconds does not come through",
    "raise the proxy's time limits (nginx: proxy_read_timeout 1h) and switch buffering off",
);
/// Nothing stands between.
pub const VISITORS_COME_DIRECTLY: &str = "visitors reach the server without a proxy";

/// A visitor as the proxy names them.
pub fn visitor_seen(client: IpAddr) -> String {
    format!("the proxy says who visits: this machine is {client}")
}

/// A proxy that is not listed.
pub fn proxy_not_trusted(peer: IpAddr) -> Said {
    let found = format!(
        "the proxy {peer} sends X-Forwarded-For, but is not in trusted_proxies: all visitors \
         count as one"
    );
    (found, format!("trusted_proxies = [\"{peer}\"]"))
}

/// A proxy that is listed and says nothing.
pub fn proxy_names_nobody(peer: IpAddr) -> Said {
    let found = format!("the proxy {peer} does not say who visits: all visitors count as one");
    let remedy = "let it send X-Forwarded-For (nginx: proxy_set_header X-Forwarded-For \
                  $proxy_add_x_forwarded_for)";
    (found, remedy.into())
}

/// Something in front that is not listed and says nothing.
pub fn proxy_unknown(peer: IpAddr) -> Said {
    let found = format!("the server sees {peer} instead of the visitor: all visitors count as one");
    (found, format!("let the proxy send X-Forwarded-For, and set trusted_proxies = [\"{peer}\"]"))
}

/// An address that was changed on the way.
pub fn address_renamed(peer: IpAddr) -> Said {
    let found = format!("the server sees this machine as {peer}");
    let remedy = "fine where only this machine is renamed on its way out and back; if every \
                  visitor is, keep their addresses";
    (found, remedy.into())
}
