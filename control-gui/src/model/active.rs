//! What is known while a session goes on.

use std::time::Duration;

use beckon_desk::clipboard::Kept;
use beckon_events::Action;
use beckon_peer::{LostWhy, Monitor};

use super::{RemotePointer, SharedClipboard};
use crate::picture::Freshness;

/// A session with the end user's consent.
#[derive(Clone, Debug, PartialEq)]
pub struct Active {
    /// Whether the picture has been asked for and not been stopped.
    pub viewing: bool,
    /// Who holds mouse and keyboard.
    pub hands: Hands,
    /// Whether the end user has paused.
    pub paused: bool,
    /// The monitors of the other computer.
    pub monitors: Vec<Monitor>,
    /// Which of them is shown.
    pub monitor: Option<u32>,
    /// How up to date the picture is.
    pub freshness: Freshness,
    /// Why the system of the other computer gives no picture, while it gives none.
    pub lost: Option<LostWhy>,
    /// The pointer of the other computer.
    pub pointer: RemotePointer,
    /// How long a message to the agent and back takes.
    pub latency: Option<Duration>,
    /// The clipboard.
    pub clipboard: SharedClipboard,
    /// Whether more has been asked for.
    pub extension: Option<Action>,
    /// The size of the picture in the window.
    pub scale: Scale,
    /// Something to read, and until when.
    pub notice: Option<(Notice, Duration)>,
    /// What begins when the tunnel is up.
    pub(crate) begins: Begins,
    /// When the tunnel came up.
    pub(crate) began_at: Duration,
    /// When to ask for the picture again.
    pub(crate) retry_view_at: Option<Duration>,
}

/// What begins when the tunnel is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begins {
    /// All that is granted: the yes has just been given.
    All,
    /// Viewing, and control after a countdown where the gap was short.
    ViewAndControl,
    /// Viewing; control waits for a click.
    View,
}

/// Who holds mouse and keyboard of the other computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hands {
    /// The end user alone.
    Off,
    /// The operator again, at this time.
    Countdown {
        /// When.
        until: Duration,
    },
    /// The operator too.
    On,
}

/// The size of the picture in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Scale {
    /// All of it, never enlarged.
    #[default]
    Fit,
    /// So many per cent of the size at which one pixel there is one pixel here.
    Percent(u16),
}

impl Scale {
    /// One pixel there is one pixel here.
    pub const EXACT: Self = Self::Percent(100);
}

/// Something to read while the session goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The end user has been asked for more.
    MoreAsked,
    /// And said yes.
    MoreAllowed,
    /// And said no.
    MoreRefused,
    /// The end user took control back.
    ControlWithdrawn,
    /// The end user's side does not accept mouse and keyboard.
    ControlStopped,
    /// The end user no longer shows the screen.
    ViewWithdrawn,
    /// The screen cannot be captured.
    ViewUnavailable,
    /// The picture is too large.
    TooLarge,
    /// The end user no longer shares the clipboard.
    ClipboardWithdrawn,
    /// The agent does not share the clipboard.
    ClipboardStopped,
    /// What the operator copied stays here.
    Kept(Kept),
    /// Another program of this computer has the keyboard.
    KeyboardTaken,
    /// The clipboard of this computer cannot be used.
    NoClipboard(String),
    /// A rule forbids it.
    Refused(String),
}

impl Active {
    pub(crate) fn new(began_at: Duration) -> Self {
        Self {
            viewing: false,
            hands: Hands::Off,
            paused: false,
            monitors: Vec::new(),
            monitor: None,
            freshness: Freshness::default(),
            lost: None,
            pointer: RemotePointer::default(),
            latency: None,
            clipboard: SharedClipboard::default(),
            extension: None,
            scale: Scale::Fit,
            notice: None,
            begins: Begins::View,
            began_at,
            retry_view_at: None,
        }
    }
}
