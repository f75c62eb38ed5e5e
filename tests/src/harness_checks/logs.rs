//! The log tells a story in its own order.

use beckon_tests::log::connected_first;

#[test]
fn only_the_two_that_come_from_two_sides_may_change_places() {
    let story = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let told = story(&["Approved", "ActionStarted", "OperatorConnected", "ActionStopped"]);
    let expected = ["Approved", "OperatorConnected", "ActionStarted", "ActionStopped"];
    assert_eq!(connected_first(told), expected);
    let apart = story(&["ActionStarted", "ActionStopped", "OperatorConnected"]);
    assert_eq!(connected_first(apart.clone()), apart);
}
