//! What the administrator reads about erasure, and about a vault that is gone.

use std::fmt::Display;
use std::path::Path;

use beckon_events::operator::List;
use beckon_events::{OperatorId, SessionId, Subject, SubjectKind, Timestamp};
use beckon_projections::ListRow;
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
operator:ID (as `beckon-server user list` prints them), or address:IP";
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
pub fn subject_unknown(who: &str, kind: SubjectKind) -> String {
    format!("nothing is recorded about {who}: {}", where_found(kind))
}

/// Where the ids of such subjects are found.
pub(super) fn where_found(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::User => {
            "check the id of the session, it is in the address of its page in the portal, and \
             `beckon-audit sessions` lists them from an export"
        }
        SubjectKind::Operator => "check the id, `beckon-server user list` prints them",
        SubjectKind::Address => "nobody from this address ever had to wait because of wrong codes",
    }
}

/// An erasure that was cut off.
pub fn erase_unfinished(error: &dyn Display) -> String {
    format!("the erasure is not finished ({error}): run the same command again")
}

/// The reason of an erasure that a start finished.
pub const ERASURE_FINISHED: &str = "an erasure that was cut off was finished at the start";

/// The key is gone, and the log does not say so.
pub fn erasure_not_recorded(subject: Subject, why: &str) -> String {
    // The log stored nothing, the vault did.
    let why = why.trim_end_matches(": nothing was stored");
    format!(
        "the key of {subject} is destroyed for good, but the log does not say so yet ({why}): run \
         the same command again"
    )
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

/// A list that was taken away.
pub fn list_out(row: &ListRow, by: &str) -> String {
    let list = match row.list {
        List::AuditLog => "the audit log",
        List::SessionHistory => "the session history",
        List::WorkReport => "the work report",
    };
    format!("  {}  {} rows of {list}, by {by}", row.at, row.rows)
}

/// What an erasure did.
pub fn erased(subject: Subject, destroyed: bool, copies: &[String], lists: &[String]) -> String {
    let key = if destroyed { "its key is destroyed" } else { "its key was gone before" };
    let copies = if copies.is_empty() {
        "No export that was made before holds it.".to_owned()
    } else {
        format!(
            "Exports that left this server before hold it; they cannot be recalled:\n{}",
            copies.join("\n")
        )
    };
    let lists = if lists.is_empty() {
        String::new()
    } else {
        format!(
            "Lists that were taken from the portal since it was first recorded may hold it:\n{}\n",
            lists.join("\n")
        )
    };
    format!(
        "{subject} is erased: {key}, the key that had wrapped it is replaced, its rows in vault.db \
         are gone, and the log says so. The log itself still verifies.\n{copies}\n{lists}\
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
