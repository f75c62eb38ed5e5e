//! `beckon-audit`: reads a copy of the log, with no server and no network.
//!
//! **Invariant.** Needs no server and no network; says the first thing that is wrong, and where.
//!
//! ```text
//! log.db ──► LogFile ──► check    every chain, every hash, every version
//!                   └──► sessions, replay    what happened, in sentences
//! ```

mod check;
mod command_line;
mod log_file;
mod replay;
mod text;

fn main() -> std::process::ExitCode {
    match command_line::run() {
        Ok(code) => code,
        Err(error) => {
            command_line::complain(&error);
            std::process::ExitCode::from(2)
        }
    }
}
