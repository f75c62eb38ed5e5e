//! What happened and what may happen, in English.

mod audit;
mod standing;

use beckon_events::session::{
    Copied, Device, Direction, EndReason, EndedBy, Endpoint, LeftReason, StopReason, Waited,
};
use beckon_events::{Action, ActionSet, Committed, Personal};

use crate::Entry;

pub use audit::{Names, audit_sentence};
pub use standing::{power, who};

/// The longest part of a label that is shown, in characters.
pub const LABEL_MAX: usize = 64;

/// One sentence, or two, about an entry of a timeline.
pub fn sentence(entry: &Entry) -> String {
    match entry {
        Entry::Created => "The session was created.".to_owned(),
        Entry::InvitationSent { to } => {
            format!("The invitation was sent to {}.", to.or("an address that has been erased"))
        }
        Entry::InvitationCancelled => "The invitation was cancelled.".to_owned(),
        Entry::Joined { device } => joined(device),
        Entry::ApprovalRequested { operator, actions, continues, damped } => {
            let who = named(operator);
            let asked = if *continues { "asked to continue and" } else { "asked to" };
            format!("{who} {asked} {}.{}", to_do(*actions), held_back(*damped))
        }
        Entry::ApprovalCancelled { operator } => {
            format!("{} withdrew the request.", named(operator))
        }
        Entry::Approved { operator, actions, left_out } => {
            let but = if left_out.is_empty() {
                String::new()
            } else {
                format!(", but not to {}", to_do(*left_out))
            };
            format!("The user allowed {} to {}{but}.", within(operator), to_do(*actions))
        }
        Entry::Rejected { operator, damped } => {
            format!("The user declined the request of {}.{}", within(operator), pause(*damped))
        }
        Entry::ApprovalLapsed { operator, damped } => format!(
            "The user did not answer the request of {}.{}",
            within(operator),
            pause(*damped)
        ),
        Entry::OperatorConnected { operator } => format!("{} connected.", named(operator)),
        Entry::ActionStarted { operator, action } => {
            format!("{} started {}.", named(operator), doing(*action))
        }
        Entry::ActionStopped { operator, action, why } => {
            format!("{} stopped {}{}.", named(operator), doing(*action), because(*why))
        }
        Entry::ClipboardShared { operator, direction, kind, bytes } => {
            format!("{} {}: {}.", named(operator), shared(*direction), copied(*kind, *bytes))
        }
        Entry::ExtensionRequested { operator, actions } => {
            format!("{} also asked to {}.", named(operator), to_do(*actions))
        }
        Entry::GrantExtended { operator, added } => {
            format!("The user also allowed {} to {}.", within(operator), to_do(*added))
        }
        Entry::ExtensionRefused { operator, actions } => {
            format!("The user did not allow {} to {}.", within(operator), to_do(*actions))
        }
        Entry::GrantWithdrawn { operator, withdrawn } => {
            format!("The user no longer allows {} to {}.", within(operator), to_do(*withdrawn))
        }
        Entry::Paused => "The user paused the session.".to_owned(),
        Entry::Continued => "The user let the session go on.".to_owned(),
        Entry::OperatorLeft { operator, why } => match why {
            LeftReason::Left => format!("{} left. The session stays available.", named(operator)),
            LeftReason::Away => {
                format!("{} lost the connection. The session is available.", named(operator))
            }
        },
        Entry::AgentLost => "The connection to the user's computer broke.".to_owned(),
        Entry::AgentResumed => "The user's computer is connected again.".to_owned(),
        Entry::Ended { operator, by, why, suppressed } => {
            format!("{}{}", ended(operator.as_ref(), *by, *why), not_recorded(*suppressed))
        }
        Entry::Expired { what } => match what {
            Waited::Invitation => "The invitation expired: nobody joined in time.",
            Waited::Wait => "The session expired: nobody connected in time.",
        }
        .to_owned(),
        Entry::AgentRemoved { removed, left } => removal(removed, left),
        Entry::HeadSigned { by } => match by {
            Endpoint::Agent => "The user's computer signed the end of the record.",
            Endpoint::Control => "The operator's computer signed the end of the record.",
        }
        .to_owned(),
    }
}

