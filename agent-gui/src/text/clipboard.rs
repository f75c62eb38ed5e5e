//! About the clipboard.

use beckon_desk::clipboard::{Kept, Shares};

/// Something that the user copied was not sent.
pub fn kept(why: Kept) -> &'static str {
    match why {
        Kept::TooLarge => "What you copied is too large to be shared. It stays on this computer.",
        Kept::Secret => "What you copied is a password. It stays on this computer.",
    }
}

/// The clipboard cannot be shared.
pub fn no_clipboard(why: &str) -> String {
    format!("The clipboard cannot be shared: {why}.")
}

/// In which directions it is shared now.
pub fn shared_clipboard(shares: Shares) -> &'static str {
    match (shares.sends, shares.takes) {
        (true, true) => "goes both ways now",
        (true, false) => "your copies go out",
        (false, true) => "their copies come in",
        (false, false) => super::ALLOWED,
    }
}
