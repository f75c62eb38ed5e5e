//! An export that is wrong, and where.

use std::collections::BTreeMap;

use beckon_audit::fabricate::Bundle;

/// The files of an export by their paths.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The check that finds it first, and the place: the index of an event or a file.
pub type Expected = (&'static str, String);

/// An export that was changed.
pub struct Mutant {
    /// What was done to it.
    pub what: String,
    /// All its files.
    pub files: Files,
    /// Whether it is handed out as a zip.
    pub zip: bool,
    /// What the auditor has kept from before: the name of the file, and what stands in it.
    pub seen: Option<(String, Vec<u8>)>,
    /// What is wrong; of an export with `seen`, only with that.
    pub expected: Expected,
}

impl Mutant {
    /// A folder in which this is wrong.
    pub fn new(what: impl Into<String>, files: Files, expected: Expected) -> Self {
        Self { what: what.into(), files, zip: false, seen: None, expected }
    }
}

/// `check` fails at event `index`.
pub fn at(check: &'static str, index: usize) -> Expected {
    (check, index.to_string())
}

/// `check` fails in the file `path`.
pub fn in_file(check: &'static str, path: impl Into<String>) -> Expected {
    (check, path.into())
}

/// `files` of `bundle`, with a manifest made for them.
pub fn listed(bundle: &Bundle, mut files: Files) -> Files {
    files.remove("manifest.json");
    let manifest = serde_json::to_vec(&bundle.manifest(&files)).unwrap();
    files.insert("manifest.json".to_owned(), manifest);
    files
}

/// The lines of a file, each with its line feed.
pub fn lines(files: &Files, path: &str) -> Vec<Vec<u8>> {
    files[path].split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}
