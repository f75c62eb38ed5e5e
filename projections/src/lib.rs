//! Read models of Beckon: what people look at, folded from what was recorded.
//!
//! **Invariant.** The same recorded events give the same value, on any machine. Applying a
//! position twice changes nothing. No match has a wildcard arm: a new event must be considered
//! everywhere.
//!
//! ```text
//! store ──► RecordedEvent ──┬─► apply ──► SessionList, Roster, AccountSettings, …   a Projection
//!                           │               position: as far as it has read
//!                           └─► fold ───► SessionHistory, AuditLog, WorkReport      Rows
//!                                           the position is kept by whoever keeps the rows
//! ```
//!
//! ```
//! use beckon_events::envelope::{self, Actor, Cause, Head, Seals};
//! use beckon_events::{AccountId, CommandId, LogId, NoKeys, Timestamp, account};
//! use beckon_projections::{AccountSettings, Projection};
//! # let (log, command, correlation) = (LogId(uuid::Uuid::nil()), CommandId(uuid::Uuid::nil()), uuid::Uuid::nil());
//! let opened =
//!     account::Event::Opened { account: AccountId(uuid::Uuid::nil()), company: "Acme".into() };
//! let cause = Cause { log, command, correlation, at: Timestamp::default(), actor: Actor::SYSTEM };
//! # struct Nobody; impl beckon_events::Nonces for Nobody { fn nonce(&self) -> [u8; 12] { [0; 12] } }
//! let seals = Seals { keys: &NoKeys, nonces: &Nobody };
//! let stored = envelope::build("account-0", Head::default(), &cause, &[opened], seals)?.remove(0);
//!
//! let mut settings = AccountSettings::default();
//! settings.apply(&envelope::read(&stored.metadata, &stored.data, 7, &NoKeys)?);
//! assert_eq!((settings.company(), settings.position()), ("Acme", Some(7)));
//! # Ok::<(), envelope::EnvelopeError>(())
//! ```

#![deny(clippy::wildcard_enum_match_arm, clippy::match_wildcard_for_single_variants)]

mod account_settings;
mod audit_log;
mod deadlines;
mod exports;
#[cfg(test)]
mod history;
mod kept;
#[cfg(test)]
mod laws;
mod power;
mod projection;
mod right;
mod roster;
mod rows;
#[cfg(test)]
mod samples;
mod session_history;
mod session_list;
mod session_row;
mod session_standing;
mod session_timeline;
pub mod text;
mod work_report;

pub use account_settings::{AccountSettings, TokenRow};
pub use audit_log::{AuditLog, AuditRow};
pub use deadlines::{Deadlines, Due, Overdue};
pub use exports::{ExportRow, Exports, ListRow};
pub use power::{Power, Who};
pub use projection::Projection;
pub use right::Right;
pub use roster::{EnrolledControl, OperatorRow, Roster};
pub use rows::Rows;
pub use session_history::SessionHistory;
pub use session_list::{RECENT, SessionList};
pub use session_row::{Closed, SessionRow, SessionState, Title};
pub use session_standing::SessionStanding;
pub use session_timeline::{Entry, SessionTimeline, TimelineEntry};
pub use work_report::{InUse, Spell, WorkReport, WorkRow};
