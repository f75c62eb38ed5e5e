//! What the administrator reads about read models.

use std::time::Duration;

use super::export::count;
use crate::views::{Rebuilt, Standing};

/// Every read model, a line each.
pub fn models(all: &[Standing]) -> String {
    let line = |model: &Standing| {
        let position = model.position.map_or("-".to_owned(), |position| position.to_string());
        let rows = match model.rows {
            Some(rows) => format!("{rows} rows"),
            None => "in memory".to_owned(),
        };
        let behind = match model.behind {
            0 => "up to date".to_owned(),
            Standing::COUNTED.. => format!("{} or more events behind", Standing::COUNTED),
            behind => format!("{} behind", count(behind, "event", "events")),
        };
        format!(
            "{:<18} version {}, built {}, position {position}, {rows}, {behind}",
            model.name,
            model.version,
            times(model.generation)
        )
    };
    all.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Read models that were built anew.
pub fn models_rebuilt(done: &Rebuilt, took: Duration) -> String {
    format!(
        "Built anew from {} in {:.1} s: {}.",
        count(done.events, "event", "events"),
        took.as_secs_f64(),
        done.models.join(", ")
    )
}

fn times(number: u64) -> String {
    match number {
        1 => "once".to_owned(),
        number => format!("{number} times"),
    }
}
