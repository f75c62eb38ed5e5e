//! The store beside a bare file, and what is read from a million events.

mod append;
mod bare_file;
mod cluster;
mod million;
mod models;
mod search;

use super::Figure;

/// How often everything is measured; the median counts.
const ROUNDS: usize = 5;

/// What measures something.
pub type Part = fn() -> Vec<Figure>;

/// The measurements, each in a folder below `target/tmp` that is removed with it.
pub const PARTS: [(&str, Part); 4] = [
    ("append", append::run),
    ("million", million::run),
    ("search", search::run),
    ("cluster", cluster::run),
];

/// Runs all of them.
pub fn run() -> Vec<Figure> {
    PARTS.iter().flat_map(|(_, part)| part()).collect()
}
