//! The valid exports that are changed.

use beckon_audit::export::NamesIn;
use beckon_audit::fabricate::{Bundle, Made, Recipe, Ways};

use super::draft::Draft;

/// A log, and what it was made from.
pub struct Original {
    /// Its export.
    pub bundle: Bundle,
    /// Its keys.
    pub made: Made,
    /// How many sessions it has.
    pub sessions: u32,
}

/// Logs of several kinds.
pub struct Ground {
    /// The logs.
    pub logs: Vec<Original>,
    /// Their exports: of the whole, and of sessions.
    pub exports: Vec<Bundle>,
}

/// Two eras, everybody's names, two who were erased.
pub const RICH: usize = 0;
/// One era, nobody's names.
pub const BARE: usize = 1;
/// Three eras, some names, more events than a tile holds.
pub const LONG: usize = 2;
/// One era, everybody's names.
pub const NAMED: usize = 3;

impl Ground {
    /// The same in every run.
    pub fn new() -> Self {
        let small = Recipe { sessions: 7, events: 20, checkpoint_every: 25, ..Recipe::default() };
        let recipes = [
            Recipe { seed: 11, ..small.clone() },
            Recipe { seed: 12, eras: 1, erased: 0, names: NamesIn::None, ..small.clone() },
            Recipe { seed: 13, sessions: 18, eras: 3, names: NamesIn::Some, ..small.clone() },
            Recipe { seed: 14, eras: 1, erased: 1, ..small },
        ];
        let logs: Vec<_> = recipes.iter().map(Original::new).collect();
        assert!(logs[LONG].bundle.lines.len() > 256, "level 1 has a tile");
        let mut exports: Vec<_> = logs.iter().map(|log| log.bundle.clone()).collect();
        for (log, number) in [(RICH, 0), (RICH, 3), (BARE, 1), (LONG, 5), (LONG, 16), (NAMED, 3)] {
            let original = &logs[log];
            exports.push(original.bundle.of_session(original.made.seed.session(number)));
        }
        Self { logs, exports }
    }

    /// Logs in which no endpoint has signed a head, so that a server can write them anew.
    pub fn without_heads() -> Self {
        let recipe = |seed, eras, ways| Recipe {
            seed,
            sessions: 6,
            events: 15,
            ways,
            eras,
            erased: 0,
            names: NamesIn::Some,
            heads: false,
            checkpoint_every: 15,
            ..Recipe::default()
        };
        let recipes =
            [recipe(21, 1, Ways::All), recipe(22, 2, Ways::All), recipe(23, 1, Ways::Usual)];
        let logs: Vec<_> = recipes.iter().map(Original::new).collect();
        Self { exports: logs.iter().map(|log| log.bundle.clone()).collect(), logs }
    }
}

impl Original {
    fn new(recipe: &Recipe) -> Self {
        let (bundle, made) = Bundle::fabricate(recipe);
        Self { bundle, made, sessions: recipe.sessions }
    }

    /// A copy to change.
    pub fn draft(&self) -> Draft {
        Draft::of(&self.bundle)
    }

    /// The streams of all its sessions.
    pub fn sessions(&self) -> Vec<(u32, String)> {
        let stream = |number| (number, format!("session-{}", self.made.seed.session(number)));
        (0..self.sessions).map(stream).collect()
    }
}
