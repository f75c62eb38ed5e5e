//! What can happen to the agent.

use beckon_desk::clipboard::{ClipboardEvent, Sort};
use beckon_events::{Action, Timestamp};
use beckon_peer::{Clip, ControlMessage};
use beckon_protocol::{AgentFileName, InvitationLink, ServerAddress, ToAgent};

use crate::model::{Removal, Ticket, Who};

/// One thing that happened, for [`update`](crate::update::update).
#[derive(Clone, Debug)]
pub enum Input {
    /// The program was started under the name of a download.
    Named(AgentFileName),
    /// A link was given or pasted.
    Linked(InvitationLink),
    /// The user did something.
    User(User),
    /// What a ticket file says.
    TicketFound(ServerAddress, Ticket),
    /// Something about the connection with this number.
    Line(u64, Line),
    /// Something about the relay with this number.
    Link(u64, Link),
    /// The screen cannot be shown.
    NoPictures(String),
    /// Mouse and keyboard cannot be used.
    NoHands(String),
    /// Something happened to the clipboard of this computer.
    Clipboard(ClipboardEvent),
    /// The removal is done.
    Removed(Removal),
    /// The user's file is written, with its path, or not, and why.
    Saved(Result<String, String>),
    /// The system asks the program to end.
    Terminated,
    /// Time has passed.
    Passed,
}

/// What the user does.
#[derive(Clone, Debug, PartialEq)]
pub enum User {
    /// Changes the server.
    TypesServer(String),
    /// Changes the code.
    TypesCode(String),
    /// Presses Start.
    Starts,
    /// Gives up waiting for the server.
    Cancels,
    /// Sets or takes a tick.
    Ticks(Action),
    /// Approves, or continues.
    Approves,
    /// Rejects.
    Rejects,
    /// Allows more.
    Allows,
    /// Does not allow more.
    Refuses,
    /// Takes an action back.
    Withdraws(Action),
    /// Pauses.
    Pauses,
    /// Lets it go on.
    Continues,
    /// Presses End Session.
    AsksToEnd,
    /// Changes their mind.
    Stays,
    /// Ends the session.
    Ends,
    /// Keeps the receipt, or the note in its place.
    SavesReceipt,
    /// Closes the window.
    Closes,
}

/// What a connection to the server says.
#[derive(Clone, Debug)]
pub enum Line {
    /// It is up.
    Up {
        /// For signatures.
        nonce: Vec<u8>,
        /// The server's time.
        now: Timestamp,
    },
    /// A message.
    Message(ToAgent),
    /// It is down.
    Down {
        /// Why, for the user.
        why: String,
    },
    /// The server speaks another version.
    OtherVersion {
        /// Where the right program is.
        download: String,
    },
}

/// What a relay says.
#[derive(Clone, Debug)]
pub enum Link {
    /// The first message of a handshake was answered.
    Answered,
    /// The other side has proved who it is.
    Verified(Who),
    /// The other side could not prove who it is.
    NotVerified(String),
    /// A checked record held this message.
    Message(ControlMessage),
    /// This was copied at the operator's.
    Clip(Clip),
    /// The whole of what was copied here is on its way.
    ClipSent(Sort),
    /// A record was wrong, or something came that nobody asked for.
    Disturbed,
    /// It broke.
    Broke,
}
