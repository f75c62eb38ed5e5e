//! Every text that the operator reads.

mod clipboard;
mod keys;
mod session;

use std::time::Duration;

use beckon_desk::widgets::duration;
use beckon_events::session::{EndReason, EndedBy};
use beckon_events::{Action, ActionSet, PublicKey, SessionId};
use beckon_protocol::ClaimedDevice;
use beckon_protocol::evidence::fingerprint;

use crate::log_memory::Wrong;
use crate::model::{Answer, Over};

pub use clipboard::*;
pub use keys::*;
pub use session::*;

pub const PROGRAM: &str = "Beckon Control";

pub const START_HEADING: &str = "Open a session from your portal";
pub const START: &str = "Sign in to your Beckon portal in the browser, find the session in the \
    list and press View or Control. Your browser then opens this program.";
pub const CLOSE: &str = "Close";

pub const TRUST_HEADING: &str = "Trust this portal?";
pub const TRUST: &str = "Trust";
pub const DO_NOT_TRUST: &str = "Do not trust";

pub const CANCEL: &str = "Cancel";
pub const WAITING: &str = "Connecting… waiting for the user's approval";
pub const CANCELLING: &str = "Taking the request back…";
pub const ASK_AGAIN: &str = "Ask again";

pub const CHECKING_LOG: &str =
    "Checking that the log of this server still holds everything that it held before…";
pub const TELL_AUDITOR: &str = "Tell your auditor, and do not use this server until they have \
    looked into it.";
pub const RECEIPT_AWAITED: &str = "Waiting for the server's receipt…";
pub const NO_RECEIPT: &str =
    "The server did not confirm the end in time, so there is no receipt for it.";

pub const LEAVING_HEADING: &str = "Leave or end this session?";
pub const LEAVING: &str = "When you leave, the session stays available in the portal and the user \
    keeps waiting. When you end it, it is over for both of you.";
pub const LEAVE: &str = "Leave";
pub const END_SESSION: &str = "End session";
pub const CANNOT_END: &str = "The server cannot be reached, so the session can only be left now.";
pub const ENDING: &str = "Ending the session…";

pub const SWITCH_HEADING: &str = "Open the other session?";
pub const SWITCH: &str = "You are in a session. If you open the other one, you leave this one; it \
    stays available in the portal.";
pub const LEAVE_AND_OPEN: &str = "Leave and open";

/// The window's title.
pub fn title(session: Option<&str>) -> String {
    match session.filter(|title| !title.is_empty()) {
        Some(title) => format!("{title} – {PROGRAM}"),
        None => PROGRAM.to_owned(),
    }
}

pub fn trust(server: &str) -> String {
    format!(
        "This program has not been used with {server} yet. Trust it only if this is the address \
         of your own portal, exactly as you see it in your browser."
    )
}

pub fn opening(server: &str) -> String {
    format!("Connecting to {server}…")
}

pub fn line_down(why: &str, again_in: Duration) -> String {
    format!("{}. Trying again in {} s.", sentence(why), again_in.as_secs() + 1)
}

pub fn asks_for(actions: ActionSet) -> String {
    let names: Vec<_> = actions.iter().map(action).collect();
    format!("You ask to {}.", names.join(" and to "))
}

fn action(action: Action) -> &'static str {
    match action {
        Action::View => "see the screen",
        Action::Control => "use mouse and keyboard",
        Action::Chat => "chat",
        Action::Files => "send and receive files",
        Action::Clipboard => "share the clipboard",
        Action::Camera => "use the camera",
        Action::SystemInfo => "read system information",
    }
}

pub fn lapses_in(left: Duration) -> String {
    format!("No answer in {} counts as no.", duration(left))
}

pub fn device(device: &ClaimedDevice) -> String {
    let claimed = |before: &str, claim: &str| {
        (!claim.is_empty()).then(|| format!("{before}{}", quoted(claim)))
    };
    let parts = [
        claimed("it is ", &device.host),
        claimed("used by ", &device.user),
        claimed("", &device.system),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        return "The other computer has not said its name.".to_owned();
    }
    format!("The other computer says {}.", parts.join(", "))
}

