//! One peer at one workload for some seconds.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::diary::{Diary, Seen, Sighting, Still};
use super::observer::Observer;
use super::peers::Peer;
use super::sleeper::Sleeper;
use crate::bed::Bed;
use crate::bench::{millis, now};
use crate::workload::Workload;

/// The viewer has seen everything and the servers have calmed down.
const SETTLE: Duration = Duration::from_millis(900);
/// After the work: what is still on its way belongs to it, and so does what makes it exact.
const TAIL: Duration = Duration::from_millis(600);
/// A state of the desk that is shown later than this is a stall.
const STALL: Duration = Duration::from_millis(100);
/// As far back as a picture is looked for in the truth.
const BACK: usize = 240;

/// What was measured.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Run {
    /// Milliseconds from the change on the desk to the decoded pixel: each state that was shown.
    pub latencies: Vec<f64>,
    /// The same for each state of the desk, with those that were passed over: to the next one.
    pub lags: Vec<f64>,
    /// States of the desk a second.
    pub drawn: f64,
    /// Different ones among them that were shown, a second.
    pub shown: f64,
    /// Bytes a second that the viewer received.
    pub bytes: f64,
    /// Seconds of processor a second: what shows.
    pub server_cpu: f64,
    /// Seconds of processor a second: the viewer.
    pub viewer_cpu: f64,
    /// How close pictures of a film are to the truth, in decibels; without a loss 99.
    pub psnr: Option<f64>,
    /// Milliseconds of each stall that the machine does not explain.
    pub stalls: Vec<f64>,
}

/// Lets a peer look while work goes on.
pub fn measure(
    peer: &mut dyn Peer,
    bed: &Bed,
    work: &mut dyn Workload,
    span: Duration,
    sleeper: &Sleeper,
) -> Run {
    work.ready();
    let diary = Arc::new(Diary::new(work.watch(), work.still()));
    peer.look(Arc::clone(&diary));
    std::thread::sleep(SETTLE);
    let observer = Observer::begin(bed, Diary::new(work.watch(), work.still()));
    let (begun, received) = (now(), peer.received());
    let (server, viewer) = (peer.server_cpu(), peer.viewer_cpu());
    work.work(span);
    let over = now();
    std::thread::sleep(TAIL);
    let bytes = peer.received() - received;
    let (server, viewer) =
        (peer.server_cpu().saturating_sub(server), peer.viewer_cpu().saturating_sub(viewer));
    let whole = begun.elapsed();
    let (truth, seen) = (observer.end(), diary.close());
    work.rest();
    peer.look_away();
    let per_second = |count: f64, time: Duration| count / time.as_secs_f64();
    let tolerance = work.watch().tolerance;
    let truth_of_run = within(&truth, begun, over);
    let matched = matched(&truth.sightings, &seen.sightings, tolerance);
    let mut run = Run {
        drawn: per_second(truth_of_run as f64, over - begun),
        bytes: per_second(bytes as f64, over - begun),
        server_cpu: per_second(server.as_secs_f64(), whole),
        viewer_cpu: per_second(viewer.as_secs_f64(), whole),
        psnr: psnr(&truth.stills, &seen.stills),
        ..Run::default()
    };
    let mut shown = 0;
    for (index, state) in truth.sightings.iter().enumerate().skip(1) {
        if state.at < begun || state.at > over {
            continue;
        }
        let own = matched.iter().find(|(state, _)| *state == index);
        if let Some((_, at)) = own {
            shown += 1;
            run.latencies.push(millis(at.saturating_duration_since(state.at)));
        }
        let next = matched.iter().filter(|(state, _)| *state >= index).map(|(_, at)| *at).min();
        if let Some(at) = next {
            let lag = at.saturating_duration_since(state.at);
            run.lags.push(millis(lag));
            if lag > STALL + sleeper.overslept(state.at, at) {
                run.stalls.push(millis(lag));
            }
        }
    }
    run.shown = per_second(f64::from(shown), over - begun);
    run
}

fn within(seen: &Seen, from: Instant, to: Instant) -> usize {
    seen.sightings.iter().filter(|state| state.at >= from && state.at <= to).count()
}

/// Which state of the desk a viewer first showed when.
fn matched(truth: &[Sighting], seen: &[Sighting], tolerance: u8) -> Vec<(usize, Instant)> {
    let mut found: Vec<(usize, Instant)> = Vec::new();
    for sighting in seen {
        let known = truth.partition_point(|state| state.at <= sighting.at);
        let recent = truth.iter().enumerate().take(known).skip(known.saturating_sub(BACK)).rev();
        let best = recent
            .map(|(index, state)| (state.mark.distance(&sighting.mark), index))
            .min_by_key(|(distance, _)| *distance);
        if let Some((distance, index)) = best
            && distance <= tolerance
            && found.iter().all(|(known, _)| *known != index)
        {
            found.push((index, sighting.at));
        }
    }
    found
}

/// The mean over the pictures that both have.
fn psnr(truth: &[Still], seen: &[Still]) -> Option<f64> {
    const PERFECT: f64 = 99.0;
    let pairs = seen.iter().filter_map(|(number, pixels)| {
        let (_, real) = truth.iter().find(|(known, _)| known == number)?;
        let squares = real.iter().zip(pixels).map(|(real, shown)| {
            let apart = u32::from(real.abs_diff(*shown));
            u64::from(apart * apart)
        });
        // Every fourth byte is always the same.
        let mean = squares.sum::<u64>() as f64 / (real.len() as f64 * 0.75);
        Some(if mean == 0.0 { PERFECT } else { 10.0 * (255.0 * 255.0 / mean).log10() })
    });
    let values: Vec<f64> = pairs.collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The value that a part of the others is below; infinite where there are none.
pub fn quantile(values: &[f64], part: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let index = ((values.len().saturating_sub(1)) as f64 * part).round() as usize;
    values.get(index).copied().unwrap_or(f64::INFINITY)
}

impl Run {
    /// Half of the shown states were faster; infinite where none was shown.
    pub fn median(&self) -> f64 {
        quantile(&self.latencies, 0.5)
    }

    /// Nine of ten were faster.
    pub fn p90(&self) -> f64 {
        quantile(&self.latencies, 0.9)
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shown, drawn, server_cpu, viewer_cpu, .. } = self;
        write!(f, "{:6.1} ms median, {:6.1} ms p90, ", self.median(), self.p90())?;
        write!(f, "{:8.1} kB/s, {shown:5.1} of {drawn:5.1} states/s, ", self.bytes / 1_000.0)?;
        let (server, viewer) = (server_cpu * 100.0, viewer_cpu * 100.0);
        write!(f, "cpu {server:4.0} % + {viewer:4.0} %, lag {:6.1} ms", quantile(&self.lags, 0.5))?;
        if let Some(psnr) = self.psnr {
            write!(f, ", {psnr:4.1} dB")?;
        }
        if let Some(longest) = self.stalls.iter().copied().reduce(f64::max) {
            write!(f, ", {} stalls up to {longest:.0} ms", self.stalls.len())?;
        }
        Ok(())
    }
}
