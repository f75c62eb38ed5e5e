//! The log over EventStoreDB's own protocol, read-only: any client of EventStoreDB or KurrentDB
//! reads and follows it, with an API token as the password.
//!
//! **Invariant.** What is handed out are the stored bytes: sealed values stay sealed.
//!
//! ```text
//! client ──h2──► Wire ──► Streams.Read ──Door (token)──► Delivery ──► Pages ──► EventReader
//!                    ├──► ServerFeatures, Gossip (no token)             ▲
//!                    └──► append, delete, tombstone: refused       News (the log has grown)
//! ```
#![expect(clippy::result_large_err, reason = "tonic's services answer with a Status")]

mod answer;
mod delivery;
mod door;
mod entry;
mod filter;
#[rustfmt::skip]
mod generated;
mod introductions;
mod keeper;
mod listening;
mod news;
mod pages;
#[cfg(feature = "esdb-peer")]
pub mod peer;
mod reading;
mod streams;
mod wire;

pub use door::{Admission, Door, Knock, KnockError, Shown};
pub use keeper::{FaceError, open};
pub use listening::Listening;
pub use news::News;
pub use pages::Source;

use generated::event_store::client as proto;
use generated::event_store::client::streams as streams_proto;

/// What a reader hears when the server stops.
const STOPPING: &str = "the server is stopping, try again";
/// What somebody hears who would change the log.
const READ_ONLY: &str = "this log can only be read over this protocol";