pub fn answer(answer: &Answer) -> (&'static str, String) {
    match answer {
        Answer::Rejected => (
            "The user said no",
            "Nothing was shown or changed. Talk to the user before you ask again.".to_owned(),
        ),
        Answer::Lapsed => (
            "The user did not answer",
            "Nobody answered within the time. The user may not be at the computer.".to_owned(),
        ),
        Answer::Cancelled => (
            "You took the request back",
            "The user no longer sees it. You can ask again at any time.".to_owned(),
        ),
        Answer::Damped => (
            "The user has declined several times",
            "The user was not asked again. Please wait a minute and talk to the user first."
                .to_owned(),
        ),
        Answer::Refused(why) => ("That is not possible now", format!("{}.", sentence(why))),
        Answer::Away => (
            "You are no longer in the session",
            "The connection was away for too long, or the session was left. Ask again: the user \
             lets you continue with one click."
                .to_owned(),
        ),
        Answer::Unknown => (
            "The request was answered while you were away",
            "The connection was broken when the answer came. Ask again.".to_owned(),
        ),
    }
}

pub fn asked_so_far(asked: bool) -> &'static str {
    if asked { "Nothing more is sent or asked." } else { "Nothing was asked of the user." }
}

pub fn restored(era: u32) -> String {
    format!("The log of this server was restored from a backup (era {era}).")
}

pub fn wrong_log(server: &str, wrong: Wrong) -> String {
    match wrong {
        Wrong::Signature => {
            format!("The log that {server} shows is not signed by the key that it names.")
        }
        Wrong::OtherKey => format!("The log of {server} is signed by another key than before."),
        Wrong::OtherLog => format!("{server} shows another log than before."),
        Wrong::Missing => {
            format!("{server} shows no signed log any more, though it did before.")
        }
        Wrong::OldEra { before, now } => format!(
            "The log of {server} went back to what it was before a restore: it was in era \
             {before} and is now in era {now}."
        ),
        Wrong::Shrunk { before, now } => format!(
            "Entries are missing from the log of {server}: it had {before} and now has {now}."
        ),
        Wrong::Forked { size } => format!(
            "The log of {server} was changed: its {size} entries are not the same as before."
        ),
        Wrong::NotProved { before } => format!(
            "{server} does not prove that its log still begins with the {before} entries that it \
             had before."
        ),
    }
}

/// The words beside the files of evidence.
pub fn evidence(server: &str, about: &str, before: Option<String>, now: Option<String>) -> String {
    let key = |key: Option<String>| key.unwrap_or_else(|| "none".to_owned());
    format!(
        "{about}\n\nServer: {server}\nFingerprint of the log's key before: {}\nFingerprint of \
         the log's key now: {}\n\nGive this folder to your auditor. Each checkpoint can be \
         compared with an export of the log:\nbeckon-audit verify EXPORT --seen FILE\n",
        key(before),
        key(now),
    )
}

pub fn evidence_kept(checkpoints: usize, folder: &str) -> String {
    match checkpoints {
        2 => format!("Both checkpoints are kept as evidence in {folder}."),
        1 => format!("The checkpoint is kept as evidence in {folder}."),
        _ => format!("What the server showed is kept as evidence in {folder}."),
    }
}

pub fn evidence_not_kept(why: &str) -> String {
    format!("The evidence could not be kept: {why}. Please write down what this page says.")
}

pub fn receipt_kept(path: &str) -> String {
    format!("The receipt of this session is kept: {path}")
}

pub fn receipt_not_kept(why: &str) -> String {
    format!("The receipt of this session could not be kept: {why}.")
}

pub fn wrong_receipt(note: &str) -> String {
    format!(
        "The server's receipt does not fit this session. Keep this note and tell somebody you \
         trust: {note}"
    )
}

