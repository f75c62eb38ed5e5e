//! One actor per live session, and what surrounds it.
//!
//! ```text
//! socket or portal ─► Router ─► SessionActor ─► decide ─► Journal.append ─► evolve ─► sockets
//!                                                              │
//!                                     Views ◄── commits ───────┘        PolicyRunner ─► commands
//! ```

mod aggregate;
mod journal;
mod out;
mod outcome;
mod policy_runner;
mod presence;
mod router;
mod session;
mod session_receipt;
mod session_sockets;

pub use aggregate::{Aggregate, ExecuteError, Executed};
pub use journal::Journal;
pub use out::{ConnectionId, Out, Outgoing};
pub use policy_runner::run as run_policies;
pub use presence::{Missing, Presence};
pub use router::{Find, Router};
pub use session::{Do, SessionActor};
pub use session_receipt::SignHead;
pub use session_sockets::{Absent, AgentHere, ControlHere, Gone, RelayWanted};
