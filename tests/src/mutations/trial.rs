//! Both verifiers before the same exports.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use beckon_audit::fabricate::write_files;
use beckon_audit::{Options, Verdict, verify};
use beckon_tests::scratch::{Scratch, workspace};
use zip::write::SimpleFileOptions;

use super::mutant::{Files, Mutant};

/// How many exports are on the disk at the same time.
const TOGETHER: usize = 100;
/// How many differences are shown.
const SHOWN: usize = 40;

/// What a verifier said: exit code, check and place.
type Said = (i32, String, String);

/// One look at an export.
struct Look {
    what: String,
    export: PathBuf,
    seen: Option<PathBuf>,
    /// None where only both have to say the same.
    expected: Option<Said>,
}

/// Exports on their way to both verifiers.
pub struct Trial {
    scratch: Scratch,
    second: Second,
    waiting: Vec<Look>,
    folders: Vec<PathBuf>,
    /// How many exports were changed.
    pub changed: usize,
    findings: Vec<String>,
}

/// The second verifier: one process for all exports.
struct Second {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Trial {
    /// Nothing tried yet.
    pub fn new() -> Self {
        Self {
            scratch: Scratch::new("mutations"),
            second: Second::start(),
            waiting: Vec::new(),
            folders: Vec::new(),
            changed: 0,
            findings: Vec::new(),
        }
    }

    /// An export that should be found to be wrong. What only becomes wrong by what was seen before
    /// should be consistent in itself.
    pub fn add(&mut self, mutant: Mutant) {
        let (check, place) = mutant.expected.clone();
        let seen = mutant.seen.clone();
        let look = self.place(&mutant);
        self.changed += 1;
        let seen = seen.map(|(name, bytes)| {
            let path = self.folders[self.folders.len() - 1].join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        });
        if seen.is_some() {
            let expected = Some(consistent());
            self.waiting.push(Look {
                what: mutant.what.clone(),
                export: look.clone(),
                seen: None,
                expected,
            });
        }
        let expected = Some((1, check.to_owned(), place));
        self.waiting.push(Look { what: mutant.what, export: look, seen, expected });
        if self.folders.len() == TOGETHER {
            self.run();
        }
    }

    /// An export in which nothing is wrong.
    pub fn holds(&mut self, what: &str, files: Files, zip: bool, seen: Option<Vec<u8>>) {
        let mutant = Mutant { zip, ..Mutant::new(what, files, ("", String::new())) };
        let export = self.place(&mutant);
        let (nothing, code) = ("-".to_owned(), if seen.is_some() { 0 } else { 3 });
        let expected = Some((code, nothing.clone(), nothing));
        let seen = seen.map(|bytes| {
            let path = self.folders[self.folders.len() - 1].join("seen");
            std::fs::write(&path, bytes).unwrap();
            path
        });
        self.waiting.push(Look { what: what.to_owned(), export, seen, expected });
    }

    /// An export of which both verifiers have to say the same.
    pub fn same(&mut self, mutant: Mutant) {
        let export = self.place(&mutant);
        self.waiting.push(Look { what: mutant.what, export, seen: None, expected: None });
        if self.folders.len() == TOGETHER {
            self.run();
        }
    }

    /// Looks at what is left; every verifier has to have said what was expected.
    pub fn finish(mut self) {
        self.run();
        drop(self.second.questions);
        assert!(self.second.child.wait().unwrap().success(), "the second verifier ended badly");
        let shown = self.findings.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
        assert!(self.findings.is_empty(), "{} differences\n{shown}", self.findings.len());
    }

    fn place(&mut self, mutant: &Mutant) -> PathBuf {
        let folder = self.scratch.folder(&self.folders.len().to_string());
        let export = folder.join(if mutant.zip { "export.zip" } else { "export" });
        if mutant.zip {
            write_zip(&mutant.files, &export);
        } else {
            write_files(&mutant.files, &export).unwrap();
        }
        self.folders.push(folder);
        export
    }

    fn run(&mut self) {
        let looks = std::mem::take(&mut self.waiting);
        for look in &looks {
            self.second.ask(look);
        }
        let half = looks.len().div_ceil(2);
        let first: Vec<Said> = std::thread::scope(|scope| {
            let parts: Vec<_> = looks
                .chunks(half.max(1))
                .map(|part| scope.spawn(|| part.iter().map(said).collect::<Vec<_>>()))
                .collect();
            parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
        });
        for (look, first) in looks.iter().zip(first) {
            let (second, words) = self.second.hear();
            if first != second || look.expected.as_ref().is_some_and(|expected| first != *expected)
            {
                let Look { what, expected, .. } = look;
                self.findings.push(format!(
                    "{what}:\n    expected {expected:?}\n    first    {first:?}\n    second   {second:?} ({words})"
                ));
            }
        }
        for folder in self.folders.drain(..) {
            std::fs::remove_dir_all(folder).unwrap();
        }
    }
}

impl Second {
    fn start() -> Self {
        let mut child = Command::new("python3")
            .arg(workspace().join("tests/verifier/verify.py"))
            .args(["--batch", "/dev/stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let questions = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Self { child, questions, answers }
    }

    fn ask(&mut self, look: &Look) {
        let mut arguments = Vec::new();
        if let Some(seen) = &look.seen {
            arguments.extend(["--seen".to_owned(), seen.display().to_string()]);
        }
        arguments.push(look.export.display().to_string());
        writeln!(self.questions, "{}", serde_json::json!(arguments)).unwrap();
    }

    /// What it said, and in which words.
    fn hear(&mut self) -> (Said, String) {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let (code, rest) = line.split_once(' ').unwrap_or_else(|| panic!("it says “{line}”"));
        let (check, rest) = rest.split_once(' ').unwrap();
        let (place, words) = rest.split_once(": ").unwrap();
        ((code.parse().unwrap(), check.to_owned(), place.to_owned()), words.trim().to_owned())
    }
}

fn consistent() -> Said {
    (3, "-".to_owned(), "-".to_owned())
}

/// What the first verifier says.
fn said(look: &Look) -> Said {
    let options = Options { seen: look.seen.iter().cloned().collect(), ..Options::default() };
    let report = match verify(&look.export, &options) {
        Ok(report) => report,
        Err(error) => return (2, "-".to_owned(), error.to_string()),
    };
    let code = i32::from(report.exit_code());
    match report.verdict {
        Verdict::Wrong(wrong) => {
            let place = match wrong.place {
                beckon_audit::Place::File(path) => path,
                beckon_audit::Place::Event(index) => index.to_string(),
            };
            (code, wrong.check.to_string(), place)
        }
        Verdict::Verified | Verdict::Consistent => (code, "-".to_owned(), "-".to_owned()),
    }
}

fn write_zip(files: &Files, at: &Path) {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(at).unwrap());
    for (path, bytes) in files {
        zip.start_file(path, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}
