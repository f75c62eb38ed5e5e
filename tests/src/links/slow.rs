//! What people see and can do over networks that are slow.
//!
//! The strict figures are measured by `scripts/bench links`; here stands what holds on a busy
//! machine too.

use std::time::Duration;

use beckon_tests::canvas::{Canvas, pattern};
use beckon_tests::clock::{Deadline, PATIENCE, within};
use beckon_tests::desk::Desk;
use beckon_tests::inside::probe::{Facts, Seen};
use beckon_tests::linked::{Firsts, Helpdesk, Terminal, busy, percentile, rgba, whole_tiles};
use beckon_tests::proxy::Way;
use beckon_tests::stage::Stage;

const MS: Duration = Duration::from_millis(1);
const MB: u64 = 1_000_000;
/// The machine is shared: a limit is missed only where it is missed by so much.
const BUSY: u32 = 4;

#[test]
fn at_two_megabits_the_picture_stays_young_while_people_type_and_text_scrolls() {
    let _stage = Stage::take();
    let desk = Desk::open("user");
    let notes = Terminal::to_type_in(&desk, (40, 60));
    let _log = Terminal::scrolling(&desk, (40, 420), 10);
    let mut helpdesk = Helpdesk::opens();
    let linked = helpdesk.helps(&desk);
    linked.shown();
    notes.take_keyboard(&desk);
    for trip in [20 * MS, 80 * MS, 200 * MS] {
        linked.network(Way::of_round_trip(trip).at(2_000_000));
        busy(&desk, &linked.probe, 3_000 * MS);
        let old = percentile(linked.probe.ages(), 95).expect("an age");
        let bound = trip * 2 + 200 * MS;
        println!("round trip {trip:?}: p95 age {old:?}, bound {bound:?}");
        assert!(old <= bound * BUSY, "round trip {trip:?}: {old:?}");
    }
    assert_eq!(linked.probe.ended(), None);
}

#[test]
fn at_256_kilobits_text_comes_first_and_input_does_not_wait_for_the_rest() {
    let _stage = Stage::take();
    let desk = Desk::open("user");
    let notes = Terminal::to_type_in(&desk, (40, 60));
    notes.write(&desk, "what was written before anybody came to help");
    let photo = Canvas::show(&desk, "Photo", (100, 480), pattern(240, 180));
    let mut helpdesk = Helpdesk::opens();
    let linked = helpdesk.helps(&desk);
    notes.take_keyboard(&desk);
    let trip = 80 * MS;
    linked.network(Way::of_round_trip(trip).at(256_000));
    let (text, picture) = (whole_tiles(notes.text), whole_tiles(photo.window(&desk).place()));
    let firsts = linked.begins_with(text, picture);
    let Firsts { text: Some(text), photo: Some(photo), all: Some(all) } = firsts else {
        panic!("{firsts:?}")
    };
    println!("text exact: {text:?}, photo begins: {photo:?}, everything is there: {all:?}");
    assert!(text.0 <= photo.0, "text comes first: {text:?} {photo:?}");
    assert!(all.1 <= 10_000 * MS * 2, "the first picture: {all:?}");
    let mut typed: Vec<_> =
        ["a", "b", "c", "d", "e"].map(|key| linked.types(&notes, key).expect("seen")).into();
    typed.sort_unstable();
    println!("typed characters: {typed:?}");
    assert!(typed[2] <= (trip + 500 * MS) * BUSY, "{typed:?}");
}

#[test]
fn at_64_kilobits_nothing_ends_by_itself_and_memory_stays_bounded() {
    let _stage = Stage::take();
    let desk = Desk::open("user");
    let notes = Terminal::to_type_in(&desk, (40, 60));
    let mut helpdesk = Helpdesk::opens();
    let mut linked = helpdesk.helps(&desk);
    linked.network(Way::of_round_trip(200 * MS).at(64_000).queues(64_000));
    linked.shown();
    let is_whole = |seen: &Seen| !seen.behind;
    let whole = |facts: &Facts| facts.updates.last().is_some_and(is_whole);
    assert!(linked.probe.wait_until(PATIENCE * 2, whole), "the first picture");
    let before = (linked.memory_of_agent(), helpdesk.memory());

    let log = Terminal::scrolling(&desk, (40, 420), 10);
    let photo = Canvas::show(&desk, "Photo", (700, 420), pattern(500, 300));
    notes.take_keyboard(&desk);
    linked.probe.forget();
    // Longer than a connection may be silent.
    let over = Deadline::after(17_000 * MS);
    let mut typed = Vec::new();
    while !over.passed() {
        if notes.has_room() {
            typed.push(linked.types(&notes, "x").expect("input arrives and is seen"));
        }
        std::thread::sleep(300 * MS);
    }
    let oldest = linked.probe.ages().into_iter().max().expect("an age is known");
    let largest = linked.probe.updates().iter().map(|seen| seen.bytes).max();
    println!("typed: {typed:?}, oldest picture {oldest:?}, largest update {largest:?} bytes");
    assert_eq!((linked.probe.ended(), linked.probe.counts().tunnels), (None, 1));
    assert!(oldest > 1_000 * MS, "so much does not fit through: the age says so");
    let after = (linked.memory_of_agent(), helpdesk.memory());
    println!("memory of agent and server before {before:?}, after {after:?}");
    assert!(after.0 < before.0 + 60 * MB, "the agent keeps what it cannot send");
    assert!(after.1 < before.1 + 30 * MB, "the server keeps what it cannot send");

    log.close();
    drop(photo);
    linked.network(Way::of_round_trip(20 * MS));
    let young = within(PATIENCE, || linked.probe.age().filter(|age| *age < 300 * MS));
    assert!(young.is_some(), "it recovers: {:?}", linked.probe.age());
    let exact = within(PATIENCE, || {
        let there = desk.picture();
        let wanted = rgba(&there, notes.rect());
        (linked.probe.pixels(notes.rect()) == wanted).then_some(())
    });
    assert!(exact.is_some(), "what is shown is what is there");
}
