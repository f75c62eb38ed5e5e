//! What is seen, and how late, over networks that are slow or break.

use std::time::Duration;

use super::{Figure, Goal, millis, now};
use crate::canvas::{Canvas, pattern};
use crate::clock::{Deadline, PATIENCE};
use crate::desk::Desk;
use crate::inside::probe::Facts;
use crate::linked::{Helpdesk, Linked, Terminal, busy, percentile, whole_tiles};
use crate::proxy::Way;
use crate::stage::Stage;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const ROUNDS: usize = 3;

/// Rate in bits in a second, round trip, and what they are called.
const NETWORKS: [(u64, Duration, &str); 6] = [
    (2_000_000, Duration::from_millis(20), "2 Mbit/s, 20 ms: age while typing and scrolling, p95"),
    (2_000_000, Duration::from_millis(80), "2 Mbit/s, 80 ms: the same"),
    (2_000_000, Duration::from_millis(200), "2 Mbit/s, 200 ms: the same"),
    (100_000_000, Duration::from_millis(20), "100 Mbit/s, 20 ms: the same"),
    (100_000_000, Duration::from_millis(80), "100 Mbit/s, 80 ms: the same"),
    (100_000_000, Duration::from_millis(200), "100 Mbit/s, 200 ms: the same"),
];

/// Runs all measurements.
pub fn run() -> Vec<Figure> {
    let _stage = Stage::take();
    let mut helpdesk = Helpdesk::opens();
    let mut figures = young(&mut helpdesk);
    figures.extend(crowded(&mut helpdesk));
    figures.extend(narrow(&mut helpdesk));
    figures.push(moved(&mut helpdesk));
    figures
}

