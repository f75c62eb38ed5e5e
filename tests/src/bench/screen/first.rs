//! How a session begins, and how its picture comes to rest.

use std::sync::Arc;
use std::time::Duration;

use super::beckon::Beckon;
use super::diary::Diary;
use super::observer::{Observer, anything};
use super::peers::Peer;
use crate::bed::{Bed, HEIGHT, WIDTH};
use crate::bench::{Figure, Goal, median, millis, now};
use crate::stage::Stage;
use crate::workload::Workload;

use beckon_peer::screen::Rect;

const ROUNDS: usize = 5;
/// The goal from the yes to the first picture, in milliseconds.
const FIRST: f64 = 150.0;
/// As long as is waited for a picture to be exact.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long work goes on before it stops.
const WORK: Duration = Duration::from_secs(1);
/// Nothing has changed for so long: what is there now is what must be shown.
const QUIET: Duration = Duration::from_millis(150);

/// From the yes to the first picture, the median of some sessions.
pub fn run() -> Vec<Figure> {
    let _stage = Stage::take();
    let bed = Bed::open();
    let took = (0..ROUNDS).map(|_| Beckon::on(&bed).joined().first_picture);
    vec![Figure {
        name: "approval recorded -> first picture at 1080p",
        value: millis(median(took.collect())),
        unit: "ms",
        peer: "150 ms",
        limit: FIRST,
        goal: Goal::AtMost(1.0),
    }]
}

/// How long after the last change of the desk the whole picture is the same bit for bit;
/// `None` where it is not within some seconds, or where the desk never rests.
pub fn rest(peer: &mut dyn Peer, bed: &Bed, work: &mut dyn Workload) -> Option<Duration> {
    let desk = Rect { x: 0, y: 0, width: WIDTH.into(), height: HEIGHT.into() };
    let observer = Observer::begin(bed, anything());
    work.ready();
    peer.look(Arc::new(Diary::new(work.watch(), None)));
    work.work(WORK);
    work.rest();
    let begun = now();
    let mut exact = None;
    while begun.elapsed() < PATIENCE && exact.is_none() {
        std::thread::sleep(QUIET);
        let changed = observer.last_change();
        if changed.elapsed() < QUIET {
            continue;
        }
        let truth = bed.pixels(desk);
        while observer.last_change() == changed && begun.elapsed() < PATIENCE {
            let (differing, at) = peer.differing(&truth);
            if differing == 0 {
                exact = Some(at.saturating_duration_since(changed));
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    peer.look_away();
    exact
}
