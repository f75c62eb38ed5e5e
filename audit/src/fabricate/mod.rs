//! Makes exports out of nothing, for tests and measurements, and changes them.
//!
//! Everything follows from the seed of a [`Recipe`]: the same one gives the same bytes. The events
//! are those that the deciders of `beckon-events` decide.

mod bundle;
mod disk;
mod log;
mod recipe;
mod reseal;
mod script;
mod seed;

pub use bundle::{Bundle, write_files, written};
pub use disk::write_log;
pub use log::{Made, Sink, make};
pub use recipe::{Recipe, Ways};
pub use reseal::{strange_pair, with_fields};
pub use seed::{Seed, public};