fn figure(
    name: &'static str,
    value: f64,
    unit: &'static str,
    goal: Option<(&'static str, f64)>,
) -> Figure {
    let (peer, limit, goal) = match goal {
        Some((peer, limit)) => (peer, limit, Goal::AtMost(1.0)),
        None => ("itself", value, Goal::Any),
    };
    Figure { name, value, unit, peer, limit, goal }
}

fn middle(mut values: Vec<Duration>) -> Duration {
    values.sort_unstable();
    values[values.len() / 2]
}

/// The age of the picture, the median of some rounds.
fn young(helpdesk: &mut Helpdesk) -> Vec<Figure> {
    let desk = Desk::open("user");
    let notes = Terminal::to_type_in(&desk, (40, 60));
    let _log = Terminal::scrolling(&desk, (40, 420), 10);
    let linked = helpdesk.helps(&desk);
    linked.shown();
    notes.take_keyboard(&desk);
    let measure = |(rate, trip, name): (u64, Duration, &'static str)| {
        linked.network(Way::of_round_trip(trip).at(rate));
        let old = (0..ROUNDS).map(|_| {
            busy(&desk, &linked.probe, 6 * SECOND);
            percentile(linked.probe.ages(), 95).expect("an age")
        });
        let limit = millis(trip * 2 + 200 * MS);
        figure(name, millis(middle(old.collect())), "ms", Some(("2 x RTT + 200 ms", limit)))
    };
    NETWORKS.into_iter().map(measure).collect()
}

/// The first picture at 256 kbit/s, and input while it gets sharp and afterwards.
fn crowded(helpdesk: &mut Helpdesk) -> Vec<Figure> {
    let (mut text, mut all, mut typed) = (Vec::new(), Vec::new(), Vec::new());
    let trip = 80 * MS;
    for _ in 0..ROUNDS {
        let desk = Desk::open("user");
        let notes = Terminal::to_type_in(&desk, (40, 60));
        notes.write(&desk, "what was written before anybody came to help");
        let photo = Canvas::show(&desk, "Photo", (100, 480), pattern(240, 180));
        let linked = helpdesk.helps(&desk);
        notes.take_keyboard(&desk);
        linked.network(Way::of_round_trip(trip).at(256_000));
        let picture = whole_tiles(photo.window(&desk).place());
        let firsts = linked.begins_with(whole_tiles(notes.text), picture);
        text.push(firsts.text.expect("the text was seen").1);
        all.push(firsts.all.expect("all was seen").1);
        typed.extend(types(&linked, &notes, 7));
    }
    let limit = millis(trip + 500 * MS);
    vec![
        figure("256 kbit/s, 80 ms: start -> text exact", millis(middle(text)), "ms", None),
        figure(
            "256 kbit/s, 80 ms: start -> all is there",
            millis(middle(all)),
            "ms",
            Some(("10 s", 10_000.0)),
        ),
        figure(
            "256 kbit/s, 80 ms: a typed character is seen",
            millis(middle(typed)),
            "ms",
            Some(("RTT + 500 ms", limit)),
        ),
    ]
}

fn types(linked: &Linked<'_>, notes: &Terminal, times: usize) -> Vec<Duration> {
    let keys = ["a", "b", "c"].into_iter().cycle().take(times);
    keys.map(|key| linked.types(notes, key).expect("it is seen")).collect()
}

/// Half a minute at 64 kbit/s with more on the screen than fits through.
fn narrow(helpdesk: &mut Helpdesk) -> Vec<Figure> {
    let desk = Desk::open("user");
    let notes = Terminal::to_type_in(&desk, (40, 60));
    let mut linked = helpdesk.helps(&desk);
    linked.network(Way::of_round_trip(200 * MS).at(64_000));
    let begun = now();
    linked.shown();
    let whole = |facts: &Facts| facts.updates.last().is_some_and(|seen| !seen.behind);
    assert!(linked.probe.wait_until(PATIENCE * 2, whole), "the first picture");
    let first = begun.elapsed();
    let before = (linked.memory_of_agent(), helpdesk.memory());
    let _log = Terminal::scrolling(&desk, (40, 420), 10);
    let _photo = Canvas::show(&desk, "Photo", (700, 420), pattern(500, 300));
    notes.take_keyboard(&desk);
    linked.probe.forget();
    let over = Deadline::after(30 * SECOND);
    let mut typed = Vec::new();
    while !over.passed() {
        if notes.has_room() {
            typed.extend(types(&linked, &notes, 1));
        }
        std::thread::sleep(300 * MS);
    }
    let ended = linked.probe.ended().is_some() || linked.probe.counts().tunnels > 1;
    let oldest = percentile(linked.probe.ages(), 95).expect("an age");
    let grown = |after: u64, before: u64| after.saturating_sub(before) as f64 / 1e6;
    let agent = grown(linked.memory_of_agent(), before.0);
    let server = grown(helpdesk.memory(), before.1);
    vec![
        figure("64 kbit/s, 200 ms: start -> all is there", millis(first), "ms", None),
        figure("64 kbit/s, 200 ms: a typed character is seen", millis(middle(typed)), "ms", None),
        figure("64 kbit/s, 200 ms: age, p95", millis(oldest), "ms", None),
        figure("64 kbit/s: the agent grew", agent, "MB", Some(("60 MB", 60.0))),
        figure("64 kbit/s: the server grew", server, "MB", Some(("30 MB", 30.0))),
        figure(
            "64 kbit/s: ended by itself in 30 s",
            f64::from(u8::from(ended)),
            "",
            Some(("never", f64::MIN_POSITIVE)),
        ),
    ]
}

/// Another address in the middle of a session.
fn moved(helpdesk: &mut Helpdesk) -> Figure {
    let desk = Desk::open("user");
    let _log = Terminal::scrolling(&desk, (40, 420), 10);
    let linked = helpdesk.helps(&desk);
    linked.network(Way::of_round_trip(20 * MS));
    linked.shown();
    let channels = linked.probe.counts().tunnels;
    let begun = now();
    linked.proxy.change_address();
    let up = linked.probe.wait_until(PATIENCE, |facts| facts.up && facts.tunnels > channels);
    assert!(up, "no channel comes back");
    let seen = linked.probe.wait_for(PATIENCE, |_| true).expect("a picture");
    let took = millis(seen.saturating_duration_since(begun));
    figure("another address -> the picture is back", took, "ms", Some(("5 s", 5_000.0)))
}
