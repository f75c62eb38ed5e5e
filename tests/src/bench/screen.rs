//! The screen beside VNC: the same work on the same desk, seen through each in turn.

mod beckon;
mod chart;
mod diary;
mod first;
mod footprint;
mod observer;
mod peers;
mod results;
mod run;
mod sleeper;
mod usage;
mod vnc;

use std::time::Duration;

use super::Figure;
use crate::bed::Bed;
use crate::stage::Stage;
use crate::workload::{Begin, WORKLOADS, Workload};

use self::beckon::Beckon;
use self::peers::Peer;
use self::results::Results;
use self::run::{Run, measure};
use self::sleeper::Sleeper;
use self::vnc::{Vnc, free_port};

/// How often every peer does everything.
const ROUNDS: usize = 5;
/// How long a peer is looked at in a round.
const SPAN: Duration = Duration::from_secs(3);
/// The rounds of the long run: ten minutes of mixed work.
const SOAK_ROUNDS: usize = 10;
/// JPEG as `TigerVNC`'s viewer asks for it on a fast network.
const VNC_QUALITY: u8 = 8;
/// The best JPEG that a viewer can ask for.
const BEST_QUALITY: u8 = 9;

/// What a part is called, and what runs it.
type Alone = (&'static str, fn() -> Vec<Figure>);

/// The parts that can be run alone, besides the workloads.
const ALONE: [Alone; 2] = [("first", first::run), ("footprint", footprint::run)];

/// Runs everything, or the part of that name; `None` where there is no such part. `quick` is
/// one round: for a look while working, not for a comparison.
pub fn run(part: Option<&str>, quick: bool) -> Option<Vec<Figure>> {
    let rounds = if quick { 1 } else { ROUNDS };
    match part {
        None => {
            let mut figures = compare(&WORKLOADS, rounds);
            figures.extend(ALONE.iter().flat_map(|(_, run)| run()));
            Some(figures)
        }
        Some("soak") => Some(compare(&WORKLOADS, SOAK_ROUNDS)),
        Some(name) => {
            if let Some((_, run)) = ALONE.iter().find(|(known, _)| *known == name) {
                return Some(run());
            }
            let one = WORKLOADS.iter().find(|(known, _)| *known == name)?;
            Some(compare(std::slice::from_ref(one), rounds))
        }
    }
}

/// Every workload in turn, and in each round every peer in turn.
fn compare(workloads: &[(&'static str, Begin)], rounds: usize) -> Vec<Figure> {
    let _stage = Stage::take();
    let begun = super::now();
    let sleeper = Sleeper::start();
    let bed = Bed::open();
    let port = free_port();
    let own = Bed::in_xvnc(port);
    let mut peers: Vec<Box<dyn Peer + '_>> = vec![
        Box::new(Beckon::on(&bed)),
        Box::new(Vnc::x0vncserver(&bed)),
        Box::new(Vnc::x11vnc(&bed)),
        Box::new(Vnc::xvnc(&own, port)),
    ];
    let mut results = Results::new(rounds);
    for (name, begin) in workloads {
        say(&format!("{name}:"));
        let (mut shared, mut alone) = (begin(&bed), begin(&own));
        let quality = if shared.still().is_some() {
            as_good(&mut peers, &bed, shared.as_mut(), &sleeper)
        } else {
            VNC_QUALITY
        };
        for round in 0..rounds {
            for peer in &mut peers {
                let work = if peer.has_own_desk() { &mut alone } else { &mut shared };
                let place = if peer.has_own_desk() { &own } else { &bed };
                peer.prefer(quality);
                let run = measure(peer.as_mut(), place, work.as_mut(), SPAN, &sleeper);
                say(&format!("  {} {:<12} {run}", round + 1, peer.name()));
                results.add(name, peer.name(), run);
            }
        }
        results.exact(name, first::rest(&mut *peers[0], &bed, shared.as_mut()));
    }
    results.over(begun.elapsed());
    drop(peers);
    results.keep();
    say(&results.table());
    results.figures()
}

/// The JPEG quality with which VNC shows a film as well as Beckon does: whose PSNR is nearest.
fn as_good(
    peers: &mut [Box<dyn Peer + '_>],
    bed: &Bed,
    film: &mut dyn Workload,
    sleeper: &Sleeper,
) -> u8 {
    let [ours, theirs, ..] = peers else { return VNC_QUALITY };
    let goal = measure(ours.as_mut(), bed, film, SPAN, sleeper).psnr.unwrap_or_default();
    let mut reached = |quality: u8| {
        theirs.prefer(quality);
        let psnr = measure(theirs.as_mut(), bed, film, SPAN, sleeper).psnr.unwrap_or_default();
        say(&format!("  JPEG quality {quality}: {psnr:.1} dB; Beckon: {goal:.1} dB"));
        psnr - goal
    };
    let mut nearest = (f64::INFINITY, BEST_QUALITY);
    for quality in 1..=BEST_QUALITY {
        let beyond = reached(quality);
        if beyond.abs() < nearest.0.abs() {
            nearest = (beyond, quality);
        }
        if beyond > 0.0 {
            break;
        }
    }
    nearest.1
}

#[expect(clippy::print_stdout, reason = "a run takes minutes: whoever waits sees it go on")]
fn say(line: &str) {
    println!("{line}");
}

/// The runs of one peer at one workload, round after round.
type Runs = Vec<Run>;
