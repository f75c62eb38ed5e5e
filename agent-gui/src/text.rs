//! Every text that a person reads.

mod clipboard;
mod times;

use std::time::Duration;

use beckon_desk::widgets::duration;
use beckon_events::session::{EndReason, EndedBy};
use beckon_events::{Action, ActionSet, PublicKey, SessionId, Timestamp};
use beckon_protocol::evidence::fingerprint;

pub use clipboard::{kept, no_clipboard, shared_clipboard};
pub use times::{day, for_so_long, lasted};

/// The window's title.
pub const TITLE: &str = "Beckon";

/// How the program is started.
pub const USAGE: &str = "use it without an argument, or with an invitation's link";

/// The entry.
pub const ENTRY: &str = "Get help";
/// What to do at the entry.
pub const ENTRY_HOW: &str =
    "Type the server and the code that your helper gave you, or paste the link.";
/// A field.
pub const SERVER: &str = "Server";
/// What belongs into it.
pub const SERVER_HINT: &str = "help.example.org";
/// A field.
pub const CODE: &str = "Code";
/// Begins.
pub const START: &str = "Start";
/// Stops waiting for the server.
pub const CANCEL: &str = "Cancel";
/// At the entry, before anything else.
pub const ENTRY_WARNING: &str =
    "Only go on if you asked for help yourself. Nothing is shared until you approve it.";
/// The link counts no more.
pub const NOT_VALID: &str = "This invitation is no longer valid. Ask your helper for a new one.";

/// Always at hand.
pub const END_SESSION: &str = "End Session";
/// The one question before it.
pub const END_QUESTION: &str = "End this session?";
/// What it means.
pub const END_MEANS: &str = "Your helper is disconnected at once, and this program removes itself.";
/// Yes.
pub const END: &str = "End";

/// Beside the green tick.
pub const READY_SAFE: &str = "Nothing is shared until you approve it.";
/// Somebody is coming, the keys are being checked.
pub const SOMEBODY_COMES: &str = "Somebody is connecting. Their name is being checked…";
/// The line is away.
pub const RECONNECTING: &str = "Reconnecting…";
/// What that means while somebody helps.
pub const RECONNECTING_SAFE: &str = "Nothing is shared until the connection is back.";
/// The approval is on its way to the log.
pub const RECORDING: &str = "Your approval is being recorded…";

/// Above the ticks.
pub const TICK_WHAT: &str = "Tick what you allow:";
/// Yes.
pub const APPROVE: &str = "Approve";
/// No.
pub const REJECT: &str = "Reject";
/// Yes, again.
pub const CONTINUE_WITH: &str = "Continue";
/// Why to be careful.
pub const APPROVE_WARNING: &str = "Say no if you do not know this person.";

/// Yes to more.
pub const ALLOW: &str = "Allow";
/// No to more.
pub const REFUSE: &str = "Do not allow";
/// Stops what is seen and done for a while.
pub const PAUSE: &str = "Pause";
/// Goes on.
pub const CONTINUE: &str = "Continue";
/// While it stands still.
pub const PAUSED: &str = "Paused. Nothing is seen or done.";
/// Everything was taken back.
pub const NOTHING_ALLOWED: &str = "Nothing is allowed.";
/// Beside an action that is not in use.
pub const ALLOWED: &str = "allowed";

/// The last page.
pub const ENDED: &str = "The session has ended";
/// The last page when nobody came.
pub const EXPIRED: &str = "Nobody connected in time";
/// What follows from it.
pub const EXPIRED_NEXT: &str =
    "Ask your helper for a new invitation. This window closes by itself.";
/// Closes the window.
pub const CLOSE: &str = "Close";
/// Above the list.
pub const REMOVED: &str = "Removed from this computer:";
/// Above the other list.
pub const LEFT: &str = "Could not be removed:";
/// Where there was nothing to remove.
pub const NOTHING_LEFT: &str = "Nothing of this session is left on this computer.";
/// The program cannot go while it runs.
pub const PROGRAM_GOES: &str = "The program deletes itself when you close this window.";
/// Where that is all.
pub const THEN_NOTHING_LEFT: &str = "Then nothing of this session is left on this computer.";
/// The program stays where it was installed.
pub const PROGRAM_STAYS: &str =
    "The program itself stays, because it was not started as a download.";
