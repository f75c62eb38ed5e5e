//! `beckon-bench NAME`: measures one thing and prints it beside its limit; the rows also stand in
//! `target/bench/NAME.json`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the terminal is where the figures are read"
)]

use std::process::ExitCode;

use beckon_tests::bench::store::Part;
use beckon_tests::bench::{self, Figure, kills};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let figures = match words[..] {
        ["smoke"] => bench::smoke::run(),
        ["evidence"] => bench::evidence::run(),
        ["store"] => bench::store::run(),
        ["store", part] if let Some(run) = part_of_store(part) => run(),
        ["screen", ref part @ ..] if let Some(figures) = screen(part) => figures,
        ["kills"] => kills::run(),
        ["links"] => bench::links::run(),
        ["fuzz"] => bench::fuzz::run(None),
        ["fuzz", seconds] if let Ok(seconds) = seconds.parse() => bench::fuzz::run(Some(seconds)),
        // Whom `kills` kills.
        ["writer", path, ref sessions @ ..] => {
            kills::write(path.as_ref(), sessions);
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("scripts/bench NAME: there are");
            eprintln!("  smoke      first picture, memory while waiting");
            eprintln!("  evidence   verifying a million events, the tree of the server");
            eprintln!(
                "  store      the log beside a bare file, a million events, a million sessions"
            );
            eprintln!("             (or a part of it: store append, million, search, cluster)");
            eprintln!("  screen     the screen beside VNC servers, on the same desk");
            eprintln!("             (or a part of it: screen idle, letters, typing, scroll, drag,");
            eprintln!("             video, first, footprint, soak; `quick` after it: one round)");
            eprintln!("  kills      a server killed 200 times while it writes");
            eprintln!("  links      what is seen over slow and broken networks");
            eprintln!("  fuzz       the screen decoder against bytes that nobody would send, ten");
            eprintln!("             minutes a target (or so many seconds: fuzz 60)");
            return ExitCode::from(2);
        }
    };
    let name = &arguments.join("-");
    println!("{}", Figure::table(&figures));
    let path = Figure::keep(name, &figures);
    println!("These rows: {}", path.display());
    if figures.iter().all(Figure::holds) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn screen(words: &[&str]) -> Option<Vec<Figure>> {
    match *words {
        [] => bench::screen::run(None, false),
        ["quick"] => bench::screen::run(None, true),
        [part] => bench::screen::run(Some(part), false),
        [part, "quick"] => bench::screen::run(Some(part), true),
        _ => None,
    }
}

fn part_of_store(name: &str) -> Option<Part> {
    bench::store::PARTS.iter().find(|(part, _)| *part == name).map(|(_, run)| *run)
}
