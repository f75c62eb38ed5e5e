//! Every text that a person reads from the server.

mod backup;
#[cfg(feature = "esdb")]
mod cluster;
pub mod doctor;
mod erase;
mod evidence;
mod read_models;
mod terminal;

pub use backup::*;
#[cfg(feature = "esdb")]
pub use cluster::*;
pub use erase::*;
pub use evidence::*;
pub use read_models::*;
pub use terminal::*;

use beckon_events::envelope::ActorKind;
use beckon_events::operator::Role;
use beckon_events::session::{EndReason, EndedBy, Waited};
use beckon_events::{Personal, Timestamp};
use beckon_projections::text::label;
use beckon_projections::{Closed, OperatorRow, SessionState, Title};

use crate::config::OperatorDisplay;

/// Declares texts: what a page shows as it stands.
macro_rules! texts {
    ($($name:ident = $text:literal;)*) => { $(#[doc = $text] pub const $name: &str = $text;)* };
}

mod export;
mod face;
mod lists;
pub mod mail;
pub mod replay;

pub use export::*;
pub use face::*;
pub use lists::*;

// On every page.
texts! {
    BECKON = "Beckon";
    SKIP = "Skip to content";
    MENU = "Main menu";
    ON_DEMAND = "On-demand";
    USERS = "Users";
    GET_CONTROL = "Get Control";
    SIGN_OUT = "Sign out";
    CLOSE = "Close";
    COPY = "Copy";
    COPIED = "Copied";
    NO = "No";
    IDLE_TITLE = "Are you still there?";
    IDLE = "You will be signed out in two minutes, because nothing has happened here.";
    STAY = "Stay signed in";
    LIVE_LOST = "This page is not live at the moment. Reload it to see the latest.";
    UTC = "UTC";
}

// Signing in, setting up.
texts! {
    SIGN_IN = "Sign in";
    SIGNED_OUT_IDLE = "You were signed out. That happens after 15 minutes in which nothing is done.";
    SIGNED_OUT = "You are signed out.";
    EMAIL = "E-mail";
    PASSWORD = "Password";
    WRONG_SIGN_IN = "E-mail or password is wrong. Please try again.";
    CROWDED = "Too many sign-ins with this e-mail at once. Wait a minute and try again.";
    SETUP = "Set up your sign-in";
    SETUP_TOKEN = "The part of your link after the #";
    SETUP_TOKEN_HINT = "Your link is opened by itself. If nothing happens, copy the last part of it into this field.";
    CONTINUE = "Continue";
    NAME = "First and last name";
    NAME_HINT = "This is the name that the people you help will see.";
    EMAIL_HINT = "You will sign in with it.";
    PASSWORD_HINT = "At least 12 characters. A few words in a row are easy to remember.";
    PASSWORD_AGAIN = "The same password again";
    FINISH = "Save and sign in";
    NEW_PASSWORD = "Choose a new password";
    NAME_LENGTH = "Type a name of 1 to 80 characters.";
    EMAIL_WRONG = "Type an e-mail address such as name@example.org, at most 128 characters.";
    EMAIL_TAKEN = "Somebody else signs in with this e-mail. Type another one.";
    PASSWORD_LENGTH = "Type a password of 12 to 128 characters.";
    PASSWORDS_DIFFER = "The two passwords differ. Please type them again.";
}

// Where one is signed in.
texts! {
    YOUR_SIGN_INS = "Where you are signed in";
    SINCE = "Since";
    LAST_SEEN = "Last active";
    THIS_BROWSER = "This browser";
    ANOTHER_BROWSER = "Another browser";
    SIGN_OUT_THERE = "Sign out there";
}

// The list of sessions, and one session.
texts! {
    CREATE = "Create";
    LIVE_SESSIONS = "Open sessions";
    NO_SESSIONS = "No open sessions. Press Create to invite somebody.";
    NO_SESSIONS_TO_SEE = "No open sessions.";
    ENDED_SESSIONS = "Ended in the last 30 days";
    RECONNECTING = "Reconnecting";
    RECONNECTING_HINT = "The connection to the user's computer broke. It has five minutes to come back.";
    VIEW = "View";
    CONTROL = "Control";
    SHOW_CODE = "Show code";
    CANCEL_INVITATION = "Cancel invitation";
    END_SESSION = "End session";
    YES_END = "Yes, end session";
    YES_CANCEL = "Yes, cancel invitation";
    END_HINT = "The user's side stops at once and removes itself.";
    CANCEL_HINT = "The link and the code stop working at once.";
    CREATED_AT = "Created";
    ENDED_AT = "Ended";
    EXPIRES_AT = "Expires";
    OPERATOR = "Operator";
    STATE = "State";
    SESSION = "Session";
    ACTIONS = "Actions";
    HOW_IT_ENDED = "How it ended";
    EARLIER = "Earlier";
    LATER = "Later";
    PAGES = "Pages of ended sessions";
    DEVICE = "Device";
    CLAIMED = "as the computer says itself";
    NOTE = "Note";
    TIMELINE = "What happened";
    BACK_TO_LIST = "All sessions";
    NOT_OPENED = "Control did not open.";
    DOWNLOAD = "Download";
    TRY_AGAIN = "Try again";
    LAUNCH_TITLE = "Open Control";
    LAUNCH = "Open this session in Control";
    LAUNCH_HINT = "The link works once, within a minute.";
    NAME_ERASED = "Name erased";
    ERASED = "erased";
}

// Creating and inviting.
texts! {
    NEW_SESSION = "New session";
    SESSION_NAME = "Name";
    SESSION_NOTE = "Note (optional)";
    LINK = "Link";
    CODE = "Code";
    COPY_LINK = "Copy link";
    COPY_CODE = "Copy code";
    QR = "QR code of the link";
    INVITE_HINT = "Send the link, or read the code out. It works once.";
    SEND_BY_EMAIL = "Send by e-mail";
    SEND_TO = "E-mail address";
    SEND = "Send";
    SEND_AGAIN = "Send again";
    NO_SMTP = "Sending by e-mail is not set up on this server.";
    VALID_UNTIL = "Valid until";
    SESSION_NAME_LENGTH = "Type a name of 1 to 80 characters, without line breaks.";
    NOTE_LENGTH = "The note may have at most 2,000 characters.";
    DRAFT_WRONG = "This form was not made for you or has been changed. Here is a new one; what you typed is kept.";
    DRAFT_OLD = "This form has been open for too long. Here is a new one with a new code; what you typed is kept.";
    INVITATION_CLOSED = "This invitation is no longer open.";
}

// The invitation page.
texts! {
    INVITATION = "Invitation";
    INVITATION_INVALID = "This invitation is no longer valid. Ask your helper for a new one.";
    ONLY_KNOWN = "Go on only if you have contacted this helper yourself. If a stranger sent or told you this, close the page.";
    YOUR_CODE = "Your code";
    STEP_DOWNLOAD = "Download the helper's program.";
    STEP_OPEN = "Open the downloaded file. Your system may warn you that it comes from the internet: choose to keep and open it.";
    STEP_OPEN_WINDOWS = "Open the downloaded file. Where Windows says “Windows protected your PC”, press “More info”, then “Run anyway”: Windows says so about programs that few people have downloaded yet.";
    STEP_OPEN_LINUX = "Open a terminal in the folder of the download, and run this line:";
    STEP_START = "Check the name of the server and the code, then press Start.";
    STEP_APPROVE = "You are asked before anything is shown or done, and you can end it at any moment.";
    FINGERPRINT = "SHA-256 of the file";
    OTHER_SYSTEMS = "For another system";
    TYPE_CODE = "Type the code that your helper gave you.";
    CODE_LABEL = "Code";
    ALL_GONE = "The program removes itself at the end.";
}

// Users, Control, refusals.
texts! {
    USERS_HINT = "To add somebody, run this on the server; it prints a link for them:";
    USERS_COMMAND = "beckon-server user add NAME --role operator";
    ROLE = "Role";
    LAST_SIGN_IN = "Last sign-in";
    CONTROLS = "Controls";
    NEVER = "never";
    CONTROL_TITLE = "Get Control";
    CONTROL_HINT = "Control is the program in which you see and help. Install it once on your own computer.";
    CONTROL_LINUX = "On Linux, make it known to your desktop once:";
    CONTROL_OTHER = "Start it once. From then on View and Control open it.";
    PROBLEM = "Something is not right";
    BACK = "Back to Beckon";
    NOT_SET_UP = "This server is not set up yet. Run “beckon-server init” on it.";
    NOT_FOUND = "There is nothing here. Perhaps it has been moved, or it belongs to somebody else.";
    NOT_ALLOWED = "Your role does not allow this. Ask an administrator.";
    PLEASE_SIGN_IN = "You are not signed in. Sign in and try again.";
    SETUP_GONE = "This link has been used or is no longer valid. Ask for a new one.";
    FORM_OLD = "This form is out of date. Go back, reload the page and try again.";
    TOO_LARGE = "That was too much text. Go back and make it shorter.";
    BUSY = "The server cannot do this at the moment. Nothing was changed. Try again in a moment.";
}

/// A request that came from another site.
pub fn other_origin(public_url: &str) -> String {
    format!("This did not come from {public_url}. Open Beckon there and try again.")
}

/// What a rule says, as a sentence.
pub fn sentence(rule: &str) -> String {
    let mut letters = rule.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    let end = if rule.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{}{}{end}", first.unwrap_or_default(), letters.as_str())
}

/// The words for a state.
pub fn state(state: SessionState) -> &'static str {
    match state {
        SessionState::WaitingForUser => "Waiting for user",
        SessionState::Available => "Available",
        SessionState::ApprovalRequested => "Approval requested",
        SessionState::InSession => "In session",
        SessionState::Ended => "Ended",
        SessionState::Expired => "Expired",
    }
}

/// The words for a role.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Admin => "Administrator",
        Role::Operator => "Operator",
        Role::Auditor => "Auditor",
    }
}

