//! Another network in the middle of a session.

use std::time::Duration;

use beckon_tests::clock::PATIENCE;
use beckon_tests::desk::Desk;
use beckon_tests::linked::{Helpdesk, Terminal};
use beckon_tests::proxy::Way;
use beckon_tests::stage::Stage;

#[test]
fn an_agent_that_comes_back_from_another_address_goes_on_by_itself() {
    let _stage = Stage::take();
    let desk = Desk::open("user");
    let notes = Terminal::to_type_in(&desk, (40, 60));
    let mut helpdesk = Helpdesk::opens();
    let linked = helpdesk.helps(&desk);
    linked.network(Way::of_round_trip(Duration::from_millis(20)));
    linked.shown();
    notes.take_keyboard(&desk);
    println!("typed before: {:?}", linked.types(&notes, "a").expect("seen"));

    let channels = linked.probe.counts().tunnels;
    let begun = beckon_tests::bench::now();
    linked.proxy.change_address();
    let back = |tunnels| tunnels > channels;
    assert!(linked.probe.wait_until(PATIENCE, |facts| facts.up && back(facts.tunnels)));
    println!("the channel was back after {:?}", begun.elapsed());
    let seen = linked.probe.wait_for(PATIENCE, |_| true).expect("the picture goes on by itself");
    println!("the picture was back after {:?}", seen - begun);
    println!("typed after: {:?}", linked.types(&notes, "b").expect("input goes on by itself"));
    assert_eq!(linked.probe.ended(), None);
    let named = beckon_tests::clock::within(PATIENCE, || linked.probe.age());
    println!("age: {named:?}");
}
