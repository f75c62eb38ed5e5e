//! What people read about exports, and about what the log proves.

use std::path::Path;

use beckon_events::account::Names;
use beckon_events::{SessionId, Subject};

// The page.
texts! {
    AUDIT = "Audit";
    LOG_KEY = "Fingerprint of the log key";
    LOG_KEY_HINT = "Keep it outside this server, on paper or with your auditor: with it anybody can check later that an export was signed by this log.";
    LAST_CHECKPOINT = "Last checkpoint";
    CHECKPOINT_HINT = "Its signature covers every event up to then. Keep one now and then: only what was kept outside shows later that the end of the log was cut off.";
    CHECKPOINT_NONE = "Nothing has been signed yet.";
    CHECKPOINT_EVENTS = "Events";
    CHECKPOINT_AT = "Last event";
    CHECKPOINT_DOWNLOAD = "Download the checkpoint";
    EXPORT_LOG = "Export the whole log";
    EXPORT_SESSION = "Export this session";
    EXPORT_HINT = "A zip that anybody can verify without this server, with beckon-audit. That you take it is recorded.";
    EXPORT_NAMES = "with names";
    EXPORT_NAMES_HINT = "The keys of names, addresses and notes go along: whoever holds the file can read them for good, even after they are erased here.";
    EXPORTS = "Exports so far";
    EXPORTS_NONE = "Nobody has exported anything yet.";
    EXPORT_OF_LOG = "The whole log";
    EXPORT_OF_SESSION = "One session:";
    EXPORT_UNDER_WAY = "Another export is being made at the moment. Try again when it is done.";
}

// What goes wrong.
texts! {
    EXPORT_NEEDS_NAME = "name a new folder, or a new file that ends in .zip";
    EXPORT_DIFFERS = "the events of the log are not those that the last checkpoint was signed over: nothing was exported. Keep a copy of the data folder, and restart the server: it says what is wrong";
    EXPORT_CUT_OFF = "the export was cut off, try again";
}

/// Something stands where the export should go.
pub fn target_exists(path: &Path) -> String {
    format!("{} is there already: choose another name, nothing was exported", path.display())
}

/// The folder that an export should stand in is not there.
pub fn target_without_folder(folder: &Path) -> String {
    format!(
        "the folder {} does not exist: make it first, or choose another place, nothing was \
         exported",
        folder.display()
    )
}

/// An export would stand where it does not belong.
pub fn target_inside(target: &Path, holder: &Path) -> String {
    format!(
        "{} must not be inside {}: name another place, nothing was exported",
        target.display(),
        holder.display()
    )
}

/// Somebody whose name was asked for, and who is nowhere in the log.
pub fn names_unknown(subject: Subject) -> String {
    let hint = super::erase::where_found(subject.kind());
    format!("nothing in the log belongs to {subject}: {hint}; nothing was exported")
}

/// A session that is not in the log.
pub fn no_session(session: SessionId) -> String {
    format!("there is no session {session}: copy its id from the address of its page in the portal")
}

/// The disk refused.
pub fn not_written(error: &std::io::Error) -> String {
    format!(
        "the export cannot be written ({error}): check the free space, and whether the user who \
         runs beckon-server may write there"
    )
}

/// A file of the export would be longer than anybody reads.
pub fn export_file_too_large(path: &str) -> String {
    format!("{path} would be larger than 64 MiB: export with fewer names")
}

/// An export is written.
pub fn exported(
    target: &Path,
    session: Option<SessionId>,
    (events, opened): (u64, u64),
    fingerprint: &str,
) -> String {
    let what = match session {
        Some(session) => format!("the session {session}"),
        None => "the whole log".to_owned(),
    };
    let events = count(events, "event", "events");
    let names = match opened {
        0 => "Nobody's names can be read in it.".to_owned(),
        some => format!(
            "With the keys of {}: who holds it can read their names.",
            count(some, "subject", "subjects")
        ),
    };
    let path = target.display().to_string();
    format!(
        "Exported {what}, {events}, to {path}. {names}\nThe fingerprint of the log key: \
         {fingerprint}\nVerify it anywhere with:\nbeckon-audit verify {} --key {fingerprint}",
        quoted_for_shell(&path)
    )
}

/// Whose names an export holds.
pub fn export_names(names: &Names) -> String {
    match names {
        Names::None => "without names".to_owned(),
        Names::All => EXPORT_NAMES.to_owned(),
        Names::Some(some) => {
            format!("with the names of {}", count(some.len() as u64, "subject", "subjects"))
        }
    }
}

/// How many exports are not shown.
pub fn earlier_exports(more: usize) -> String {
    format!("And {more} before these; the log has all of them.")
}

/// Names on a command line that cannot be read.
pub fn names_wrong(part: &str) -> String {
    format!(
        "{part} is no subject: write all, or subjects such as user:<session id> or operator:<id> \
         (as `beckon-server user list` prints them), with commas between them"
    )
}

/// A number with its noun.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A path as one word of a shell.
fn quoted_for_shell(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@%=".contains(c);
    if !path.is_empty() && path.chars().all(plain) {
        return path.to_owned();
    }
    format!("'{}'", path.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_to_verify_can_be_pasted_into_a_shell() {
        let line = |path: &str| exported(Path::new(path), None, (1, 0), "ab");
        assert!(line("/srv/log.zip").ends_with("\nbeckon-audit verify /srv/log.zip --key ab"));
        assert!(
            line("/a b/it's").contains("verify '/a b/it'\\''s' --key"),
            "{}",
            line("/a b/it's")
        );
        assert!(line("/x").starts_with("Exported the whole log, 1 event, to /x. Nobody's"));
    }
}
