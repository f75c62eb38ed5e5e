//! What is read above, on and below the picture.

use std::time::Duration;

use beckon_desk::widgets::duration;
use beckon_peer::{LostWhy, Monitor};

use super::{quoted, sentence};
use crate::model::Notice;

pub const PICTURE: &str = "Remote screen";
pub const FIT: &str = "Fit";
pub const EXACT: &str = "1:1";
pub const FIT_HOVER: &str = "The whole screen in this window";
pub const EXACT_HOVER: &str = "One pixel there is one pixel here";
pub const ZOOM_IN: &str = "Zoom in";
pub const ZOOM_OUT: &str = "Zoom out";
pub const ZOOM_IN_SIGN: &str = "+";
pub const ZOOM_OUT_SIGN: &str = "−";
pub const FULL_SCREEN: &str = "Full screen";
pub const LEAVE_FULL_SCREEN: &str = "Leave full screen";
pub const FULL_SCREEN_KEYS: &str = "Ctrl+Alt+Enter, on this computer only";
pub const SHOW_TOOLBAR: &str = "Show the toolbar";
pub const SHOW_TOOLBAR_HOVER: &str = "Toolbar, and the way out of full screen (Ctrl+Alt+Enter)";
pub const SHOW_TOOLBAR_ONLY: &str = "Toolbar, and the way out of full screen";
pub const MONITOR: &str = "Monitor";
pub const TAKE_CONTROL: &str = "Use mouse and keyboard";
pub const STOP_CONTROL: &str = "Stop control";
pub const STOP: &str = "Stop";
pub const ASK_FOR_CONTROL: &str = "Ask for control";
pub const ASKED_FOR_CONTROL: &str = "Asked for control…";
pub const END: &str = "End";
pub const VIEWING: &str = "Viewing";
pub const CONTROLLING: &str = "Control is active";
pub const NOT_VIEWING: &str = "Not viewing";
pub const PAUSED: &str = "The user has paused the session. It goes on when the user continues.";
pub const NO_PICTURE_YET: &str = "Waiting for the first picture…";
pub const VIEW_IS_OFF: &str = "The user does not show the screen at the moment.";
pub const RECONNECTING_AGENT: &str = "Reconnecting… the other computer cannot be reached.";
pub const RECONNECTING: &str = "Reconnecting…";
pub const ENCRYPTED: &str = "End-to-end encrypted";
pub const NOT_ENCRYPTED: &str = "Not connected";
pub const ENCRYPTED_HOVER: &str = "Only this computer and the other one can read what is sent. \
    This version does not yet protect against a server that is dishonest about who is who.";
pub const LIVE: &str = "Live";
pub const LOADING: &str = "Loading the picture…";
pub const PICTURE_AGE_HOVER: &str = "How long ago the other screen was known to look like this.";
pub const LATENCY_HOVER: &str = "How long a message to the other computer and back takes.";

pub fn notice(notice: &Notice) -> String {
    match notice {
        Notice::MoreAsked => "The user has been asked.".to_owned(),
        Notice::MoreAllowed => "The user allows it.".to_owned(),
        Notice::MoreRefused => "The user does not allow it.".to_owned(),
        Notice::ControlWithdrawn => "The user has taken mouse and keyboard back.".to_owned(),
        Notice::ControlStopped => {
            "The other computer does not accept mouse and keyboard now. Try again.".to_owned()
        }
        Notice::ViewWithdrawn => "The user no longer shows the screen.".to_owned(),
        Notice::ViewUnavailable => {
            "The screen cannot be captured at the moment, perhaps it is locked.".to_owned()
        }
        Notice::TooLarge => {
            "The picture is too large for this program. Choose one monitor.".to_owned()
        }
        Notice::ClipboardWithdrawn => super::CLIPBOARD_WITHDRAWN.to_owned(),
        Notice::ClipboardStopped => super::CLIPBOARD_STOPPED.to_owned(),
        Notice::Kept(why) => super::kept(*why).to_owned(),
        Notice::KeyboardTaken => super::KEYBOARD_TAKEN.to_owned(),
        Notice::NoClipboard(why) => {
            format!("The clipboard of this computer cannot be used: {}.", sentence(why))
        }
        Notice::Refused(why) => format!("{}.", sentence(why)),
    }
}

pub fn control_in(left: Duration) -> String {
    format!("Control comes back in {} s", left.as_secs() + 1)
}

pub fn picture_age(age: Duration) -> String {
    match age.as_secs() {
        seconds @ 0..=59 => format!("Picture is {} s old", seconds.max(1)),
        _ => format!("Picture is {} old", duration(age)),
    }
}

pub fn percent(percent: u32) -> String {
    format!("{percent} %")
}

/// Why there is no newer picture, and what happens next.
pub fn lost(why: LostWhy) -> &'static str {
    match why {
        LostWhy::Locked => {
            "The other computer is locked. The picture goes on when its user unlocks it."
        }
        LostWhy::SecurityPrompt => {
            "The other computer shows a security prompt, which only its user can see and answer. \
             The picture goes on after that."
        }
        LostWhy::NoMonitor => {
            "No monitor is connected to the other computer, or all are off. The picture goes on \
             when there is one."
        }
        LostWhy::NotAnswering => {
            "The screen of the other computer does not answer. The picture goes on when it does."
        }
        LostWhy::Failed => {
            "The screen of the other computer cannot be shown at the moment. It is tried again and \
             again."
        }
    }
}

pub fn latency(latency: Duration) -> String {
    match latency.as_millis() {
        0 => "Less than 1 ms".to_owned(),
        millis => format!("{millis} ms"),
    }
}

pub fn monitor(index: usize, monitor: &Monitor) -> String {
    let Monitor { name, width, height, .. } = monitor;
    format!("{}: {} {width} × {height}", index + 1, quoted(name))
}
