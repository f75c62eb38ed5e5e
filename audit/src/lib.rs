//! `beckon-audit`: reads an export of the log, with no server and no network.
//!
//! **Invariant.** Needs no server and no network; says the first thing that is wrong, and where.
//!
//! ```text
//! export (folder or zip) ──► verify            V0–V9, as docs/log-format.md numbers them
//!                        ├─► sessions, replay  what happened, in sentences
//!                        ├─► report            one session on paper
//!                        └─► diff              whether a newer export goes on from an older one
//! receipt ───────────────► verify-receipt
//! ```
//!
//! ```
//! use beckon_audit::{CannotLook, Options, verify};
//!
//! let nowhere = std::path::Path::new("/no/such/export");
//! let looked = verify(nowhere, &Options::default());
//! assert!(matches!(looked, Err(CannotLook::Open { .. })), "a missing export is not a wrong one");
//! ```

mod clock;
pub mod comparison;
pub mod export;
#[cfg(any(test, feature = "fabricate"))]
#[expect(clippy::expect_used, reason = "what cannot be fabricated is a broken test")]
pub mod fabricate;
mod reading;
pub mod receipt;
pub mod replay;
pub mod sessions;
pub mod terminal;
pub mod text;
pub mod verdict;
pub mod verify;
pub mod work_report;

pub use reading::{AsOf, Reading, Told, Untold};
pub use verdict::{CannotLook, Check, Place, Stop, Wrong};
pub use verify::{Options, Report, Verdict, verify};
pub use work_report::{Format, WorkReport};
