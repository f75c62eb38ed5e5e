//! What the three programs of Beckon speak to each other.
//!
//! **Invariant.** Bytes in, messages out. Every length is bounded before allocation. Unknown
//! versions are refused by name, never by panic.
//!
//! ```text
//! agent   ── /ws/agent   (JSON text) ──┐
//! control ── /ws/control (JSON text) ──┤ server
//! both    ── /ws/relay   (a ticket, then sealed records that the server cannot read)
//! ```
//!
//! ```
//! use beckon_protocol::{JoinCode, ServerAddress};
//!
//! let code: JoinCode = "o0l1i-23457".parse().unwrap_or_else(|_| JoinCode::from_random(&[7; 9]));
//! let typed: JoinCode = code.to_string().to_lowercase().parse().unwrap();
//! assert_eq!(typed, code, "case and hyphens do not matter");
//! let server: ServerAddress = "help.example.org".parse().unwrap();
//! assert_eq!(server.websocket("/ws/agent"), "wss://help.example.org/ws/agent");
//! ```

#![deny(clippy::as_conversions)]
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod address;
mod agent;
mod base64;
mod bounded;
mod certificate;
mod control;
pub mod evidence;
mod frame;
mod hello;
mod join_code;
mod launch_link;
pub mod limits;
mod link;
mod policy;
mod relay;

pub use address::{AddressError, ServerAddress};
pub use agent::{AgentSays, ClaimedDevice, JoinBy, ToAgent, agent_resume_bytes};
pub use base64::Base64;
pub use certificate::{Certificate, CertificateError, SignedCertificate};
pub use control::{ControlSays, SessionDoor, ToControl, control_resume_bytes, launch_bytes};
pub use frame::{FrameError, decode, encode};
pub use hello::{Hello, HelloFrame, Kind, VERSION};
pub use join_code::{CodeError, JoinCode};
pub use launch_link::{LaunchError, LaunchLink};
pub use link::{AgentFileName, InvitationLink, LinkError, LinkToken};
pub use policy::{Policy, Recording};
pub use relay::RelayHello;
