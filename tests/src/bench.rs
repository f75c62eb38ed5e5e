//! Measurements: figures beside the limit or peer that they are held against, from one run.

pub mod evidence;
pub mod smoke;

use std::fmt::Write;
use std::path::PathBuf;

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
    /// The largest ratio of the two that is good enough.
    pub goal: f64,
}

impl Figure {
    /// The figure as a part of what it is held against.
    pub fn ratio(&self) -> f64 {
        self.value / self.limit
    }

    /// Whether it is good enough.
    pub fn holds(&self) -> bool {
        self.ratio() <= self.goal
    }

    /// A line a figure, for the terminal.
    pub fn table(figures: &[Self]) -> String {
        let mut table = String::new();
        for figure in figures {
            let holds = if figure.holds() { "holds" } else { "MISSED" };
            let Self { name, value, unit, peer, goal, .. } = figure;
            let ratio = figure.ratio();
            let written = writeln!(
                table,
                "{name:<46} {value:>9.1} {unit:<3} {ratio:>6.2}x of {peer} (goal {goal:.2}x, {holds})"
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
                "peer": figure.peer, "ratio": figure.ratio(), "goal": figure.goal,
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
