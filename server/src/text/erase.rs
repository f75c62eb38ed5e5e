//! What the administrator reads about erasure, and about a vault that is gone.

use std::fmt::Display;
use std::path::Path;

use beckon_events::{OperatorId, SessionId, Subject, Timestamp};
use uuid::Uuid;

/// A log with events, and no vault.
pub fn vault_gone(path: &Path) -> String {
    format!(
        "{} is gone, though the log has events: restore it from a backup. If there is none, run \
         `beckon-server vault renew`, which makes a new one: everybody is signed out and needs a \
         new password, open invitations are void, and every name recorded so far reads as erased \
         for good. The log itself stays as it is",
        path.display()
    )
}

/// A subject that has no such name.
pub const SUBJECT_NAME: &str = "name whom to erase as user:SESSION (the end user of a session), \
operator:ID, or address:IP";
/// The end user of a session that goes on.
pub const SUBJECT_LIVE: &str = "this session is not over: end it first, then run this again";
/// The last administrator.
pub const SUBJECT_LAST_ADMIN: &str = "this is the last administrator: let in another one with \
`beckon-server user add NAME --role admin` first";
/// An operator who still has sessions.
pub const SUBJECT_BUSY: &str =
    "this operator has open sessions: end them first, then run this again";
/// Whoever did something on the terminal.
pub const COMMAND_LINE: &str = "the command line";

/// A subject that the vault does not know.
pub fn subject_unknown(who: &str) -> String {
    format!("nothing is recorded about {who}: check the id, `beckon-audit sessions` lists them")
}

/// An erasure that was cut off.
pub fn erase_unfinished(error: &dyn Display) -> String {
    format!("the erasure is not finished ({error}): run the same command again")
}

/// An operator whose name is gone.
pub fn erased_operator(operator: OperatorId) -> String {
    format!("operator {operator}, erased")
}

/// One export, on one line.
pub fn copy_out(
    at: Timestamp,
    by: &str,
    export: Uuid,
    session: Option<SessionId>,
    readable: bool,
) -> String {
    let of = session.map_or("the whole log".to_owned(), |session| format!("session {session}"));
    let readable = if readable { ", WITH these names readable" } else { "" };
    format!("  {at}  export {export} of {of}, by {by}{readable}")
}

/// What an erasure did.
pub fn erased(subject: Subject, destroyed: bool, copies: &[String]) -> String {
    let key = if destroyed { "its key is destroyed" } else { "its key was gone before" };
    let copies = if copies.is_empty() {
        "No export that was made before holds it.".to_owned()
    } else {
        format!(
            "Exports that left this server before hold it; they cannot be recalled:\n{}",
            copies.join("\n")
        )
    };
    format!(
        "{subject} is erased: {key}, the key that had wrapped it is replaced, its rows in vault.db \
         are gone, and the log says so. The log itself still verifies.\n{copies}\n\
         A backup made before can still read it with the keys of that time: destroy those keys, \
         or run this again after restoring it."
    )
}

/// A new vault was made.
pub fn vault_renewed(subjects: usize) -> String {
    format!(
        "A new vault is made. The names of {subjects} people and addresses read as erased from \
         now on, and the log is unchanged. Start the server, then let yourself in with \
         `beckon-server init --company NAME --again`."
    )
}
