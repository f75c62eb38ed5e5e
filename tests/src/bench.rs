//! Measurements: figures beside the limit or peer that they are held against, from one run.

pub mod evidence;
pub mod fuzz;
pub mod kills;
pub mod links;
pub mod recording;
pub mod screen;
pub mod smoke;
pub mod store;

use std::fmt::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::scratch;

/// One measured figure.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What was measured.
    pub name: &'static str,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: &'static str,
    /// What it is held against.
    pub peer: &'static str,
    /// How much that is, in the same unit.
    pub limit: f64,
    /// Which ratio of the two is good enough.
    pub goal: Goal,
}

/// Which ratio of a figure to what it is held against is good enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// This one or a smaller one: times, sizes.
    AtMost(f64),
    /// This one or a larger one: how much is done in a time.
    AtLeast(f64),
    /// Any: the figure is only printed.
    Any,
}

impl Goal {
    fn reached(self, ratio: f64) -> bool {
        match self {
            Self::AtMost(most) => ratio <= most,
            Self::AtLeast(least) => ratio >= least,
            Self::Any => true,
        }
    }

    /// The ratio, where there is one.
    fn ratio(self) -> Option<f64> {
        match self {
            Self::AtMost(ratio) | Self::AtLeast(ratio) => Some(ratio),
            Self::Any => None,
        }
    }
}

impl Figure {
    /// The figure as a part of what it is held against.
    pub fn ratio(&self) -> f64 {
        self.value / self.limit
    }

    /// Whether it is good enough.
    pub fn holds(&self) -> bool {
        self.goal.reached(self.ratio())
    }

    /// A line a figure, for the terminal.
    pub fn table(figures: &[Self]) -> String {
        let mut table = String::new();
        for figure in figures {
            let holds = if figure.holds() { "holds" } else { "MISSED" };
            let Self { name, value, unit, peer, .. } = figure;
            let ratio = figure.ratio();
            let goal = match figure.goal {
                Goal::AtMost(most) => format!("goal at most {most:.2}x, {holds}"),
                Goal::AtLeast(least) => format!("goal at least {least:.2}x, {holds}"),
                Goal::Any => "no goal".to_owned(),
            };
            let written = writeln!(
                table,
                "{name:<52} {value:>9.1} {unit:<3} {ratio:>6.2}x of {peer} ({goal})"
            );
            debug_assert!(written.is_ok());
        }
        table
    }

    /// Writes the rows to `target/bench/NAME.json`.
    pub fn keep(bench: &str, figures: &[Self]) -> PathBuf {
        let rows = figures.iter().map(|figure| {
            json!({
                "name": figure.name, "value": figure.value, "unit": figure.unit,
                "peer": figure.peer, "ratio": figure.ratio(), "goal": figure.goal.ratio(),
                "holds": figure.holds(),
            })
        });
        let rows = serde_json::Value::Array(rows.collect());
        let folder = scratch::workspace().join("target/bench");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{bench}.json"));
        std::fs::write(&path, serde_json::to_vec_pretty(&rows).unwrap()).unwrap();
        path
    }
}

/// A folder on the disk of the checkout: a folder for temporary files may lie in memory.
pub fn folder() -> tempfile::TempDir {
    let below = scratch::workspace().join("target/tmp");
    std::fs::create_dir_all(&below).expect("a folder");
    tempfile::Builder::new().prefix("bench-").tempdir_in(below).expect("a folder")
}

/// The clock of measurements.
#[expect(clippy::disallowed_methods, reason = "a measurement looks at the clock")]
pub fn now() -> Instant {
    Instant::now()
}

/// In milliseconds.
pub fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1_000.0
}

/// In microseconds.
pub fn micros(took: Duration) -> f64 {
    took.as_secs_f64() * 1_000_000.0
}

/// The one in the middle.
pub fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_unstable_by(|a, b| a.partial_cmp(b).expect("numbers"));
    values[values.len() / 2]
}
