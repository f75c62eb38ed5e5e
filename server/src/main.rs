//! `beckon-server`: starts the server, or speaks to the one that runs.

mod command_line;

fn main() -> std::process::ExitCode {
    match command_line::run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            command_line::complain(&error);
            std::process::ExitCode::FAILURE
        }
    }
}
