//! What the terminal, agent and Control read from the server.

use std::net::SocketAddr;
use std::path::Path;

use beckon_events::operator::Role;
use beckon_projections::OperatorRow;
use beckon_projections::text::label;

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
/// A name on the command line that cannot be one.
pub const USER_NAME_LENGTH: &str = "give a name of 1 to 80 characters";
/// A server without anybody.
pub const NO_USERS: &str =
    "there is nobody yet: let in the administrator with `beckon-server init --company NAME`";
/// What is no id of a session.
pub const SESSION_WRONG: &str = "the id of a session looks like \
6d5f3e0a-1c2b-4d3e-8f90-a1b2c3d4e5f6: copy it from the address of its page in the portal, or \
from `beckon-audit sessions` on an export of the whole log";
/// A link cannot be printed before the port is known.
pub const PORT_UNKNOWN: &str =
    "the port is chosen at the start: start the server first, then run this again";

/// A terminal, or a file in its place, that takes nothing.
pub fn cannot_print(error: &std::io::Error) -> String {
    format!("it was done, but what is to be said cannot be printed: {error}")
}

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

/// A server that ended while somebody waited for its answer.
pub const SERVER_ENDED: &str = "the server ended before it answered, read its log";

/// A running server that cannot be asked, and why.
pub fn cannot_ask(folder: &Path, error: &std::io::Error, pid: Option<&str>) -> String {
    use std::io::ErrorKind::{TimedOut, UnexpectedEof, WouldBlock};
    match error.kind() {
        UnexpectedEof => error.to_string(),
        TimedOut | WouldBlock => format!(
            "the server (pid {}) does not answer: wait if it has just been started, else read its \
             log and start it again",
            pid.unwrap_or("unknown")
        ),
        _ => format!(
            "cannot ask the server that runs on {} ({error}): run this as the server's own user",
            folder.display()
        ),
    }
}

/// A data folder on which there never was a server.
pub fn no_server(folder: &Path) -> String {
    format!(
        "there is no server's data in {}: set \"data\" to the right folder, or set a server up \
         with `beckon-server init --company NAME`",
        folder.display()
    )
}

/// Another name for the company of a server that has one; follows a sentence.
pub fn company_stays(company: &str) -> String {
    format!("\nThe company's name is not changed: it stays {company}.")
}

/// Somebody with a sign-in, on one line.
pub fn user_line(row: &OperatorRow) -> String {
    let (name, standing) = (label(row.name.or(super::ERASED)), super::standing(row));
    format!("{name}, {}, {}, operator:{}", row.role.name(), standing.to_lowercase(), row.id)
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
