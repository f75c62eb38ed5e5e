//! A server whose disk can be made to fail, and what it has promised.

use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::sync::OnceLock;

use beckon_events::{RecordedEvent, operator};
use beckon_tests::auditor::{Auditor, fingerprint};
use beckon_tests::scratch::{Scratch, workspace};
use beckon_tests::server::Server;

/// No space left on the device.
pub const ENOSPC: i32 = 28;
/// The disk failed.
pub const EIO: i32 = 5;

static SHIM: OnceLock<(Scratch, PathBuf)> = OnceLock::new();

/// A server with people in it, whose disk fails on demand.
pub struct Faulty {
    pub server: Server,
    switch: PathBuf,
    _shelf: Scratch,
    key: String,
    /// Who was invited, as the command line confirmed it.
    confirmed: Vec<String>,
    /// Who was asked for and not confirmed.
    refused: Vec<String>,
}

/// Which files fail, how, and after how many calls.
#[derive(Clone, Copy)]
pub struct Fault {
    pub part: &'static str,
    pub call: &'static str,
    pub errno: i32,
    pub after: u32,
}

/// The library that is loaded in front of the system's, compiled once.
fn shim() -> PathBuf {
    let (_, path) = SHIM.get_or_init(|| {
        let folder = Scratch::new("shim");
        let path = folder.path().join("fault.so");
        let source = workspace().join("tests/src/faults/fault.c");
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o"]).arg(&path);
        let made = cc.arg(source).arg("-ldl").status().expect("cc: scripts/setup installs it");
        assert!(made.success(), "the shim does not compile");
        (folder, path)
    });
    path.clone()
}

impl Faulty {
    /// A server that was set up while its disk was well.
    pub fn start() -> Self {
        let shelf = Scratch::new("switch");
        let switch = shelf.path().join("faults");
        let (shim, file) = (shim().display().to_string(), switch.display().to_string());
        let server = Server::start_with(&[("LD_PRELOAD", &shim), ("FAULT_FILE", &file)]);
        server.init("Example Ltd");
        let (_, said) = server.verb(&["key"]);
        let key = fingerprint(&said).to_owned();
        let (confirmed, refused) = (Vec::new(), Vec::new());
        let mut faulty = Self { server, switch, _shelf: shelf, key, confirmed, refused };
        faulty.invites("Ana Silva");
        faulty
    }

    /// From now on the disk fails so.
    pub fn fails(&self, faults: &[Fault]) {
        let line = |f: &Fault| format!("{} {} {} {}\n", f.part, f.call, f.errno, f.after);
        let lines: String = faults.iter().map(line).collect();
        let draft = self.switch.with_extension("new");
        std::fs::write(&draft, lines).unwrap();
        std::fs::rename(draft, &self.switch).unwrap();
    }

    /// From now on it does not.
    pub fn is_well(&self) {
        std::fs::remove_file(&self.switch).unwrap();
    }

    /// Invites somebody; whether the command line confirmed it, and its words.
    pub fn tries_to_invite(&mut self, name: &str) -> (ExitStatus, String) {
        let (status, said) = self.server.verb(&["user", "add", name, "--role", "operator"]);
        let into = if status.success() { &mut self.confirmed } else { &mut self.refused };
        into.push(name.to_owned());
        (status, said)
    }

    /// Invites somebody, which must work.
    pub fn invites(&mut self, name: &str) {
        let (status, said) = self.tries_to_invite(name);
        assert!(status.success(), "{said}");
    }

    /// Somebody is not invited, and hears why.
    pub fn cannot_invite(&mut self, name: &str) -> String {
        let answer = self.tries_to_invite(name);
        refused(answer)
    }

    /// A verb, or the start of the server itself, is refused while none runs; whoever asked hears
    /// why.
    pub fn cannot(&self, arguments: &[&str]) -> String {
        refused(self.server.verb(arguments))
    }

    /// Stops the server and holds its log against what was confirmed, with the auditor's eyes.
    pub fn keeps_its_promises(mut self, unknown: usize) {
        let ended = self.server.stop();
        assert!(ended.success(), "{ended}");
        let listed = self.names();
        for name in &self.confirmed {
            assert_eq!(listed.iter().filter(|n| n == &name).count(), 1, "{name} is in {listed:?}");
        }
        let surprising = self.refused.iter().filter(|name| listed.contains(name)).count();
        assert!(surprising <= unknown, "not confirmed, and yet in {listed:?}");
        let invited = |event: &RecordedEvent| {
            matches!(event, RecordedEvent::Operator(recorded)
                if matches!(recorded.event, operator::Event::Invited { .. }))
        };
        let recorded = self.server.log().events().iter().filter(|event| invited(event)).count();
        // The administrator was invited by init.
        assert_eq!(recorded, self.confirmed.len() + surprising + 1, "half or twice");
        let auditor = Auditor::new();
        let export = auditor.path("export").display().to_string();
        let (status, said) = self.server.verb(&["export", &export]);
        assert!(status.success(), "{said}");
        let verified = auditor.audits(&["verify", &export, "--key", &self.key]);
        assert_eq!(verified.code, 0, "{}", verified.words);
    }

    /// The names on the list of users.
    fn names(&self) -> Vec<String> {
        let (status, said) = self.server.verb(&["user", "list"]);
        assert!(status.success(), "{said}");
        let all = self.confirmed.iter().chain(&self.refused);
        let of = |name: &String| said.lines().filter(|line| line.contains(name.as_str())).count();
        all.flat_map(|name| std::iter::repeat_n(name.clone(), of(name))).collect()
    }
}

fn refused((status, said): (ExitStatus, String)) -> String {
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(!said.contains("panicked") && !said.contains("/setup#"), "{said}");
    said
}

impl Fault {
    /// Writing to such files fails.
    pub const fn write(part: &'static str, errno: i32) -> Self {
        Self { part, call: "write", errno, after: 0 }
    }

    /// The same, after half of the first bytes that are refused was written.
    pub const fn tear(part: &'static str, errno: i32) -> Self {
        Self { part, call: "tear", errno, after: 0 }
    }

    /// Making such files durable fails.
    pub const fn sync(part: &'static str, errno: i32) -> Self {
        Self { part, call: "sync", errno, after: 0 }
    }

    /// Not before so many calls.
    pub const fn after(self, calls: u32) -> Self {
        Self { after: calls, ..self }
    }
}
