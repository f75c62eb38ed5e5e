//! A process that the harness started: ended by its own id, its words kept for the report.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::clock::{PATIENCE, within};

const SHOWN_LINES: usize = 60;

/// The environment of a person: nothing of the environment of the tests leaks into it.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    variables: Vec<(OsString, OsString)>,
}

impl Environment {
    /// The few variables that every program needs.
    pub fn new() -> Self {
        let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
        Self::default()
            .with("PATH", path)
            .with("LANG", "C.UTF-8")
            .with("TZ", "UTC")
            .with("RUST_BACKTRACE", "1")
            .with("LIBGL_ALWAYS_SOFTWARE", "1")
    }

    /// The same with one variable more, which replaces an earlier one of that name.
    #[must_use]
    pub fn with(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        let name = name.into();
        self.variables.retain(|(known, _)| *known != name);
        self.variables.push((name, value.into()));
        self
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_os_str())
    }

    /// A command that runs `program` in this environment. It is killed with the thread that
    /// starts it, so that nothing is left behind even when the tests themselves are killed.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(program);
        command.env_clear().envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs `program` to its end and returns how it ended and all that it said.
    pub fn run(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> (ExitStatus, String) {
        let name = program.as_ref().to_owned();
        let output = self
            .command(program)
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap_or_else(|error| panic!("{} did not start: {error}", name.display()));
        let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.push_str(&String::from_utf8_lossy(&output.stderr));
        (output.status, said)
    }
}

/// A running program, killed and reaped when dropped.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    words: PathBuf,
    /// INVARIANT: where the words of this process begin, after those of earlier ones.
    begins: u64,
}

impl Process {
    /// Starts `command`; what it says goes to `<folder>/<name>.log`, after what an earlier one of
    /// that name said.
    pub fn start(name: &str, mut command: Command, folder: &Path) -> Self {
        let words = folder.join(format!("{name}.log"));
        let file = File::options()
            .create(true)
            .append(true)
            .open(&words)
            .unwrap_or_else(|error| panic!("{}: {error}", words.display()));
        let begins = file.metadata().map_or(0, |file| file.len());
        let second = file.try_clone().expect("a file can be held twice");
        let child = command
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(second)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} did not start: {error}"));
        Self { name: name.to_owned(), child, words, begins }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// All that it has said, on both outputs.
    pub fn words(&self) -> String {
        let bytes = std::fs::read(&self.words).unwrap_or_default();
        let begins = usize::try_from(self.begins).unwrap_or(0);
        String::from_utf8_lossy(bytes.get(begins..).unwrap_or_default()).into_owned()
    }

    /// Waits until it has said what `find` looks for; panics when it ends or stays silent.
    pub fn says<T>(&mut self, what: &str, find: impl Fn(&str) -> Option<T>) -> T {
        let answer = within(PATIENCE, || {
            let ended = self.ended();
            find(&self.words()).map(Ok).or_else(|| ended.map(Err))
        });
        match answer {
            Some(Ok(found)) => found,
            Some(Err(status)) => panic!("{} ended ({status}) before {what}", self.name),
            None => panic!("{} did not say {what}", self.name),
        }
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// Waits for it to end by itself.
    pub fn ends(&mut self) -> ExitStatus {
        self.ends_within(PATIENCE)
    }

    /// Waits no longer than `limit` for it to end by itself.
    pub fn ends_within(&mut self, limit: Duration) -> ExitStatus {
        within(limit, || self.ended())
            .unwrap_or_else(|| panic!("{} still runs after {limit:?}", self.name))
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    pub fn terminate(&mut self) -> ExitStatus {
        if self.ended().is_none() {
            let pid = self.pid().to_string();
            let sent = Command::new("sh").args(["-c", "kill -TERM \"$1\"", "sh", &pid]).status();
            assert!(sent.is_ok_and(|sent| sent.success()), "{} was not told to end", self.name);
        }
        self.ends()
    }

    /// Ends it at once (SIGKILL), as a power cut would, and reaps it.
    pub fn kill(&mut self) {
        if self.ended().is_none() {
            self.child.kill().unwrap_or_else(|error| panic!("{}: {error}", self.name));
            self.ends();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let words = self.words();
            let lines: Vec<_> = words.lines().collect();
            let shown = &lines[lines.len().saturating_sub(SHOWN_LINES)..];
            if !shown.is_empty() {
                eprintln!("--- last words of {} ---\n{}", self.name, shown.join("\n"));
            }
        }
        // Already ended, or about to: both are what is wanted here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
