//! The chart of the documentation: bars for each workload, readable in light and in dark.

use std::fmt::Write as _;

use super::results::Results;
use super::run::Run;

const WIDTH: f64 = 860.0;
const LEFT: f64 = 110.0;
const BAR: f64 = 15.0;
const GAP: f64 = 16.0;
const PANEL: f64 = 215.0;
const BETWEEN: f64 = 35.0;
const TOP: f64 = 74.0;
const LEGEND: f64 = 34.0;

/// What a column of the chart shows: what it is called, and how it is read from a run.
type Column = (&'static str, fn(&Run) -> f64);

const COLUMNS: [Column; 3] = [
    ("Latency, ms (shorter is better)", Run::median),
    ("Bytes, kB/s (shorter is better)", |run| run.bytes / 1_000.0),
    ("States shown a second (longer is better)", |run| run.shown),
];

const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#1f2430}.h{font-weight:600}\
.v{font-size:11px}.p0{fill:#1D5BB8}.p1{fill:#c2571a}.p2{fill:#8a8f98}.p3{fill:#5d8a66}\
.g{fill:#fff}@media(prefers-color-scheme:dark){text{fill:#e6e8ee}.p0{fill:#6ea8ff}\
.p1{fill:#f0955a}.p2{fill:#9aa0aa}.p3{fill:#86bd92}.g{fill:#14171c}}";

/// The chart as an SVG file.
pub fn drawn(results: &Results) -> String {
    let (workloads, peers) = (results.workloads(), results.peers());
    let block = BAR * peers.len() as f64 + GAP;
    let height = TOP + block * workloads.len() as f64 + 10.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\
         <title>Beckon beside VNC servers on the same desk</title><style>{STYLE}</style>\
         <rect class=\"g\" width=\"{WIDTH}\" height=\"{height}\"/>\n"
    );
    for (index, peer) in peers.iter().enumerate() {
        let x = LEFT + 150.0 * index as f64;
        line(
            &mut svg,
            format_args!(
                "<rect class=\"p{index}\" x=\"{x}\" y=\"{}\" width=\"12\" height=\"12\"/>\
             <text x=\"{}\" y=\"{}\">{peer}</text>",
                LEGEND - 20.0,
                x + 18.0,
                LEGEND - 10.0
            ),
        );
    }
    for (row, workload) in workloads.iter().enumerate() {
        let y = TOP + block * row as f64 + BAR * peers.len() as f64 / 2.0 + 4.0;
        line(&mut svg, format_args!("<text class=\"h\" x=\"12\" y=\"{y}\">{workload}</text>"));
    }
    for (column, (title, value)) in COLUMNS.iter().enumerate() {
        let left = LEFT + (PANEL + BETWEEN) * column as f64;
        let y = TOP - 14.0;
        line(&mut svg, format_args!("<text class=\"h\" x=\"{left}\" y=\"{y}\">{title}</text>"));
        for (row, workload) in workloads.iter().enumerate() {
            // Each workload has a scale of its own: what matters is how the peers compare.
            let of = |peer: &str| results.median(workload, peer, *value).unwrap_or(0.0);
            let longest = peers
                .iter()
                .map(|peer| of(peer))
                .filter(|value| value.is_finite())
                .fold(f64::MIN_POSITIVE, f64::max);
            for (index, peer) in peers.iter().enumerate() {
                let (value, y) = (of(peer), TOP + block * row as f64 + BAR * index as f64);
                if !value.is_finite() {
                    line(
                        &mut svg,
                        format_args!(
                            "<text class=\"v\" x=\"{left}\" y=\"{}\">shows nothing</text>",
                            y + 10.0
                        ),
                    );
                    continue;
                }
                let long = (value / longest * (PANEL - 45.0)).max(1.0);
                let digits = usize::from(value < 100.0);
                line(
                    &mut svg,
                    format_args!(
                        "<rect class=\"p{index}\" x=\"{left}\" y=\"{y}\" width=\"{long:.1}\" \
                     height=\"{}\" rx=\"2\"/><text class=\"v\" x=\"{:.1}\" y=\"{}\">{value:.digits$}</text>",
                        BAR - 3.0,
                        left + long + 5.0,
                        y + 10.0
                    ),
                );
            }
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn line(svg: &mut String, element: std::fmt::Arguments<'_>) {
    let written = writeln!(svg, "{element}");
    debug_assert!(written.is_ok());
}
