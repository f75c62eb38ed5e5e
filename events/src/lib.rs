//! The vocabulary of Beckon and its decisions.
//!
//! **Invariant.** No I/O, no clock, no randomness: time, ids and looked-up facts arrive inside
//! the command. [`Decider::decide`] is total and deterministic, [`Decider::evolve`] never
//! refuses. A published event name or field never changes its meaning.
//!
//! ```text
//! command ──► decide(state) ──► events ──► evolve(state) ──► state
//!                  │               │
//!              Rejection       Envelope ──► store (bytes, chained by `prev`)
//! ```
//!
//! ```
//! use beckon_events::{Decider, session::{Command, Session}, Timestamp};
//!
//! let nobody = Session::default();
//! let refused = nobody.decide(Command::Expire { now: Timestamp::from_micros(0) });
//! assert!(refused.is_err(), "a session that does not exist cannot expire");
//! ```

#![deny(clippy::wildcard_enum_match_arm, clippy::match_wildcard_for_single_variants)]

pub mod account;
mod action;
mod decider;
pub mod envelope;
mod grant;
mod ids;
pub mod node;
pub mod operator;
mod personal;
mod record;
mod sealing;
pub mod session;
mod statement;
mod subject;
mod timestamp;

pub use action::{Action, ActionSet};
pub use decider::{Decider, replay};
pub use grant::{Grant, GrantError, Limits};
pub use ids::{AccountId, CommandId, Digest, EventId, LogId, OperatorId, PublicKey, SessionId};
pub use personal::{Committed, Personal, Salt};
pub use record::{DomainEvent, Recorded, RecordedEvent};
pub use sealing::{Nonces, SealedField, sealed_pointers};
pub use statement::{Statement, StatementError};
pub use subject::{Keys, KeysError, NoKeys, Subject, SubjectError, SubjectKey, SubjectKind};
pub use timestamp::Timestamp;
