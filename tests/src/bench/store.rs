//! The store beside a bare file, and what is read from a million events.

mod append;
mod bare_file;
mod million;

use super::Figure;

/// How often everything is measured; the median counts.
const ROUNDS: usize = 5;

/// Runs all measurements, each in a folder below `target/tmp` that is removed with it.
pub fn run() -> Vec<Figure> {
    let mut figures = append::run();
    figures.extend(million::run());
    figures
}
