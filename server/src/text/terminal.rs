//! What the terminal, agent and Control read from the server.

use std::net::SocketAddr;
use std::path::Path;

use beckon_events::operator::Role;

/// The first administrator's name until they choose their own.
pub const ADMINISTRATOR: &str = "Administrator";
/// A launch link that is used, too old or forged.
pub const LAUNCH_NOT_VALID: &str =
    "This link was used already or is too old. Click View or Control in the portal again.";
/// The operator was disabled, or this Control was revoked.
pub const NO_LONGER_ALLOWED: &str =
    "You may not use this session any more. Ask your administrator.";
/// A server that has an administrator.
pub const INIT_DONE_BEFORE: &str = "this server is set up already. To let in one more \
administrator, use `beckon-server user add NAME --role admin`; if nobody can sign in any more, \
use `beckon-server init --company NAME --again`";
/// A link cannot be printed before the port is known.
pub const PORT_UNKNOWN: &str =
    "the port is chosen at the start: start the server first, then run this again";

/// A server that listens.
pub fn listening_on(address: &impl std::fmt::Display) -> String {
    format!("beckon-server is listening on {address}")
}

/// A port that cannot be had.
pub fn cannot_listen(address: SocketAddr) -> String {
    format!(
        "cannot listen on {address}: choose another address with `listen` in the configuration \
         or BECKON_LISTEN, or end the program that uses it"
    )
}

/// A running server that cannot be asked.
pub fn cannot_ask(folder: &Path) -> String {
    format!(
        "cannot ask the server that runs on {}: run this as the server's own user",
        folder.display()
    )
}

/// The server is set up.
pub fn init_done(company: &str, link: &str) -> String {
    format!(
        "Beckon is set up for {company}. Open this link within 15 minutes to choose your password:\n{link}"
    )
}

/// Somebody may register.
pub fn user_added(name: &str, role: Role, link: &str) -> String {
    format!(
        "{name} may sign in as {}. Send them this link, it opens for 15 minutes:\n{link}",
        role.name()
    )
}
