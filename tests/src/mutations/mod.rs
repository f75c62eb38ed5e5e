//! 1,000 changes of valid exports: all are found by both verifiers, each in the check and at the
//! place that follow from the change.
//!
//! | who changes | what | how many |
//! |---|---|---|
//! | knows nothing | files as they are, the manifest not | 180 |
//! | | the manifest alone | 60 |
//! | writes the manifest anew | lines, tiles, keys | 85 |
//! | | checkpoints | 40 |
//! | | places, proofs and receipt of one session | 45 |
//! | also chain and tree, or signs with a key of their own | events | 95 |
//! | has the server's key | histories that cannot have happened | 150 |
//! | | forms, chains, erasures, restores | 45 |
//! | and only somebody who kept something notices | tails, keys, forks, restores | 300 |
//!
//! Beside them some changes by chance: nobody knows where those are, but the verifiers agree.
//!
//! What no check covers is no change of the log and is not here: `build` and `created` of the
//! manifest, `account` in `keys.json`, a checkpoint fewer before the last, a body that is withheld,
//! keys of some subjects more or fewer where not all names were asked for, and in the export of
//! one session its last events, as far as it was not over before.
#![expect(clippy::unnecessary_wraps, reason = "one signature for all changes of a kind")]

mod chance;
mod dice;
mod draft;
mod events;
mod forged;
mod ground;
mod illegal;
mod listed;
mod manifests;
mod mutant;
mod points;
mod proofs;
mod raw;
mod scene;
mod seen;
mod trial;

use dice::Dice;
use ground::Ground;
use trial::Trial;

#[test]
fn seven_hundred_changes_are_found_where_they_are_by_both_verifiers() {
    let (ground, mut dice, mut trial) = (Ground::new(), Dice::new(1), Trial::new());
    for (number, export) in ground.exports.iter().enumerate() {
        trial.holds(&format!("export {number}"), export.all(), number % 2 == 1, None);
    }
    raw::add(&ground, &mut dice, &mut trial);
    manifests::add(&ground, &mut dice, &mut trial);
    listed::add(&ground, &mut dice, &mut trial);
    points::add(&ground, &mut dice, &mut trial);
    proofs::add(&ground, &mut dice, &mut trial);
    events::add(&ground, &mut dice, &mut trial);
    illegal::add(&ground, &mut dice, &mut trial);
    forged::add(&ground, &mut dice, &mut trial);
    assert_eq!(trial.changed, 700);
    trial.finish();
}

#[test]
fn three_hundred_changes_are_found_by_who_kept_a_checkpoint_or_a_receipt() {
    let (ground, mut dice, mut trial) = (Ground::without_heads(), Dice::new(2), Trial::new());
    seen::hold(&ground, &mut dice, &mut trial);
    seen::add(&ground, &mut dice, &mut trial);
    assert_eq!(trial.changed, 300);
    trial.finish();
}

#[test]
fn of_what_changed_by_chance_both_verifiers_say_the_same() {
    let (ground, mut dice, mut trial) = (Ground::new(), Dice::new(3), Trial::new());
    chance::add(&ground, &mut dice, &mut trial, 400);
    trial.finish();
}
