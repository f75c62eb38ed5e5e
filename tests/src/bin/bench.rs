//! `beckon-bench NAME`: measures one thing and prints it beside its limit; the rows also stand in
//! `target/bench/NAME.json`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the terminal is where the figures are read"
)]

use beckon_tests::bench::{self, Figure};

fn main() -> std::process::ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    let figures = match name.as_str() {
        "smoke" => bench::smoke::run(),
        "evidence" => bench::evidence::run(),
        _ => {
            eprintln!("scripts/bench NAME: there are");
            eprintln!("  smoke      first picture, memory while waiting");
            eprintln!("  evidence   verifying a million events, the tree of the server");
            return std::process::ExitCode::from(2);
        }
    };
    println!("{}", Figure::table(&figures));
    let path = Figure::keep(&name, &figures);
    println!("These rows: {}", path.display());
    if figures.iter().all(Figure::holds) {
        std::process::ExitCode::SUCCESS
    } else {
        std::process::ExitCode::FAILURE
    }
}
