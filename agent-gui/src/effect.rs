//! What the agent does.

use beckon_desk::clipboard::Shares;
use beckon_events::{PublicKey, SessionId};
use beckon_peer::{AgentMessage, Clip, InputEvent, PeerKeys};
use beckon_protocol::{AgentSays, ServerAddress};

use crate::model::{Now, Ticket};
use crate::outward::Tone;

/// One thing to do, from [`update`](crate::update::update) to the worker.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Look for a ticket file.
    LoadTicket(ServerAddress),
    /// Keep a ticket.
    SaveTicket(ServerAddress, Ticket),
    /// Remove the ticket file.
    DropTicket(ServerAddress),
    /// Open a connection with this number and keep it up.
    Connect(u64, ServerAddress),
    /// Close the connection.
    Disconnect,
    /// Say this over the connection.
    Say(AgentSays),
    /// Open a relay and answer a handshake.
    OpenRelay(Terms),
    /// Close the relay.
    CloseRelay,
    /// Tell Control, sealed.
    Tell(AgentMessage),
    /// Show the screen over the relay with this number.
    StartPictures(u64),
    /// Show nothing more, at once.
    StopPictures,
    /// Begin anew with a full picture.
    FullPicture,
    /// Show another monitor.
    ShowMonitor(u32),
    /// Answer the ping with this nonce.
    Pong(u64),
    /// Control has decoded this update.
    Acked(u32),
    /// Input may be carried out from now on.
    TakeHands,
    /// Release every key and button, at once, and carry out nothing more.
    ReleaseHands,
    /// Carry out this input.
    Inject(InputEvent),
    /// Release every key and button, and go on.
    ReleaseAll,
    /// Share the clipboard of this computer in these directions, at once.
    ShareClipboard(Shares),
    /// Stop what was copied here and is halfway to Control, at once.
    RecallClips,
    /// Put this into the clipboard.
    PutClip(Clip),
    /// Send this, which was copied here, over the relay with this number.
    SendClip(u64, Clip),
    /// Draw the border, or none.
    Border(Option<Tone>),
    /// Remove what was written, and the program where it was a download.
    Remove(ServerAddress),
    /// Write a file for the user to keep, and say where it is.
    Save {
        /// Its name, without the ending.
        name: String,
        /// What is in it.
        text: String,
    },
    /// End the worker.
    Exit,
}

/// What a relay is opened with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Its number.
    pub link: u64,
    /// Where.
    pub server: ServerAddress,
    /// The ticket.
    pub ticket: String,
    /// For which session.
    pub session: SessionId,
    /// P, verbatim.
    pub policy: Vec<u8>,
    /// The key that signs certificates.
    pub account_key: PublicKey,
    /// The server's time when this was said.
    pub now: Now,
    /// On a resume: the keys of before.
    pub pinned: Option<PeerKeys>,
}