/// Whether somebody can sign in.
pub fn standing(row: &OperatorRow) -> &'static str {
    match (row.registered, row.disabled) {
        (_, true) => "Disabled",
        (false, false) => "Has not opened the setup link yet",
        (true, false) => "Can sign in",
    }
}

/// How a session came to its end.
pub fn closed(how: Closed) -> &'static str {
    match how {
        Closed::Cancelled => "Invitation cancelled",
        Closed::Expired(Waited::Invitation) => "Nobody joined in time",
        Closed::Expired(Waited::Wait) => "Nobody connected in time",
        Closed::Ended { why: EndReason::AgentLost, .. } => "The user's computer did not come back",
        Closed::Ended { why: EndReason::Disturbed, .. } => "The connection was disturbed",
        Closed::Ended { by: EndedBy::User, .. } => "Ended by the user",
        Closed::Ended { by: EndedBy::Portal, .. } => "Ended in the portal",
        Closed::Ended { by: EndedBy::Control, .. } => "Ended in Control",
        Closed::Ended { by: EndedBy::Policy, .. } => "Ended by the server",
    }
}

/// A moment in UTC, to the minute.
pub fn utc(at: Timestamp) -> String {
    let iso = at.to_string();
    let date = iso.get(..10).unwrap_or_default();
    let time = iso.get(11..16).unwrap_or_default();
    format!("{date} {time} {UTC}")
}

