//! The short form of `scripts/bench kills`.

use std::path::Path;

use beckon_tests::bench::kills::{Rounds, Tally};

#[test]
fn a_writer_that_is_killed_again_and_again_has_lost_nothing_and_stored_nothing_twice() {
    let folder = beckon_tests::bench::folder();
    let program = Path::new(env!("CARGO_BIN_EXE_beckon-bench"));
    let mut rounds = Rounds::new(program, folder.path(), 50..600);
    for _ in 0..6 {
        rounds.one_more();
    }
    let answered = rounds.ledger.answered();
    assert!(answered > 6 * 50, "{answered}");
    let Tally { stored, lost, doubled, broken, .. } = rounds.finish();
    assert_eq!([lost, doubled, broken], [0, 0, 0]);
    assert!(stored >= answered, "{stored} events, {answered} answers");
}
