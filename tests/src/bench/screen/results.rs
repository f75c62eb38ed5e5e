//! All runs of a measurement, and what they say.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::json;

use super::run::{Run, quantile};
use super::{Runs, chart};
use crate::bench::{Figure, Goal, millis};
use crate::scratch::workspace;

/// Whom goals are held against.
const AGAINST: &str = "x0vncserver";
/// Who has the goals.
const OURS: &str = "Beckon";
/// A round misses badly where its ratio is that much beyond the goal.
const BADLY: f64 = 1.25;
/// The picture is exact so soon after the last change, in milliseconds.
const EXACT: f64 = 500.0;

/// What is compared: its name, its value in a run.
type Measure = (&'static str, fn(&Run) -> f64);

const LATENCY: Measure = ("latency", Run::median);
const BYTES: Measure = ("bytes", |run| run.bytes);

/// The goals: workload, measure, ratio; and the name of the rule that few rounds miss it.
const GOALS: [(&str, Measure, Goal, &str, &str); 9] = [
    ("idle", LATENCY, Goal::AtMost(0.2), "idle patch, latency", "idle patch, latency: bad rounds"),
    ("letters", LATENCY, Goal::AtMost(0.4), "letters, latency", "letters, latency: bad rounds"),
    ("typing", LATENCY, Goal::AtMost(0.4), "typing, latency", "typing, latency: bad rounds"),
    ("typing", BYTES, Goal::AtMost(0.06), "typing, bytes", "typing, bytes: bad rounds"),
    ("scroll", LATENCY, Goal::AtMost(0.55), "scroll, latency", "scroll, latency: bad rounds"),
    ("scroll", BYTES, Goal::AtMost(0.05), "scroll, bytes", "scroll, bytes: bad rounds"),
    (
        "drag",
        LATENCY,
        Goal::AtMost(1.0),
        "window drag, latency",
        "window drag, latency: bad rounds",
    ),
    ("drag", BYTES, Goal::AtMost(0.25), "window drag, bytes", "window drag, bytes: bad rounds"),
    ("video", LATENCY, Goal::AtMost(0.8), "video, latency", "video, latency: bad rounds"),
];

/// States a second: workload, how many times the other's are wanted, and the names of the figures.
/// Nobody shows more than is drawn: all of that is as good.
const STATES: [(&str, f64, &str, &str); 2] = [
    ("scroll", 1.4, "scroll, states/s", "scroll, states/s of 1.4 x theirs or all"),
    ("video", 1.3, "video, states/s", "video, states/s of 1.3 x theirs or all"),
];
/// All that is drawn, but for what is passed over at the ends of a run.
const ALL: f64 = 0.95;

/// Runs of peers at workloads.
pub struct Results {
    rounds: usize,
    /// In the order of the first run: workload, peer, its runs.
    runs: Vec<(&'static str, &'static str, Runs)>,
    /// After which workload the picture was exact when.
    exact: Vec<(&'static str, Option<Duration>)>,
    took: Duration,
}

impl Results {
    /// None yet.
    pub fn new(rounds: usize) -> Self {
        Self { rounds, runs: Vec::new(), exact: Vec::new(), took: Duration::ZERO }
    }

    /// One more.
    pub fn add(&mut self, workload: &'static str, peer: &'static str, run: Run) {
        let is = |known: &&mut (&str, &str, Runs)| (known.0, known.1) == (workload, peer);
        match self.runs.iter_mut().find(is) {
            Some((_, _, runs)) => runs.push(run),
            None => self.runs.push((workload, peer, vec![run])),
        }
    }

    /// When the picture of Beckon was exact after a workload.
    pub fn exact(&mut self, workload: &'static str, after: Option<Duration>) {
        self.exact.push((workload, after));
    }

    /// It took so long.
    pub fn over(&mut self, took: Duration) {
        self.took = took;
    }

    /// The workloads, each once.
    pub fn workloads(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.runs.iter().map(|(workload, ..)| *workload).collect();
        names.dedup();
        names
    }

    /// The peers, each once.
    pub fn peers(&self) -> Vec<&'static str> {
        let first = self.runs.first().map(|(workload, ..)| *workload);
        let of_first = self.runs.iter().filter(|(workload, ..)| Some(*workload) == first);
        of_first.map(|(_, peer, _)| *peer).collect()
    }

    /// The median of a value over the rounds; `None` where nothing was run.
    pub fn median(&self, workload: &str, peer: &str, value: fn(&Run) -> f64) -> Option<f64> {
        let runs = self.of(workload, peer);
        let values: Vec<f64> = runs.iter().map(value).collect();
        (!values.is_empty()).then(|| quantile(&values, 0.5))
    }

    fn of(&self, workload: &str, peer: &str) -> &[Run] {
        let is = |known: &&(&str, &str, Runs)| (known.0, known.1) == (workload, peer);
        self.runs.iter().find(is).map_or(&[], |(_, _, runs)| runs)
    }

    /// Of each round, the part of the other's value that ours is.
    fn ratios(&self, workload: &str, value: fn(&Run) -> f64) -> Vec<f64> {
        let pairs = self.of(workload, OURS).iter().zip(self.of(workload, AGAINST));
        let ratios = pairs.map(|(ours, theirs)| value(ours) / value(theirs));
        // Whoever shows nothing is no measure for anybody.
        ratios.map(|ratio| if ratio > 0.0 { ratio } else { f64::INFINITY }).collect()
    }

    /// A line for each peer at each workload: medians of the rounds.
    pub fn table(&self) -> String {
        let mut table = format!(
            "\n{:<8}{:<13}{:>10}{:>10}{:>11}{:>10}{:>9}{:>9}{:>9}{:>8}{:>8}\n",
            "",
            "",
            "median ms",
            "p90 ms",
            "kB/s",
            "states/s",
            "drawn/s",
            "server %",
            "viewer %",
            "PSNR",
            "stalls"
        );
        for (workload, peer, runs) in &self.runs {
            let of = |value: fn(&Run) -> f64| self.median(workload, peer, value).unwrap_or(0.0);
            let films: Vec<f64> = runs.iter().filter_map(|run| run.psnr).collect();
            let psnr = if films.is_empty() {
                "-".to_owned()
            } else {
                format!("{:.1}", quantile(&films, 0.5))
            };
            let stalls: usize = runs.iter().map(|run| run.stalls.len()).sum();
            let written = writeln!(
                table,
                "{workload:<8}{peer:<13}{:>10.1}{:>10.1}{:>11.1}{:>10.1}{:>9.1}{:>9.0}{:>9.0}{psnr:>8}{stalls:>8}",
                of(Run::median),
                of(Run::p90),
                of(|run| run.bytes / 1_000.0),
                of(|run| run.shown),
                of(|run| run.drawn),
                of(|run| run.server_cpu * 100.0),
                of(|run| run.viewer_cpu * 100.0),
            );
            debug_assert!(written.is_ok());
        }
        let minutes = self.took.as_secs_f64() / 60.0;
        let longest = |peer: &str| {
            let runs = self.runs.iter().filter(|(_, known, _)| *known == peer);
            let stalls = runs.flat_map(|(_, _, runs)| runs).flat_map(|run| &run.stalls);
            stalls.copied().fold(0.0, f64::max)
        };
        let rounds = self.rounds;
        let written = writeln!(
            table,
            "{rounds} rounds in {minutes:.1} minutes; longest stall: {OURS} {:.0} ms, {AGAINST} {:.0} ms. \
             Xvnc is the X server itself: it is told what is drawn.",
            longest(OURS),
            longest(AGAINST)
        );
        debug_assert!(written.is_ok());
        table
    }

    /// What is held against a goal. A ratio is the median of the rounds'; one round may miss its
    /// goal by more than a quarter.
    pub fn figures(&self) -> Vec<Figure> {
        let mut figures = Vec::new();
        for (workload, (_, value), goal, name, bad_name) in GOALS {
            let ratios = self.ratios(workload, value);
            if ratios.is_empty() {
                continue;
            }
            let bad = ratios.iter().filter(|ratio| match goal {
                Goal::AtMost(most) => **ratio > most * BADLY,
                Goal::AtLeast(least) => **ratio < least / BADLY,
                Goal::Any => false,
            });
            let bad = bad.count() as f64;
            let median = quantile(&ratios, 0.5);
            let figure = |name, value, unit, peer, limit, goal| Figure {
                name,
                value,
                unit,
                peer,
                limit,
                goal,
            };
            figures.push(figure(name, median, "x", AGAINST, 1.0, goal));
            figures.push(figure(bad_name, bad, "", "one", 1.0, Goal::AtMost(1.0)));
        }
        for (workload, wanted, plain, name) in STATES {
            let ratios = self.ratios(workload, |run| run.shown);
            if ratios.is_empty() {
                continue;
            }
            figures.push(Figure {
                name: plain,
                value: quantile(&ratios, 0.5),
                unit: "x",
                peer: AGAINST,
                limit: 1.0,
                goal: Goal::Any,
            });
            let pairs = self.of(workload, OURS).iter().zip(self.of(workload, AGAINST));
            let reached = pairs
                .map(|(ours, theirs)| ours.shown / (wanted * theirs.shown).min(ALL * ours.drawn))
                .collect::<Vec<_>>();
            figures.push(Figure {
                name,
                value: quantile(&reached, 0.5),
                unit: "",
                peer: "that",
                limit: 1.0,
                goal: Goal::AtLeast(1.0),
            });
        }
        let worst = self.exact.iter().map(|(_, after)| after.map_or(f64::INFINITY, millis));
        if let Some(worst) = worst.reduce(f64::max) {
            figures.push(Figure {
                name: "last change -> the same bit for bit, worst workload",
                value: worst,
                unit: "ms",
                peer: "500 ms",
                limit: EXACT,
                goal: Goal::AtMost(1.0),
            });
        }
        let ours = self.runs.iter().filter(|(_, peer, _)| *peer == OURS);
        let stalls: usize = ours.flat_map(|(_, _, runs)| runs).map(|run| run.stalls.len()).sum();
        figures.push(Figure {
            name: "stalls above 100 ms that a sleeper does not show",
            value: stalls as f64,
            unit: "",
            peer: "one (none is allowed)",
            limit: 1.0,
            goal: Goal::AtMost(0.0),
        });
        figures
    }

    /// Writes every run to `target/bench/screen-runs.json`, and the chart to
    /// `target/bench/screen.svg` where everything was run.
    pub fn keep(&self) {
        let folder = workspace().join("target/bench");
        std::fs::create_dir_all(&folder).expect("a folder");
        let runs = self.runs.iter().map(
            |(workload, peer, runs)| json!({ "workload": workload, "peer": peer, "rounds": runs }),
        );
        let exact = self.exact.iter().map(|(workload, after)| {
            json!({ "workload": workload, "exact_after_ms": after.map(millis) })
        });
        let all = json!({
            "minutes": self.took.as_secs_f64() / 60.0,
            "runs": runs.collect::<Vec<_>>(),
            "exact": exact.collect::<Vec<_>>(),
        });
        let bytes = serde_json::to_vec_pretty(&all).expect("plain values");
        std::fs::write(folder.join("screen-runs.json"), bytes).expect("a file");
        std::fs::write(folder.join("screen.svg"), chart::drawn(self)).expect("a file");
    }
}
