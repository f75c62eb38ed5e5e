//! A follower: a Python program with a client of KurrentDB that prints a session as it happens.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Environment, Process};
use crate::scratch::{Scratch, workspace};

/// The program that prints a session, running.
#[derive(Debug)]
pub struct Follower {
    process: Process,
    _scratch: Scratch,
}

/// Where a log is read: the words of a connection string.
#[derive(Clone, Debug)]
pub struct ReadAt {
    /// Host and port of the face, as its certificate has it.
    pub address: String,
    /// An API token in force.
    pub token: String,
    /// The certificate of whoever certified it, PEM.
    pub ca: PathBuf,
}

impl Follower {
    /// Follows a session from its first event on, or the next one that is created. Returns when
    /// it is live.
    pub fn start(at: &ReadAt, session: Option<&str>) -> Self {
        let mut command = script(at, "follow.py");
        command.args(session);
        let scratch = Scratch::new("follower");
        let mut process = Process::start("follower", command, scratch.path());
        process.says("that it follows", |words| words.contains("following\n").then_some(()));
        Self { process, _scratch: scratch }
    }

    /// Waits until it has printed a line with all of these in it, and returns the line.
    pub fn says(&mut self, words: &[&str]) -> String {
        let what = words.join(" … ");
        self.process.says(&what, |said| {
            let mut lines = said.split_inclusive('\n').filter(|line| line.ends_with('\n'));
            let line = lines.find(|line| words.iter().all(|word| line.contains(word)));
            line.map(|line| line.trim_end().to_owned())
        })
    }

    /// Waits until the session is over and the program has ended by itself; all that it printed.
    pub fn ends(mut self) -> String {
        self.says(&["the session is over"]);
        self.process.words()
    }
}

impl ReadAt {
    /// The connection string of clients.
    pub fn uri(&self) -> String {
        let Self { address, token, ca } = self;
        format!("esdb://reader:{token}@{address}?tls=true&tlsCaFile={}", ca.display())
    }
}

/// A script of `tests/python`, ready to be run on a log.
pub fn script(at: &ReadAt, name: &str) -> Command {
    let scripts = workspace().join("tests/python");
    let environment = Environment::new()
        .with("LOG_URI", at.uri())
        .with("PYTHONUNBUFFERED", "1")
        .with("PYTHONDONTWRITEBYTECODE", "1");
    let mut command = environment.command(python());
    command.current_dir(&scripts).arg(scripts.join(name));
    command
}

/// The Python with the packages that the scripts need, made by `scripts/python` where it is
/// not there yet.
fn python() -> PathBuf {
    let root: &Path = &workspace();
    let made = Command::new(root.join("scripts/python")).current_dir(root).output();
    let made = made.expect("scripts/python can be run");
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "the Python of the tests cannot be made:\n{said}");
    root.join(String::from_utf8_lossy(&made.stdout).trim())
}