/// What is allowed: "see the screen and use mouse and keyboard".
pub fn to_do(actions: ActionSet) -> String {
    let words: Vec<_> = actions.iter().map(to_do_one).collect();
    match words.as_slice() {
        [] => "do nothing".to_owned(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// A name that somebody else gave, safe to show: at most [`LABEL_MAX`] characters, with what
/// would be invisible made visible.
pub fn label(name: &str) -> String {
    visible(name, LABEL_MAX)
}

fn visible(text: &str, longest: usize) -> String {
    let mut shown = String::new();
    for (index, symbol) in text.chars().enumerate() {
        if index == longest {
            shown.push('…');
            break;
        }
        if symbol.is_control() || is_invisible(symbol) {
            shown.extend(symbol.escape_unicode());
        } else {
            shown.push(symbol);
        }
    }
    shown
}

/// Zero width, or changes the direction of what follows.
pub fn is_invisible(symbol: char) -> bool {
    matches!(
        symbol,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

fn to_do_one(action: Action) -> &'static str {
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

fn doing(action: Action) -> &'static str {
    match action {
        Action::View => "seeing the screen",
        Action::Control => "using mouse and keyboard",
        Action::Chat => "chatting",
        Action::Files => "sending and receiving files",
        Action::Clipboard => "sharing the clipboard",
        Action::Camera => "using the camera",
        Action::SystemInfo => "reading system information",
    }
}

fn shared(direction: Direction) -> &'static str {
    match direction {
        Direction::ToUser => "sent what was copied to the user",
        Direction::ToOperator => "got what the user had copied",
    }
}

fn copied(kind: Copied, bytes: u64) -> String {
    let what = match kind {
        Copied::Text => "text",
        Copied::Picture => "a picture",
    };
    match bytes {
        1 => format!("{what}, 1 byte"),
        0..10_000 => format!("{what}, {bytes} bytes"),
        10_000..10_000_000 => format!("{what}, {} KB", bytes / 1_000),
        _ => format!("{what}, {} MB", bytes / 1_000_000),
    }
}

fn named(operator: &Personal<String>) -> &str {
    operator.or("An operator whose name has been erased")
}

fn within(operator: &Personal<String>) -> &str {
    operator.or("an operator whose name has been erased")
}

fn joined(device: &Device) -> String {
    let said = |name: &Personal<String>| name.known().is_none_or(|name| !name.trim().is_empty());
    let mut parts = vec!["The user joined".to_owned()];
    parts.extend(said(&device.host).then(|| format!(" from {}", claimed(&device.host))));
    parts.extend(said(&device.user).then(|| format!(", signed in as {}", claimed(&device.user))));
    let system = label(&device.system);
    parts.extend((!system.is_empty()).then(|| format!(", with {system}")));
    parts.extend((parts.len() > 1).then(|| " (all as the computer says)".to_owned()));
    parts.push(".".to_owned());
    parts.concat()
}

fn claimed(name: &Personal<String>) -> String {
    match name {
        Personal::Known(name) => format!("“{}”", label(name)),
        Personal::Erased => "a name that has been erased".to_owned(),
    }
}

fn held_back(damped: u32) -> String {
    match damped {
        0 => String::new(),
        1 => " One earlier request was not shown to the user.".to_owned(),
        many => format!(" {many} earlier requests were not shown to the user."),
    }
}

fn pause(damped: bool) -> &'static str {
    if damped { " The same request is not shown again for a minute." } else { "" }
}

fn because(why: StopReason) -> &'static str {
    match why {
        StopReason::Operator => "",
        StopReason::User => " because the user took it back",
        StopReason::Lost => " because the connection broke",
        StopReason::Left => " on leaving",
        StopReason::Ended => " with the end of the session",
    }
}

fn ended(operator: Option<&Personal<String>>, by: EndedBy, why: EndReason) -> String {
    match (why, by) {
        (EndReason::AgentLost, _) => {
            "The session ended because the user's computer did not come back.".to_owned()
        }
        (EndReason::Disturbed, _) => {
            "The session ended because the connection was disturbed.".to_owned()
        }
        (EndReason::Full, _) => {
            "The session ended because the connection broke too often.".to_owned()
        }
        (EndReason::Asked, EndedBy::User) => "The user ended the session.".to_owned(),
        (EndReason::Asked, EndedBy::Portal) => "The session was ended in the portal.".to_owned(),
        (EndReason::Asked, EndedBy::Control) => {
            format!("{} ended the session.", operator.map_or("The operator", named))
        }
        (EndReason::Asked, EndedBy::Policy) => "The server ended the session.".to_owned(),
    }
}

fn not_recorded(suppressed: u32) -> String {
    match suppressed {
        0 => String::new(),
        1 => " One more thing happened that was only counted.".to_owned(),
        many => format!(" {many} more things happened that were only counted."),
    }
}

fn removal(removed: &[Personal<Committed>], left: &[Personal<Committed>]) -> String {
    let things = |count: usize| match count {
        0 => "nothing".to_owned(),
        1 => "one thing".to_owned(),
        many => format!("{many} things"),
    };
    let shown = |thing: &Personal<Committed>| match thing {
        Personal::Known(thing) => claimed(&Personal::Known(thing.value.clone())),
        Personal::Erased => claimed(&Personal::Erased),
    };
    let left_over = left.iter().map(shown).collect::<Vec<_>>().join(", ");
    if left.is_empty() {
        format!("The agent removed what it had brought: {}.", things(removed.len()))
    } else {
        format!("The agent removed {} and had to leave {left_over}.", things(removed.len()))
    }
}