/// Telling the server.
pub const TELLING: &str = "Telling the server…";
/// Told.
pub const TOLD: &str = "The server has recorded the end.";
/// Not told.
pub const NOT_TOLD: &str =
    "The server could not be told. On this computer the session is over all the same.";

/// The server refuses to record what was removed.
pub fn not_recorded(why: &str) -> String {
    format!("The server could not record it: {}", sentence(why))
}

/// The receipt is on its way.
pub const RECEIPT_AWAITED: &str = "Waiting for the server's receipt…";
/// It did not come.
pub const NO_RECEIPT: &str =
    "The server did not confirm the end in time, so there is no receipt for it.";
/// Keeps it.
pub const SAVE_RECEIPT: &str = "Save my receipt";
/// Keeps what is said about a wrong one.
pub const SAVE_NOTE: &str = "Save this note";

/// The user's own end.
pub const ENDED_BY_YOU: &str = "You ended it.";

/// Where Start leads.
pub fn connecting_to(host: &str) -> String {
    format!("You are connecting to {host}")
}

/// While the server is being reached.
pub fn reaching(host: &str) -> String {
    format!("Connecting to {host}…")
}

/// A code was wrong.
pub fn wrong_code(left: u32) -> String {
    format!("This code is not right. {}", attempts_left(left))
}

/// Before the wait.
pub fn attempts_left(left: u32) -> String {
    match left {
        1 => "1 attempt left.".to_owned(),
        left => format!("{left} attempts left."),
    }
}

/// Too many were wrong.
pub fn wait(left: Duration) -> String {
    format!("Too many wrong codes. Please wait {}, then try again.", duration(left))
}

/// The program does not fit the server.
pub fn other_version(host: &str, download: &str) -> String {
    format!("This program does not fit {host}. Download it again: {download}")
}

/// In.
pub fn ready(company: &str) -> String {
    format!("Ready. Waiting for {company}…")
}

/// Who asks.
pub fn asks(operator: &str, company: &str) -> String {
    format!("{operator} from {company} asks to help you")
}

/// Who asks to come back.
pub fn continue_with(operator: &str) -> String {
    format!("Continue with {operator}?")
}

/// What would go on.
pub fn as_before(actions: ActionSet) -> String {
    format!("They may again: {}.", listed(actions))
}

/// How long the question stands.
pub fn lapses_in(left: Duration) -> String {
    format!("No answer within {} counts as no.", duration(left))
}

/// Who helps.
pub fn helps(operator: &str, company: &str) -> String {
    format!("{operator} from {company}")
}

/// Who asks for more.
pub fn asks_more(operator: &str, actions: ActionSet) -> String {
    format!("{operator} also asks to: {}", listed(actions))
}

/// The request was taken back.
pub fn has_withdrawn(operator: &str) -> String {
    format!("{operator} has withdrawn the request.")
}

/// The request was taken back before a name was known.
pub const WITHDRAWN: &str = "The request was withdrawn.";
/// Nobody answered.
pub const LAPSED: &str = "The request was not answered in time. That counts as no.";
/// The user said no.
pub const REJECTED: &str = "You said no. Nothing is shared.";
/// The approval is not in the log.
pub const NOT_RECORDED: &str = "Your approval could not be recorded, so nothing has started.";
/// The gap was too long.
pub const GONE_TOO_LONG: &str =
    "The connection was away for too long, so nothing is shared any more.";
/// What was asked for does not fit the policy.
pub const RULES: &str = "it asked for more than this server allows";
/// Several broken handshakes.
pub const DISTURBED: &str = "The connection was disturbed.";

/// The operator left.
pub fn has_left(operator: &str) -> String {
    format!("{operator} has left. Nothing is shared.")
}

/// The keys did not fit.
pub fn not_verified(why: &str) -> String {
    format!("A request was turned down: {why}.")
}

/// The screen cannot be shown.
pub fn no_pictures(why: &str) -> String {
    format!("Your screen cannot be shown: {why}.")
}

/// Why the screen cannot be shown, where the part of this program failed that does it.
pub fn pictures_failed() -> String {
    "a part of this program has failed; start it again".to_owned()
}

