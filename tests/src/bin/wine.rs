//! `beckon-wine`: tries the Windows programs out under wine, with real servers, desks and people
//! at Linux. `scripts/check-windows` builds them and says where they are.
//!
//!     beckon-wine            every scenario
//!     beckon-wine NAME       only those with NAME in their names
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the terminal is where the scenarios are followed"
)]

use std::process::ExitCode;

use beckon_tests::clock::Deadline;
use beckon_tests::programs::Programs;
use beckon_tests::scratch::shots;
use beckon_tests::wine::{agents, controls, units};

/// Tells what happens, and panics at the first thing that is not as it must be.
type Scenario = fn(&dyn Fn(&str));

const SCENARIOS: [(&str, Scenario); 7] = [
    ("units", units::pass),
    ("agent", agents::is_helped),
    ("wrong-code", agents::wrong_code),
    ("power-cut", agents::power_cut),
    ("shut-down", agents::shut_down),
    ("without-opengl", agents::without_opengl),
    ("control", controls::helps),
];

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let chosen: Vec<_> = SCENARIOS.iter().filter(|(name, _)| name.contains(&wanted)).collect();
    if chosen.is_empty() {
        let names = SCENARIOS.map(|(name, _)| name).join(", ");
        eprintln!("beckon-wine: no scenario is called {wanted}; there are {names}");
        return ExitCode::from(2);
    }
    println!("Building the programs for Linux, if they have changed.");
    Programs::built();
    let mut failed = Vec::new();
    for (name, scenario) in chosen {
        println!("\n{name}");
        let begun = Deadline::after(std::time::Duration::ZERO);
        let done = std::panic::catch_unwind(|| scenario(&|step| println!("• {step}")));
        println!(
            "{} ({} s)",
            if done.is_ok() { "passed" } else { "FAILED" },
            begun.elapsed().as_secs()
        );
        if done.is_err() {
            failed.push(*name);
        }
    }
    println!("\nPictures of every state: {}", shots().display());
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("failed: {}", failed.join(", "));
    ExitCode::FAILURE
}
