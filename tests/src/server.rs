//! A server: the real program on a free port, with a data folder of its own.

use std::process::ExitStatus;

use crate::log::Log;
use crate::process::{Environment, Process};
use crate::programs::Programs;
use crate::scratch::Scratch;

const LISTENING: &str = "listening on ";

/// A running `beckon-server`, or one that was stopped or killed and can be started again.
pub struct Server {
    process: Process,
    environment: Environment,
    origin: String,
    scratch: Scratch,
}

impl Server {
    /// Starts it with every setting at its default.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts it with settings from the environment, such as `("BECKON_SMTP__PORT", "2525")`.
    pub fn start_with(settings: &[(&str, &str)]) -> Self {
        let scratch = Scratch::new("server");
        let mut environment = Environment::new()
            .with("HOME", scratch.folder("home"))
            .with("TMPDIR", scratch.folder("tmp"))
            .with("BECKON_DATA", scratch.path().join("data"))
            .with("BECKON_LISTEN", "127.0.0.1:0");
        for (name, value) in settings {
            environment = environment.with(*name, *value);
        }
        let (process, origin) = launch(&environment, &scratch);
        Self { process, environment, origin, scratch }
    }

    /// Where it listens, such as `http://127.0.0.1:40123`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Host and port without the scheme.
    pub fn address(&self) -> &str {
        self.origin.split_once("://").map_or(&self.origin, |(_, address)| address)
    }

    /// Its process.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Its scratch folder; the data folder is `data` in it.
    pub fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// What the log says.
    pub fn log(&self) -> Log {
        Log::of(&self.scratch.path().join("data"))
    }

    /// Runs a verb of the program against this server, such as `["user", "list"]`.
    pub fn verb(&self, arguments: &[&str]) -> (ExitStatus, String) {
        self.environment.run(Programs::built().path("beckon-server"), arguments)
    }

    /// Names the company and returns the link with which the first administrator signs up.
    pub fn init(&self, company: &str) -> String {
        let (status, said) = self.verb(&["init", "--company", company]);
        assert!(status.success(), "beckon-server init failed ({status}): {said}");
        let link = said.split_whitespace().find(|word| word.contains("/setup#"));
        link.unwrap_or_else(|| panic!("no set-up link in: {said}")).to_owned()
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Asks it to end and waits until it has.
    pub fn stop(&mut self) -> ExitStatus {
        self.process.terminate()
    }

    /// Waits for it to end by itself.
    pub fn ends(&mut self) -> ExitStatus {
        self.process.ends()
    }

    /// Starts it again on the same data folder and the same port.
    pub fn start_again(&mut self) {
        assert!(self.process.ended().is_some(), "it still runs");
        let address = self.address().to_owned();
        self.environment = std::mem::take(&mut self.environment).with("BECKON_LISTEN", address);
        (self.process, _) = launch(&self.environment, &self.scratch);
    }
}

fn launch(environment: &Environment, scratch: &Scratch) -> (Process, String) {
    let mut command = environment.command(Programs::built().path("beckon-server"));
    command.current_dir(scratch.path());
    let mut process = Process::start("server", command, &scratch.folder("log"));
    let origin = process.says("where it listens", |words| {
        let (_, rest) = words.split_once(LISTENING)?;
        let (origin, _) = rest.split_once(char::is_whitespace)?;
        Some(origin.trim_end_matches('/').to_owned())
    });
    (process, origin)
}
