//! What people read on the audit log, the history, the work report and the view as of a moment.

use beckon_events::Action;
use beckon_projections::Right;

use super::{CONTROL, VIEW};

// Where they are found.
texts! {
    AUDIT_LOG = "Audit log";
    AUDIT_PAGES = "Audit pages";
    LOG = "Log";
    PROOF = "Proof and exports";
    AS_OF = "As of";
    AS_OF_TITLE = "As it was";
    HISTORY = "History";
    HISTORY_TITLE = "Session history";
    WORK = "Work report";
}

// Filters.
texts! {
    FILTERS = "Filters";
    FILTERS_IN_FORCE = "Filters in force";
    TIME = "Time";
    FROM = "From (UTC)";
    TO = "Until (UTC)";
    TODAY = "Today";
    THIS_WEEK = "This week";
    THIS_MONTH = "This month";
    LAST_MONTH = "Last month";
    ANY_TIME = "Any time";
    CUSTOM = "From … until …";
    UTC_HINT = "Days, weeks and the times of filters are in UTC.";
    EVENT_KIND = "What";
    ADD_KIND = "Anything";
    ADD_ANOTHER_KIND = "Add another …";
    WHO = "Who";
    ANYBODY = "Anybody";
    ROLES_AND_PARTS = "Anybody who is";
    PEOPLE = "People";
    SESSION_ID = "Session (its id)";
    SEARCH = "Search";
    SEARCH_LOG_HINT = "Names of sessions and people, addresses, devices, notes";
    SEARCH_SESSIONS_HINT = "Name, note, device or its user";
    ANY_STATE = "Any state";
    EVERYBODY = "Everybody";
    SHOW = "Show";
    RESET = "Remove all filters";
    REMOVE_FILTER = "Remove the filter";
    COLUMNS = "Columns";
    EXPORT_CSV = "Export as CSV";
    EXPORT_CSV_HINT = "Exactly the rows that the filters leave, in the columns shown. That you take them is recorded.";
    EXPORT_ALL_HINT = "All rows that the filters leave. That you take them is recorded.";
    NEWER = "Newer";
    OLDER = "Older";
    LIST_PAGES = "Pages of the list";
}

// The audit log.
texts! {
    WHEN = "When";
    WHAT = "What";
    WHERE = "Where";
    KIND = "Kind";
    STREAM = "Stream";
    VERSION = "Number in stream";
    POSITION = "Position";
    ONLY_THIS = "Only this session";
    NO_EVENTS = "Nothing was recorded that these filters leave.";
    UNREADABLE = "This event cannot be read.";
    GROUP_SESSION = "Sessions";
    GROUP_OPERATOR = "People";
    GROUP_ACCOUNT = "Company";
    GROUP_NODE = "Server";
    ALL_OF = "all of";
    WHOLE_COMPANY = "Company";
    THE_SERVER = "Server";
    ACTOR_POLICY = "Server, by a rule of time";
    ACTOR_SYSTEM = "Server, by itself or its command line";
    NOW_AS_OF = "As of then";
}

// The history and the work report.
texts! {
    NO_HISTORY = "No session is like this.";
    NO_WORK = "Nobody was connected to a session in this time.";
    HELPED_FROM = "Connected first";
    DEVICE_USER = "User of the device";
    DURATION = "Time connected";
    SESSIONS = "Sessions";
    BY_OPERATOR = "By operator";
    THEIR_SESSIONS = "The sessions";
    WORK_HINT = "Sessions in which somebody was connected in the time chosen. Time connected is the part within it.";
    USED = "Actions used";
    SECONDS_CONNECTED = "Time connected (seconds)";
    WORK_CUT = "The newest 500 are shown here. The export has all of them.";
    JOINED_AT = "User joined";
    NOTHING_USED = "none";
    TOTAL = "All";
    STILL = "still connected";
}

// As it was.
texts! {
    AS_OF_MOMENT = "Moment (UTC)";
    AS_OF_POSITION = "or position in the log";
    AS_OF_HINT = "What the list of sessions and the roles looked like right after that event, as far as names have not been erased since.";
    AS_OF_NOTHING = "Nothing had been recorded by then.";
    AS_OF_NOW = "Now";
    EVENT_BEFORE = "One event earlier";
    EVENT_AFTER = "One event later";
    LATEST = "This is the latest event.";
    ROLES_THEN = "Roles";
    OPEN_THEN = "Open sessions";
    ENDED_THEN = "Ended before";
    NONE_OPEN_THEN = "No session was open.";
    NOBODY_THEN = "Nobody had a sign-in.";
    AS_OF_STEPS = "Steps through the log";
    NAME_THEN = "Name";
    INVITED_AT = "Invited";
    MAY = "Effective rights";
    MAY_NOTHING = "none";
    STANDING = "Standing";
    MORE_OPEN = "More sessions were open than are shown here. Look for the others in the history.";
}

