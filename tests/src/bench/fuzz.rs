//! The screen decoder against bytes that nobody would send, ten minutes a target.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::{Figure, Goal};
use crate::scratch;

/// The fuzz targets, in `peer/fuzz`.
const TARGETS: [&str; 2] = ["update_header", "tile_decoder"];
/// For how long each is run.
const SECONDS: u32 = 600;

/// Runs every target with `seconds` for each; ten minutes where nothing is said.
pub fn run(seconds: Option<u32>) -> Vec<Figure> {
    let seconds = seconds.unwrap_or(SECONDS);
    let tool = tool();
    TARGETS.iter().flat_map(|target| one(&tool, target, seconds)).collect()
}

/// `cargo fuzz`, from the path or as scripts/bench has installed it.
fn tool() -> PathBuf {
    let own = scratch::workspace().join("target/tools/bin/cargo-fuzz");
    if own.exists() { own } else { "cargo-fuzz".into() }
}

fn one(tool: &PathBuf, target: &'static str, seconds: u32) -> [Figure; 2] {
    let workspace = scratch::workspace();
    let found = workspace.join("target/fuzz/corpus").join(target);
    std::fs::create_dir_all(&found).expect("target can be written");
    let mut command = Command::new(tool);
    command.current_dir(&workspace).args(["fuzz", "run", "--fuzz-dir", "peer/fuzz"]);
    // Without a sanitizer it builds with the one toolchain; everything is safe code but zstd.
    command.args(["--sanitizer", "none", "--target-dir", "target/fuzz", target]);
    // What is found goes into the first folder; the second holds what is checked in.
    command.arg(found).arg(workspace.join("peer/fuzz/corpus").join(target));
    command.args(["--", "-print_final_stats=1", "-timeout=10", "-rss_limit_mb=1024"]);
    command.arg(format!("-max_total_time={seconds}")).arg("-max_len=65536");
    let output = command.stdin(Stdio::null()).output().expect("cargo-fuzz; run scripts/bench fuzz");
    let said = String::from_utf8_lossy(&output.stderr);
    let executed = said.lines().find_map(|line| {
        line.strip_prefix("stat::number_of_executed_units:")?.trim().parse::<f64>().ok()
    });
    if !output.status.success() {
        eprintln!("{said}");
    }
    let crashes = if output.status.success() { 0.0 } else { 1.0 };
    let (ended, ran) = match target {
        "update_header" => ("update_header: inputs that broke it", "update_header: inputs tried"),
        _ => ("tile_decoder: inputs that broke it", "tile_decoder: inputs tried"),
    };
    [
        Figure {
            name: ended,
            value: crashes,
            unit: "",
            peer: "the first one, which ends the run",
            limit: 1.0,
            goal: Goal::AtMost(0.0),
        },
        Figure {
            name: ran,
            value: executed.unwrap_or_default(),
            unit: "",
            peer: "10,000 for each second",
            limit: f64::from(seconds) * 10_000.0,
            goal: Goal::Any,
        },
    ]
}
