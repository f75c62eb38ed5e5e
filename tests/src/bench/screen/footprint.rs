//! What the agent takes while nothing happens, and how large it is.

use std::sync::Arc;
use std::time::Duration;

use beckon_peer::screen::Rect;

use super::beckon::Beckon;
use super::diary::Diary;
use super::peers::Peer as _;
use super::usage;
use crate::bed::Bed;
use crate::bench::{Figure, Goal, now};
use crate::programs::Programs;
use crate::stage::Stage;
use crate::workload::Watch;

const WHILE: Duration = Duration::from_secs(20);
/// The window has come to rest.
const SETTLE: Duration = Duration::from_secs(3);

/// A still desk that is looked at.
pub fn run() -> Vec<Figure> {
    let _stage = Stage::take();
    let bed = Bed::open();
    let mut beckon = Beckon::on(&bed);
    let rect = Rect { x: 0, y: 0, width: 8, height: 8 };
    let watch = Watch { rect, cell: (8, 8), tolerance: 0 };
    beckon.look(Arc::new(Diary::new(watch, None)));
    std::thread::sleep(SETTLE);
    let (begun, before) = (now(), usage::process(beckon.agent()));
    std::thread::sleep(WHILE);
    let taken = usage::process(beckon.agent()).saturating_sub(before);
    let share = taken.as_secs_f64() / begun.elapsed().as_secs_f64() * 100.0;
    let memory = usage::resident(beckon.agent()) - beckon.joined().window_memory;
    beckon.look_away();
    let size = std::fs::metadata(Programs::handed_out_agent()).expect("the agent").len();
    let figure = |name, value, unit, peer, limit| Figure {
        name,
        value,
        unit,
        peer,
        limit,
        goal: Goal::AtMost(1.0),
    };
    vec![
        figure("agent while nothing happens, of a core", share, "%", "0.5 %", 0.5),
        figure("agent above its first window, resident", memory, "MB", "80 MB", 80.0),
        figure("agent, the file", size as f64 / 1_000_000.0, "MB", "10 MB", 10.0),
    ]
}
