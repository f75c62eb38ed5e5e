//! `beckon-play`: plays one whole session with the real programs and keeps a picture of every
//! scene; with `--watch` it opens the windows on this screen and leaves the playing to the person.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the terminal is where the play is followed"
)]

use std::process::ExitCode;

use beckon_tests::play;
use beckon_tests::programs::Programs;
use beckon_tests::scratch::shots;
use beckon_tests::watch;

fn main() -> ExitCode {
    match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => {
            perform();
            ExitCode::SUCCESS
        }
        [option] if option == "--watch" => {
            println!("Building the programs, if they have changed.");
            Programs::built();
            watch::open(&|words| println!("{words}"));
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("beckon-play: the only option is --watch");
            ExitCode::from(2)
        }
    }
}

/// Panics, and so fails, at the first step that does not happen.
fn perform() {
    println!("Building the programs, if they have changed.");
    Programs::built();
    let log = play::perform(&|step| println!("• {step}"));
    println!("\nWhat the log has recorded:");
    for line in log {
        println!("{line}");
    }
    println!("\nPictures of every scene: {}", shots().display());
}