/// Why the screen cannot be shown, where the window system is silent.
pub fn screen_does_not_answer() -> String {
    "the system does not answer".to_owned()
}

/// Mouse and keyboard cannot be used.
pub fn no_hands(why: &str) -> String {
    format!("Mouse and keyboard cannot be used: {why}.")
}

/// What an action lets the operator do, as a tick.
pub fn action(action: Action) -> &'static str {
    match action {
        Action::View => "See your screen",
        Action::Control => "Use mouse and keyboard",
        Action::Chat => "Chat with you",
        Action::Files => "Send and receive files",
        Action::Clipboard => "Share the clipboard",
        Action::Camera => "Use your camera",
        Action::SystemInfo => "Read system information",
    }
}

/// Beside an action that is in use.
pub fn in_use(action: Action) -> &'static str {
    match action {
        Action::View => "is seen now",
        Action::Control => "are used now",
        Action::Chat | Action::Files | Action::Clipboard | Action::Camera | Action::SystemInfo => {
            "in use"
        }
    }
}

/// Takes an action back.
pub fn withdraw(action: Action) -> &'static str {
    match action {
        Action::View => "Stop showing my screen",
        Action::Control => "Take back mouse and keyboard",
        Action::Chat => "Stop chat",
        Action::Files => "Stop files",
        Action::Clipboard => "Stop sharing the clipboard",
        Action::Camera => "Stop my camera",
        Action::SystemInfo => "Stop system information",
    }
}

/// Several actions in one sentence.
pub fn listed(actions: ActionSet) -> String {
    let names: Vec<String> = actions.iter().map(|one| action(one).to_lowercase()).collect();
    names.join(", ")
}

/// What was done.
pub fn used(actions: ActionSet) -> String {
    if actions.is_empty() {
        "Nothing was shared.".to_owned()
    } else {
        format!("Used: {}.", listed(actions))
    }
}

/// Who helped.
pub fn helped(operator: &str, company: &str) -> String {
    format!("{operator} from {company} was connected.")
}

/// What a receipt is good for.
pub fn receipt(company: &str) -> String {
    format!("Your receipt proves that this session and its end stand in the log of {company}.")
}

/// Where the user's file is.
pub fn saved(path: &str) -> String {
    format!("Saved: {path}. This file stays when the program goes.")
}

/// The user's file could not be written.
pub fn not_saved(why: &str) -> String {
    format!("It could not be saved: {why}.")
}

/// The receipt is wrong.
pub fn wrong_receipt(note: &str) -> String {
    format!(
        "The server's receipt does not fit this session. Keep this note and tell somebody you \
         trust: {note}"
    )
}

/// What is to be told about it.
pub fn receipt_note(why: &str, session: SessionId, at: Timestamp, key: &PublicKey) -> String {
    format!("{} Session {session}, ended {at}, log key {}.", sentence(why), fingerprint(key))
}

/// Who ended it.
pub fn ended_by(by: EndedBy, why: EndReason) -> &'static str {
    match (why, by) {
        (EndReason::Disturbed, _) => DISTURBED,
        (EndReason::Full, _) => "Too much had happened in it for one session.",
        (EndReason::AgentLost, _) => "The connection was away for too long.",
        (EndReason::Asked, EndedBy::User) => ENDED_BY_YOU,
        (EndReason::Asked, EndedBy::Portal) => "Your helper ended it in the portal.",
        (EndReason::Asked, EndedBy::Control) => "Your helper ended it.",
        (EndReason::Asked, EndedBy::Policy) => "The server ended it.",
    }
}

/// A reason from elsewhere as a sentence of its own.
pub fn sentence(why: &str) -> String {
    let mut letters = why.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if why.ends_with(['.', '?', '!', '…']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_can_be_drawn() {
        for file in [
            include_str!("text.rs"),
            include_str!("text/clipboard.rs"),
            include_str!("text/times.rs"),
        ] {
            assert_eq!(beckon_desk::glyphs::missing(file), Vec::<char>::new());
        }
    }

    #[test]
    fn reasons_become_sentences() {
        assert_eq!(sentence("one character seems wrong"), "One character seems wrong.");
        assert_eq!(sentence(""), ".");
    }
}
