//! `beckon-audit`, as it is started.

mod command_line;

fn main() -> std::process::ExitCode {
    match command_line::run() {
        Ok(code) => code,
        Err(error) => {
            command_line::complain(&error);
            std::process::ExitCode::from(2)
        }
    }
}