pub fn receipt_note(why: &str, session: SessionId, key: &PublicKey) -> String {
    format!("{}. Session {session}, log key {}.", sentence(why), fingerprint(key))
}

pub fn over(over: &Over, server: &str) -> (&'static str, String) {
    match over {
        Over::NotValid(why) => ("This session cannot be opened", format!("{}.", sentence(why))),
        Over::Ended { by, why } => ("The session has ended", ended(*by, *why).to_owned()),
        Over::Expired => (
            "The session has expired",
            "Nobody was connected within the waiting time. Create a new session in the portal."
                .to_owned(),
        ),
        Over::OtherVersion { download } => (
            "This program and the server do not fit together",
            format!("Please get the version of Beckon Control that the server offers: {download}"),
        ),
        Over::Alarm(alarm) => {
            ("The log of this server cannot be trusted", wrong_log(server, alarm.wrong))
        }
        Over::Unproved { asked } => (
            "The log could not be checked",
            format!(
                "The server could not prove its log just now. {} Try again later.",
                asked_so_far(*asked)
            ),
        ),
        Over::Distrust(why) => (
            "The connection is not safe",
            format!(
                "{}. Nothing more is sent. Tell whoever runs your server before you try again.",
                sentence(why)
            ),
        ),
    }
}

fn ended(by: EndedBy, why: EndReason) -> &'static str {
    match (by, why) {
        (_, EndReason::AgentLost) => "The other computer could not be reached any more.",
        (_, EndReason::Full) => "Too much had happened in it for one session.",
        (_, EndReason::Disturbed) => "The connection was disturbed, so nothing went on.",
        (EndedBy::User, EndReason::Asked) => "The user ended it.",
        (EndedBy::Portal, EndReason::Asked) => "It was ended in the portal.",
        (EndedBy::Control, EndReason::Asked) => "You ended it.",
        (EndedBy::Policy, EndReason::Asked) => "A rule of the server ended it.",
    }
}

/// What somebody else claims, cut and with its control characters visible.
fn quoted(claimed: &str) -> String {
    let shown =
        claimed.chars().take(64).map(|letter| if letter.is_control() { '?' } else { letter });
    format!("“{}”", shown.collect::<String>())
}

/// With a capital at the beginning and no full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.trim().trim_end_matches('.').chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

pub mod terminal {
    //! What the command line says.

    pub const USAGE: &str = "\
Beckon Control: see and control the screen of a person whom you help.

  beckon-control                       opens the window
  beckon-control beckon://launch/…     opens a session, as the portal does
  beckon-control register              makes beckon:// links open this program
  beckon-control unregister            undoes that
  beckon-control --version
  beckon-control --help
";
    pub const UNREGISTERED: &str = "beckon:// links no longer open this program\n";

    pub fn registered(entry: &str) -> String {
        format!("beckon:// links open this program now, by {entry}\n")
    }

    pub fn version() -> String {
        format!("beckon-control {}\n", env!("CARGO_PKG_VERSION"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_can_be_drawn() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/text");
        let files: Vec<_> =
            std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
        assert!(files.iter().any(|file| file.ends_with("clipboard.rs")), "{files:?}");
        for file in files.into_iter().chain([folder.with_extension("rs")]) {
            let text = std::fs::read_to_string(&file).unwrap();
            let missing = beckon_desk::glyphs::missing(&text);
            assert_eq!(missing, Vec::<char>::new(), "{}", file.display());
        }
    }

    #[test]
    fn what_an_agent_claims_is_quoted_cut_and_visible() {
        let device = ClaimedDevice {
            host: format!("a\nb{}", "c".repeat(100)),
            user: "ana".to_owned(),
            system: "Linux".to_owned(),
            build: String::new(),
        };
        let said = super::device(&device);
        assert!(said.contains(&format!("“a?b{}”", "c".repeat(61))), "{said}");
    }
}
