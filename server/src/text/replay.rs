//! What is read on the replay page.

use std::time::Duration;

use beckon_events::ActionSet;
use beckon_projections::text::to_do;

texts! {
    REPLAY = "Replay";
    BACK = "Back to the session";
    FIRST = "First";
    PREVIOUS = "Previous";
    NEXT = "Next";
    LAST = "Last";
    PLAY = "Play";
    STOP = "Stop";
    SPEED = "Speed";
    SPEED_HINT = "Gaps longer than five seconds of playing are skipped.";
    KEYS_HINT = "Arrow keys go from event to event, Home and End to the first and the last, space plays.";
    TIMELINE = "Timeline";
    SCRUB = "Point in time";
    EVENTS = "What happened";
    POINT = "Where the session stood";
    POWERS = "Who could do what then";
    POWERS_WHO = "Who";
    POWERS_WHAT = "Could";
    NO_POWER = "nothing";
    CHANGED = "changed by this event";
    STILL_OPEN = "This session is not over. The page shows it as far as it was recorded when the page was opened.";
    RELOAD = "Load what happened since";
    NOT_THERE = "There is no such event in this session: this is the nearest one.";

    STATE = "State";
    ASKED = "Asked for";
    ALLOWED = "Allowed";
    IN_USE = "In use";
    COMPUTER = "User's computer";
    OPERATOR = "Operator";
    PAUSED = "Paused";
    ENDS = "Ends by itself";
    NOTHING = "Nothing";
    NEVER = "Nothing any more";
    YES = "Yes, by the user";
    NO = "No";
    NOT_THERE_YET = "Not there yet";
    CONNECTED = "Connected";
    AWAY = "Away. If it does not come back, the session ends at";
    GONE = "No longer part of it";
    NOT_CONNECTED = "Not connected";
    INVITATION_ENDS = "The invitation, at";
    WAIT_ENDS = "The wait for the operator, at";
    REQUEST_ENDS = "The request, at";
    IS_AWAY = "Away";
    GRANT_ENDS = "What the user allowed, at";
    LAPSES = "No answer counts as no at";

    LIFE = "beginning and end";
    TIES = "connections";
    CONSENT = "asked and answered";
    USE = "used and paused";

    CHECK = "Verification";
    CHECK_AGAIN = "Check again";
    NO_SCRIPT = "Nothing is checked in this page, because scripts are off. The bytes and proofs below can be checked by hand, or take an export and use beckon-audit.";
    CHECKED = "What is checked here, and what cannot be seen here";
    OPEN_EVENT = "Show the stored bytes, the statement and the proof of this event";
    NOT_CHECKED = "not checked";

    VERDICT = "Checks made in this page";
    STORED = "Stored bytes";
    METADATA = "Metadata";
    DATA = "Data";
    DOWNLOAD_METADATA = "Download metadata";
    DOWNLOAD_DATA = "Download data";
    ENVELOPE = "What the metadata says";
    STATEMENT = "Statement";
    STATEMENT_HINT = "Signed on the computer that made it, with a key that the server does not have. These bytes are what was signed:";
    STATEMENT_NONE = "This event needs no statement: the server itself knows what it says.";
    STATEMENT_HEX = "These bytes are no text, so they stand here in hexadecimal digits.";
    SIGNED_BY = "Key of the signer";
    SIGNATURE = "Signature";
    PROOF = "Proof";
    LEAF = "Leaf";
    INDEX = "Index in the log";
    TREE_SIZE = "Size of the tree";
    PATH = "Way to the root";
    PATH_NONE = "It is the only leaf, and so the root itself.";
    NOTE = "Checkpoint";
    LOG_KEY = "Key of the log";
    FINGERPRINT = "Fingerprint of the key";
    PROOF_NOT_NOW = "The proof cannot be given at the moment. Try again.";
}

/// What is checked, one sentence each.
pub const LOOKED_AT: [&str; 7] = [
    "The data of each event has the hash (SHA-256) that its metadata names.",
    "Each event names the one before it by its hash, from the first of the session to the last, without a gap.",
    "Each event stands in the Merkle tree of the whole log, under one signed checkpoint.",
    "The checkpoint is signed (Ed25519) by the key of the log, whose fingerprint is shown.",
    "Statements are signed by the key that the user's computer brought when it joined, or by the operator's Control, and say what their event says.",
    "Kind and time of each event in the list are those of the bytes.",
    "All of this is computed by your browser, from the stored bytes.",
];

/// What cannot be checked there, one sentence each.
pub const NOT_LOOKED_AT: [&str; 5] = [
    "Whether the key is the right one: compare its fingerprint with the one you keep.",
    "Whether this page is honest: it comes from the server that it checks. Against that, take an export and use beckon-audit on a computer of yours.",
    "Whether the log was cut off or signed anew since you saw it last: beckon-audit --seen compares it with a checkpoint or a receipt of yours.",
    "The sentences, the names in them, and who is named as having acted: they are the server's reading of the bytes.",
    "What stands in an opened event beside its stored bytes: the table, the decoded statement and the fields of the proof are the server's reading, too.",
];