/// What a session is called; `code` where its reader may know it.
pub fn title(title: Title<'_>, created: Timestamp, code: Option<&str>) -> String {
    match (title, code) {
        (Title::Named(name), _) => name.to_owned(),
        (Title::Erased, _) => NAME_ERASED.to_owned(),
        (Title::Code, Some(code)) => code.to_owned(),
        (Title::Code, None) => format!("Session of {}", utc(created)),
        (Title::Of { created, device }, _) => match device.and_then(Personal::known) {
            Some(device) => format!("Session of {}, {}", utc(created), quoted(device)),
            None => format!("Session of {}", utc(created)),
        },
    }
}

/// A name that somebody else gave.
pub fn quoted(name: &str) -> String {
    format!("“{}”", label(name))
}

/// What the user sees of an operator.
pub fn operator_name(row: &OperatorRow, display: &OperatorDisplay) -> String {
    let name = row.name.or(ERASED);
    match display {
        OperatorDisplay::Name => name.to_owned(),
        OperatorDisplay::Email => {
            row.email.as_ref().map_or(name, |email| email.or(ERASED)).to_owned()
        }
        OperatorDisplay::Custom(text) => text.clone(),
    }
}

/// A page's title in the browser.
pub fn page_title(page: &str) -> String {
    format!("{page} – {BECKON}")
}

/// The list's title when somebody waits: how many, and what happened last.
pub fn attention(waiting: usize, state: &str, title: &str) -> String {
    let count = if waiting == 0 { String::new() } else { format!("({waiting}) ") };
    format!("{count}{state}: {title} – {BECKON}")
}

/// The list's title when somebody has been waiting for a while.
pub fn waiting_title(waiting: usize) -> String {
    format!("({waiting}) {}", page_title(ON_DEMAND))
}

/// Who did something, where that is no operator.
pub fn actor(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Operator => OPERATOR,
        ActorKind::User => "User",
        ActorKind::Agent => "Agent",
        ActorKind::Policy | ActorKind::System => "Server",
    }
}

/// Asks whether to end a session.
pub fn end_question(title: &str) -> String {
    format!("End the session “{title}”?")
}

/// Asks whether to cancel an invitation.
pub fn cancel_question(title: &str) -> String {
    format!("Cancel the invitation “{title}”?")
}

/// Who waits for the visitor of an invitation page.
pub fn waiting(operator: &str, company: &str) -> String {
    format!("{operator} from {company} is waiting for you.")
}

/// A session was made and its invitation mailed.
pub fn created_and_sent(to: &str) -> String {
    format!("Created and sent to {to}.")
}

/// An invitation was mailed again.
pub fn sent(to: &str) -> String {
    format!("Sent to {to}.")
}

/// A session was made, but its invitation was not mailed.
pub fn created_not_sent(why: &str) -> String {
    format!("The session was created, but the e-mail was not sent: {why}")
}

/// An invitation was not mailed.
pub fn not_sent(why: &str) -> String {
    format!("The e-mail was not sent: {why}")
}

/// An operator has as many open invitations as allowed.
pub fn too_many_invitations(most: u32) -> String {
    format!("You have {most} open invitations already. Cancel one, or wait until one is used.")
}

/// Nothing to download for a system.
pub fn no_agent(system: &str) -> String {
    format!("No agent for {system} is installed on this server. Ask your helper.")
}

/// Nothing to download for a system.
pub fn no_control(system: &str) -> String {
    format!("No Control for {system} is installed on this server. Ask your administrator.")
}

/// The large button.
pub fn download_for(system: &str) -> String {
    format!("Download for {system}")
}

/// A code that cannot be one.
pub fn code_wrong(why: &str) -> String {
    format!("Please check the code: {why}.")
}
