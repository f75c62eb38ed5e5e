//! A Control that does not behave: the agent bounds it or ends the session, and others go on.

use std::time::Duration;

use beckon_events::session::EndReason;
use beckon_peer::{ControlMessage, InputEvent, Point};
use beckon_protocol::ControlSays;
use beckon_tests::clock::{Deadline, PATIENCE};
use beckon_tests::desk::Desk;
use beckon_tests::inside::probe::{Acks, Over, Probe};
use beckon_tests::linked::{Helpdesk, Linked, Terminal};
use beckon_tests::stage::Stage;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const MB: u64 = 1_000_000;

/// Waits until no update comes any more.
fn falls_silent(probe: &Probe) -> u64 {
    loop {
        let before = probe.counts().updates;
        if !probe.wait_until(SECOND, |facts| facts.decoded != before) {
            return before;
        }
    }
}

/// Updates go on coming.
fn goes_on(probe: &Probe) -> bool {
    let before = probe.counts().updates;
    probe.wait_until(PATIENCE, |facts| facts.decoded >= before + 3)
}

/// Says `message` about so often for two seconds; how often it was taken.
fn floods(probe: &Probe, message: impl Fn(u32) -> ControlMessage) -> u32 {
    const A_SECOND: u32 = 10_000;
    let begun = Deadline::after(2 * SECOND);
    let mut said = 0;
    while !begun.passed() {
        let due = begun.elapsed().as_millis() * u128::from(A_SECOND) / 1_000;
        while u128::from(said) < due {
            if !probe.send(&message(said)) {
                return said;
            }
            said += 1;
        }
        std::thread::sleep(MS);
    }
    said
}

fn is_disturbed(linked: &Linked<'_>) -> bool {
    let over = |over: &Over| matches!(over, Over::Ended(_, EndReason::Disturbed));
    linked.probe.wait_until(PATIENCE, |facts| facts.over.as_ref().is_some_and(over))
}

#[test]
fn a_control_that_never_acknowledges_gets_its_credit_and_no_more_and_its_end_is_heard() {
    let _stage = Stage::take();
    let desk = Desk::open("user");
    let _log = Terminal::scrolling(&desk, (40, 60), 20);
    let mut helpdesk = Helpdesk::opens();
    let mut linked = helpdesk.helps(&desk);
    linked.shown();
    assert!(goes_on(&linked.probe));
    let before = (linked.memory_of_agent(), helpdesk.memory(), linked.probe.counts());
    linked.probe.habits(|habits| habits.acks = Acks::Never);
    falls_silent(&linked.probe);
    let counts = linked.probe.counts();
    let updates = counts.updates - before.2.updates;
    println!(
        "{updates} updates, {} bytes without an acknowledgement",
        counts.bytes - before.2.bytes
    );
    assert!(updates <= 12, "the credit is a few updates: {updates}");
    std::thread::sleep(2 * SECOND);
    assert_eq!(linked.probe.counts().updates, counts.updates);
    assert!(linked.memory_of_agent() < before.0 + 40 * MB);
    assert!(helpdesk.memory() < before.1 + 20 * MB);

    let heard = Deadline::after(SECOND);
    linked.probe.say(&ControlSays::End {});
    linked.user.window().sees("Your helper ended it.");
    println!("the end was seen after {:?}", heard.elapsed());
    assert!(heard.elapsed() < 4 * SECOND, "a second, and a busy machine");
}

#[test]
fn acknowledgements_of_what_was_never_sent_end_the_session_and_no_other() {
    let _stage = Stage::take();
    let (desk, other_desk) = (Desk::open("user"), Desk::open("neighbour"));
    let _logs = [&desk, &other_desk].map(|desk| Terminal::scrolling(desk, (40, 60), 20));
    let mut helpdesk = Helpdesk::opens();
    let (liar, neighbour) = (helpdesk.helps(&desk), helpdesk.helps(&other_desk));
    liar.shown();
    neighbour.shown();
    liar.probe.send(&ControlMessage::Ack { update: 1_000_000 });
    assert!(is_disturbed(&liar), "{:?}", liar.probe.ended());
    assert!(goes_on(&neighbour.probe));
    assert_eq!((neighbour.probe.ended(), neighbour.probe.counts().tunnels), (None, 1));
}

#[test]
fn floods_of_requests_and_of_input_grow_nothing_and_hold_up_nobody() {
    let _stage = Stage::take();
    let (desk, other_desk) = (Desk::open("user"), Desk::open("neighbour"));
    let _logs = [&desk, &other_desk].map(|desk| Terminal::scrolling(desk, (40, 60), 20));
    let mut helpdesk = Helpdesk::opens();
    let (mut flooded, neighbour) = (helpdesk.helps(&desk), helpdesk.helps(&other_desk));
    flooded.shown();
    neighbour.shown();
    assert!(goes_on(&flooded.probe) && goes_on(&neighbour.probe));
    let before = (flooded.memory_of_agent(), helpdesk.memory());

    let said = floods(&flooded.probe, |_| ControlMessage::RequestFullPicture);
    let pictures = flooded.probe.facts(|facts| facts.updates.len());
    println!("{said} requests for a full picture: {pictures} updates");
    let pointing = |at: u32| {
        let to = Point { monitor: 0, x: 300 + at % 200, y: 500 };
        ControlMessage::Input(InputEvent::PointerMove(to))
    };
    let moved = floods(&flooded.probe, pointing);
    println!("{moved} moves of the pointer");
    let after = (flooded.memory_of_agent(), helpdesk.memory());
    println!("memory of agent and server before {before:?}, after {after:?}");
    assert!(after.0 < before.0 + 60 * MB && after.1 < before.1 + 20 * MB);
    assert!(goes_on(&neighbour.probe), "the neighbour is not held up");
    assert_eq!((neighbour.probe.ended(), neighbour.probe.counts().tunnels), (None, 1));

    match flooded.probe.ended() {
        None => {
            assert!(goes_on(&flooded.probe), "the picture goes on");
            let heard = Deadline::after(SECOND);
            flooded.probe.say(&ControlSays::End {});
            flooded.user.window().sees("Your helper ended it.");
            println!("the end was seen after {:?}", heard.elapsed());
            assert!(heard.elapsed() < 4 * SECOND, "a second, and a busy machine");
        }
        over => assert!(is_disturbed(&flooded), "{over:?}"),
    }
}