/// What the page's script says, by the name it asks for. `{…}` is filled in.
pub const SAID: [(&str, &str); 35] = [
    ("checking", "Checking {all} events in this page…"),
    (
        "verified",
        "All {all} events verified in this page, under a checkpoint of {size} events signed by the key",
    ),
    (
        "partly",
        "All {all} events fit together and stand under a checkpoint of {size} events, but no signature was checked: this browser does not know Ed25519. The checkpoint names the key",
    ),
    ("wrong", "Event {number} does not match: {why}."),
    ("wrong-more", "{more} more events do not match."),
    ("wrong-note", "Nothing is proved: {why}."),
    ("wrong-count", "{all} events are shown, but there is proof of {proved} only."),
    ("unreachable", "Nothing was checked: the proof could not be fetched. Try again."),
    ("unable", "Nothing was checked: this browser offers no cryptography to this page."),
    ("compare", "Compare it with the one you keep."),
    ("rely", "Do not rely on what this page shows: take an export, and use beckon-audit."),
    ("went-on", "The session has gone on since this page was opened: {more} more."),
    ("mark-ok", "✓ verified"),
    ("mark-partly", "✓ fits, signature not checked"),
    ("mark-wrong", "✗ does not match"),
    ("form-ok", "The metadata has the form of an event of this session."),
    ("form-wrong", "its metadata is not that of an event of this session"),
    ("data-wrong", "its data cannot be read"),
    ("order-ok", "It is the next event of the session, and not earlier than the one before it."),
    ("order-wrong", "it is not in its place: an event is missing, or was moved"),
    ("body-ok", "The data has the hash that the metadata names."),
    ("body-wrong", "its data is not what was recorded"),
    ("chain-ok", "It names the event before it by its hash."),
    ("chain-wrong", "it does not follow the event before it"),
    ("tree-ok", "It stands in the tree of the log, under the checkpoint."),
    ("tree-wrong", "it is not in the tree that the checkpoint is about"),
    ("note-ok", "The checkpoint is signed by the key of the log."),
    ("note-wrong", "the checkpoint is not signed by the key of the log"),
    (
        "note-skipped",
        "Not checked: the signature of the checkpoint. This browser does not know Ed25519.",
    ),
    ("shown-ok", "Kind and time in the list are those of the bytes."),
    ("shown-wrong", "this page shows another kind or time than the bytes have"),
    (
        "statement-ok",
        "The statement is signed by the key it must be signed by, and says what the event says.",
    ),
    ("statement-wrong", "its statement is missing, signed by another key, or says something else"),
    (
        "statement-skipped",
        "Not checked: the signature of the statement. This browser does not know Ed25519.",
    ),
    ("bytes-wrong", "the bytes shown below are not those that were checked"),
];

/// A key of the metadata, and what it means.
pub const KEYS: [(&str, &str); 14] = [
    ("v", "Version of this envelope"),
    ("id", "The event's own id, made from the command that led to it"),
    ("log", "The log it was written for, the same in every event"),
    ("stream", "The session, as a stream of events"),
    ("version", "Its place in the session, from 0"),
    ("type", "What happened"),
    ("schema", "Version of the fields of this kind of event"),
    ("at", "When, by the server's clock; it never goes backwards in the log"),
    ("actor", "Who did it"),
    ("$causationId", "The command that led to it"),
    ("$correlationId", "What it belongs to"),
    ("body", "SHA-256 of the data"),
    ("prev", "Hash of the event before it in the session; zeros for the first"),
    (
        "sealed",
        "Personal values in the data: they are encrypted, and can be erased without changing a hash",
    ),
];

/// Speeds of playing.
pub const SPEEDS: [(u32, &str); 4] = [(1, "1×"), (10, "10×"), (60, "60×"), (600, "600×")];

/// The title of the page.
pub fn title(session: &str) -> String {
    format!("Replay: {session}")
}

/// How much there is to replay.
pub fn extent(events: usize, lasted: Duration) -> String {
    let events = if events == 1 { "1 event".to_owned() } else { format!("{events} events") };
    format!("{events} in {}", self::lasted(lasted))
}

/// Which event of how many.
pub fn number(number: usize, all: usize) -> String {
    format!("Event {number} of {all}")
}

/// How long after the first event.
pub fn after(since: Duration) -> String {
    format!("{} after the start", lasted(since))
}

/// What a tick of the timeline is called.
pub fn tick(number: usize, sentence: &str) -> String {
    format!("Event {number}: {sentence}")
}

/// A link to the session as it stood after an event.
pub fn go_to(number: usize) -> String {
    format!("Go to event {number}")
}

/// An event that this program does not understand.
pub fn unreadable(why: &str) -> String {
    format!("This event cannot be read: {why}.")
}

/// How many bytes.
pub fn bytes(count: usize) -> String {
    format!("{count} bytes")
}

/// What is asked for, allowed or in use, as the beginning of a sentence.
pub fn things(actions: ActionSet) -> String {
    if actions.is_empty() {
        return NOTHING.to_owned();
    }
    let words = to_do(actions);
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What is asked for beyond what is allowed.
pub fn also(actions: ActionSet) -> String {
    format!("Also to {}", to_do(actions))
}

/// Who is connected.
pub fn is_connected(operator: &str) -> String {
    format!("{operator} is connected")
}

/// A length of time, to the two largest units.
pub fn lasted(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{} ms", time.subsec_millis()),
        1..60 => format!("{seconds} s"),
        60..3_600 if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 if seconds % 3_600 < 60 => format!("{} h", seconds / 3_600),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_told_in_its_two_largest_units() {
        let told = |millis| lasted(Duration::from_millis(millis));
        let cases =
            [(0, "0 ms"), (999, "999 ms"), (1_000, "1 s"), (59_999, "59 s"), (60_000, "1 min")];
        let longer = [
            (61_000, "1 min 1 s"),
            (3_600_000, "1 h"),
            (3_660_000, "1 h 1 min"),
            (86_400_000, "1 d 0 h"),
        ];
        for (millis, words) in cases.into_iter().chain(longer) {
            assert_eq!(told(millis), words);
        }
    }
}