// What goes wrong.
texts! {
    TOO_MANY_ROWS = "This list has more than 100,000 rows, which is more than one file takes. Choose a shorter time, or another filter, and export again: nothing was exported.";
    REPORT_LONG = "There were more than 100,000 sessions in this time, which is more than one report takes. Choose a shorter time.";
    FROM_AFTER_TO = "“From” must be before “Until”. Please change one of them.";
    SEARCH_LONG = "Search for at most 200 characters.";
    ADDRESS_LONG = "This asks for too much at once. Open the page anew and choose its filters there.";
    ONE_MOMENT = "Give either a moment or a position, not both.";
}

/// A time that is none.
pub fn not_a_time(typed: &str) -> String {
    format!("“{}” is not a time. Write it such as 2026-11-22 08:00, in UTC.", cut(typed))
}

/// A choice that is not offered.
pub fn unknown_choice(typed: &str) -> String {
    format!("“{}” cannot be chosen here. Choose one of the list.", cut(typed))
}

/// More filters of one sort than there may be.
pub fn too_many_filters(most: usize) -> String {
    format!("At most {most} filters of one sort can stand together. “Show” keeps the first {most}.")
}

/// A position that is none.
pub fn not_a_position(typed: &str) -> String {
    format!("“{}” is not a position. A position is a whole number.", cut(typed))
}

/// A session's id that is none.
pub fn not_a_session(typed: &str) -> String {
    format!("“{}” is not the id of a session. Copy it from the address of its page.", cut(typed))
}

/// A filter for a time.
pub fn between(from: &str, to: &str) -> String {
    format!("{} – {} UTC", spaced(from), spaced(to))
}

/// A filter for what came after a moment.
pub fn since(from: &str) -> String {
    format!("Since {} UTC", spaced(from))
}

/// A filter for what came before a moment.
pub fn until(to: &str) -> String {
    format!("Until {} UTC", spaced(to))
}

/// A filter for words.
pub fn containing(words: &str) -> String {
    format!("With “{words}”")
}

/// A filter for one session.
pub fn of_session(title: &str) -> String {
    format!("Session “{title}”")
}

/// An event's name in words: `ApprovalRequested` is "Approval requested".
pub fn kind(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    for (nth, letter) in name.chars().enumerate() {
        if nth > 0 && letter.is_uppercase() {
            words.push(' ');
            words.extend(letter.to_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}

/// A group of kinds of events.
pub fn group(category: &str) -> &'static str {
    match category {
        "session" => GROUP_SESSION,
        "operator" => GROUP_OPERATOR,
        "account" => GROUP_ACCOUNT,
        _ => GROUP_NODE,
    }
}

/// How long, to the second below an hour and to the minute above.
pub fn duration(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest} s"),
        (0, minutes) => format!("{minutes} min {rest} s"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// An action, as a report names it.
pub fn action(action: Action) -> &'static str {
    match action {
        Action::View => VIEW,
        Action::Control => CONTROL,
        Action::Chat => "Chat",
        Action::Files => "Files",
        Action::Clipboard => "Clipboard",
        Action::Camera => "Camera",
        Action::SystemInfo => "System information",
    }
}

/// A right.
pub fn right(right: Right) -> &'static str {
    match right {
        Right::HoldSessions => "hold sessions",
        Right::SeeEverySession => "see everybody's sessions",
        Right::ReadLog => "read the log",
        Right::ExportLog => "export the log",
        Right::ManageUsers => "manage users",
        Right::ChangeSettings => "change settings",
    }
}

/// Where a view as of a moment stands.
pub fn stands_for(position: u64) -> String {
    format!("Right after position {position}:")
}

/// How much has been recorded since.
pub fn events_later(count: usize, most: usize) -> String {
    match count {
        0 => LATEST.to_owned(),
        1 => "One event has been recorded since.".to_owned(),
        count if count > most => format!("More than {most} events have been recorded since."),
        count => format!("{count} events have been recorded since."),
    }
}

/// How many rows a page shows.
pub fn rows_shown(rows: usize) -> String {
    match rows {
        1 => "One row on this page".to_owned(),
        rows => format!("{rows} rows on this page"),
    }
}

/// How many sessions.
pub fn sessions(count: usize) -> String {
    match count {
        1 => "1 session".to_owned(),
        count => format!("{count} sessions"),
    }
}

fn spaced(at: &str) -> String {
    at.replace('T', " ")
}

/// So much of what was typed is said again.
fn cut(typed: &str) -> String {
    beckon_projections::text::label(typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_durations_are_read_as_words() {
        assert_eq!(kind("ApprovalRequested"), "Approval requested");
        assert_eq!(kind("Joined"), "Joined");
        assert_eq!(duration(59), "59 s");
        assert_eq!(duration(61), "1 min 1 s");
        assert_eq!(duration(3_600 * 25 + 60), "25 h 1 min");
    }

    #[test]
    fn what_was_typed_is_said_again_but_not_endlessly() {
        assert!(not_a_time("soon").starts_with("“soon” is not a time."));
        assert!(not_a_time(&"x".repeat(5_000)).len() < 250);
    }
}
