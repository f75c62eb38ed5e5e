//! What is read about the clipboard.

use std::time::Duration;

use beckon_desk::clipboard::{Kept, Sort};
use beckon_desk::widgets::duration;

use crate::model::{Way, Went};

pub const CLIPBOARD: &str = "Clipboard…";
pub const ASK_FOR_CLIPBOARD: &str = "Ask for clipboard";
pub const ASKED_FOR_CLIPBOARD: &str = "Asked for clipboard…";
pub const SEND_COPIED: &str = "Send what I copy to the other computer";
pub const GET_COPIED: &str = "Get what is copied there";
pub const NOTHING_WENT: &str = "Nothing has been sent or received yet.";
pub const CLIPBOARD_WITHDRAWN: &str = "The user no longer shares the clipboard.";
pub const CLIPBOARD_STOPPED: &str =
    "The other computer does not share its clipboard now. Try again.";

/// What went over last.
pub fn went(went: Went, now: Duration) -> String {
    let what = match went.sort {
        Sort::Text { characters: 1, .. } => "Text, 1 character".to_owned(),
        Sort::Text { characters, .. } => format!("Text, {characters} characters"),
        Sort::Picture { bytes } => format!("Picture, {} KB", bytes.div_ceil(1_000)),
    };
    let way = match went.way {
        Way::Sent => "sent",
        Way::Got => "received",
    };
    format!("{what}, {way} {} ago", duration(now.saturating_sub(went.at)))
}

/// Something that the operator copied was not sent.
pub fn kept(why: Kept) -> &'static str {
    match why {
        Kept::TooLarge => {
            "What you copied is too large to be sent: texts up to 1 MB and pictures up to 8 MB are."
        }
        Kept::Secret => "What you copied is a password and was not sent.",
    }
}
