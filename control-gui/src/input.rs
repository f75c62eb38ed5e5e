//! What can happen to the model.

use std::time::Duration;

use beckon_desk::clipboard::{ClipboardEvent, Shares, Sort};
use beckon_events::Action;
use beckon_peer::{AgentMessage, Clip, InputEvent};
use beckon_protocol::{LaunchError, LaunchLink, ToControl};

use crate::model::Scale;
use crate::picture::Freshness;

/// One thing that happened: at the window, on the line to the server or in the tunnel to the
/// agent.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A launch link came, from the command line or from a second start.
    Open(LaunchLink),
    /// Something came that looks like a launch link and is none.
    OpenForged(LaunchError),
    /// The program was started again without a link.
    Raise,
    /// The operator trusts the portal of the link.
    Trust,
    /// The operator does not.
    DoNotTrust,
    /// The operator takes the request back, or gives up opening.
    Cancel,
    /// The operator asks the end user again.
    AskAgain,
    /// The operator wants an action that is not granted yet.
    AskFor(Action),
    /// The operator shares the clipboard in these directions.
    ShareClipboard(Shares),
    /// The operator takes mouse and keyboard of the other computer.
    TakeControl,
    /// The operator lets go of them, or stops the countdown.
    StopControl,
    /// The operator looks at another monitor.
    SelectMonitor(u32),
    /// The operator wants the picture in another size.
    Show(Scale),
    /// The operator presses End, or closes the window.
    Close(Wish),
    /// The operator answers: leave, the session stays available.
    Leave,
    /// The operator answers: end the session.
    EndSession,
    /// The operator answers: go on.
    Stay,
    /// Another program has the keyboard, so that not all keys can be sent.
    KeyboardTaken,
    /// Mouse or keyboard over the picture.
    Did(InputEvent),
    /// Something happened to the clipboard of this computer.
    Clipboard(ClipboardEvent),
    /// The server has greeted.
    LineUp {
        /// 32 random bytes of this connection.
        nonce: Vec<u8>,
    },
    /// There is no connection to the server.
    LineDown {
        /// Why, for the operator.
        why: String,
        /// When the next attempt begins.
        again_in: Duration,
    },
    /// The server speaks another version.
    OtherVersion {
        /// Where the right program is to be had.
        download: String,
    },
    /// The server said something.
    Said(Box<ToControl>),
    /// Something happened in a tunnel.
    Tunnel {
        /// Which tunnel; older ones are of no interest.
        number: u32,
        /// What.
        event: TunnelEvent,
    },
    /// The receipt is kept, with its path, or not, and why.
    ReceiptKept(Result<String, String>),
    /// The evidence is kept, with its folder, or not, and why.
    EvidenceKept(Result<String, String>),
    /// Time passes.
    Tick,
}

/// What the operator wants with Close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To end what goes on.
    End,
    /// To close the window as well.
    CloseWindow,
}

/// What happens in the tunnel to the agent.
#[derive(Clone, Debug, PartialEq)]
pub enum TunnelEvent {
    /// The handshake is finished: it is the agent of the door, and nobody else can read.
    Up,
    /// The agent said something.
    Told(AgentMessage),
    /// A picture was decoded.
    Picture {
        /// Of which monitor.
        monitor: u32,
    },
    /// How up to date the picture is.
    Fresh(Freshness),
    /// The picture is larger than this program can show.
    TooLarge,
    /// The agent answered a ping after so long.
    Latency(Duration),
    /// Something was copied there that the operator wanted to have.
    Copied(Clip),
    /// The whole of what was copied here is on its way.
    ClipSent(Sort),
    /// It is closed and may be opened again.
    Down,
    /// Something came that cannot be trusted; the session cannot go on.
    Disturbed(String),
}
