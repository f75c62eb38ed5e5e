//! What the filters of a list are made of.

use super::period::{Period, Preset, short};
use super::query::Query;

/// One choice of a list of choices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub words: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// A filter that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chip {
    /// What it lets through.
    pub words: String,
    /// The address without it.
    pub less: String,
}

/// The fields for a stretch of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodFields {
    /// The presets.
    pub presets: Vec<Choice>,
    /// From, as it was typed.
    pub from: String,
    /// To, as it was typed.
    pub to: String,
}

/// The ways to the pages beside this one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// To what is newer.
    pub newer: Option<String>,
    /// To what is older.
    pub older: Option<String>,
}

impl Choice {
    /// A choice that is chosen where `value` is `chosen`.
    pub fn of(value: &str, words: impl Into<String>, chosen: &str) -> Self {
        Self { value: value.to_owned(), words: words.into(), chosen: value == chosen }
    }
}

impl PeriodFields {
    /// The fields with `period`, or, where that is none, with what was typed.
    pub fn of(query: &Query, period: Option<Period>, default: Preset) -> Self {
        let typed = match query.first("range") {
            "" if !query.first("from").is_empty() || !query.first("to").is_empty() => {
                Preset::Custom.slug()
            }
            "" => default.slug(),
            typed => typed,
        };
        let chosen = period.map_or(typed, |period| period.preset.slug());
        let presets = Preset::ALL.map(|preset| Choice::of(preset.slug(), preset.words(), chosen));
        let custom = period.filter(|period| period.preset == Preset::Custom);
        let bound = |name, at: Option<Option<_>>| match at {
            Some(at) => at.map(short).unwrap_or_default(),
            None => query.first(name).to_owned(),
        };
        Self {
            presets: presets.to_vec(),
            from: bound("from", custom.map(|period| period.from)),
            to: bound("to", custom.map(|period| period.to)),
        }
    }
}
