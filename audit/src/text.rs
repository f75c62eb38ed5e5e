//! What the auditor reads beside the log itself.

use std::path::Path;

use beckon_events::SessionId;
use beckon_projections::SessionState;

/// A file that SQLite cannot read to its end.
pub const DAMAGED: &str = "the log file is damaged, take another copy";
/// A log without any session.
pub const NO_SESSIONS: &str = "There is no session in this log.";

/// A file that is no log.
pub fn not_a_log(path: &Path) -> String {
    format!("{} is not a log of Beckon; give the path of a copy of log.db", path.display())
}

/// A session that the log does not know.
pub fn no_session(session: SessionId) -> String {
    format!("there is no session {session} in this log; `beckon-audit sessions` lists them")
}

/// Where a session stands.
pub fn state(state: SessionState) -> &'static str {
    match state {
        SessionState::WaitingForUser => "waiting for user",
        SessionState::Available => "available",
        SessionState::ApprovalRequested => "approval requested",
        SessionState::InSession => "in session",
        SessionState::Ended => "ended",
        SessionState::Expired => "expired",
    }
}
