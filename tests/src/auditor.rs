//! An auditor: copies of logs, `beckon-audit`, and the second verifier, without any server.

use std::path::{Path, PathBuf};

use crate::process::Environment;
use crate::programs::Programs;
use crate::scratch::{Scratch, workspace};

/// Somebody with a folder of exports and both verifiers.
pub struct Auditor {
    scratch: Scratch,
    environment: Environment,
}

/// How a verifier ended and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The exit code: 0 verified, 3 not anchored, 1 wrong, 2 could not look.
    pub code: i32,
    /// All its words.
    pub words: String,
}

impl Auditor {
    /// An auditor with an empty folder.
    #[expect(clippy::new_without_default, reason = "it makes a folder")]
    pub fn new() -> Self {
        let scratch = Scratch::new("auditor");
        let environment = Environment::new()
            .with("HOME", scratch.folder("home"))
            .with("TMPDIR", scratch.folder("tmp"));
        Self { scratch, environment }
    }

    /// A place in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// Runs `beckon-audit`.
    pub fn audits(&self, arguments: &[&str]) -> Said {
        self.runs(&Programs::built().path("beckon-audit"), arguments)
    }

    /// Runs the second verifier, which knows nothing of Beckon's programs.
    pub fn checks_again(&self, arguments: &[&str]) -> Said {
        let script = workspace().join("tests/verifier/verify.py").display().to_string();
        let all: Vec<_> =
            std::iter::once(script.as_str()).chain(arguments.iter().copied()).collect();
        self.runs(Path::new("python3"), &all)
    }

    /// Runs `beckon-server` where no server is, with settings from the environment.
    pub fn serves(&self, settings: &[(&str, &str)], arguments: &[&str]) -> Said {
        let mut environment = self.environment.clone();
        for (name, value) in settings {
            environment = environment.with(*name, *value);
        }
        let server = Programs::built().path("beckon-server");
        Self::ran(&environment, &server, arguments)
    }

    fn runs(&self, program: &Path, arguments: &[&str]) -> Said {
        Self::ran(&self.environment, program, arguments)
    }

    fn ran(environment: &Environment, program: &Path, arguments: &[&str]) -> Said {
        let (status, words) = environment.run(program, arguments);
        let code = status.code().unwrap_or_else(|| panic!("{} was killed", program.display()));
        Said { code, words }
    }
}

/// The fingerprint of a log's key in what a program said.
pub fn fingerprint(said: &str) -> &str {
    let is_hex = |word: &&str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
    said.split_whitespace().find(is_hex).unwrap_or_else(|| panic!("no fingerprint in: {said}"))
}
