//! Whole exports: right ones, changed ones, hostile ones.

mod changed;
mod cut;
mod hostile;
mod packed;
pub(crate) mod seen;

use std::collections::BTreeMap;
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::fabricate::{Bundle, Made, Recipe, write_files, write_log};
use crate::verdict::Wrong;

fn fabricated() -> (Bundle, Made) {
    Bundle::fabricate(&Recipe::default())
}

fn judged(folder: &Path) -> Verdict {
    verify(folder, &Options::default()).unwrap().verdict
}

/// What is found in an export with these files.
fn of_files(files: &BTreeMap<String, Vec<u8>>) -> Verdict {
    let folder = TempDir::new().unwrap();
    write_files(files, folder.path()).unwrap();
    judged(folder.path())
}

fn of(bundle: &Bundle) -> Verdict {
    of_files(&bundle.all())
}

/// The check and the place of what is wrong.
fn wrong(verdict: Verdict) -> (Check, Place) {
    match verdict {
        Verdict::Wrong(Wrong { check, place, .. }) => (check, place),
        other => panic!("nothing is wrong: {other:?}"),
    }
}

fn event(index: u64) -> Place {
    Place::Event(index)
}

#[test]
fn a_log_is_consistent_and_with_its_key_verified() {
    let (bundle, made) = fabricated();
    let folder = TempDir::new().unwrap();
    bundle.write(folder.path()).unwrap();
    let report = verify(folder.path(), &Options::default()).unwrap();
    assert_eq!((report.verdict.clone(), report.exit_code()), (Verdict::Consistent, 3), "{report}");
    assert!(report.to_string().starts_with("CONSISTENT IN ITSELF, BUT NOT ANCHORED"), "{report}");
    assert_eq!(report.counts.events, made.size);
    assert_eq!((report.counts.sessions, report.counts.streams), (12, 16));
    assert_eq!(report.counts.erased, 2);
    assert_eq!((report.breaks.len(), report.breaks[0].checkpoints), (1, 3), "{report}");
    let key = Some(report.fingerprint.unwrap().parse().unwrap());
    for (jobs, used) in [(0, 1), (2, 2), (5, 5), (100_000, JOBS_MAX)] {
        let options = Options { key, jobs, ..Options::default() };
        let report = verify(folder.path(), &options).unwrap();
        assert_eq!((report.exit_code(), report.counts.events), (0, made.size), "{report}");
        assert_eq!(report.times.jobs, used);
    }
}

#[test]
fn a_zip_and_a_log_written_straight_to_disk_read_the_same() {
    let (bundle, _) = fabricated();
    let folder = TempDir::new().unwrap();
    let zip = folder.path().join("log.zip");
    bundle.write_zip(&zip).unwrap();
    assert_eq!(judged(&zip), Verdict::Consistent);
    let large = folder.path().join("large");
    write_log(&Recipe::default(), &large).unwrap();
    assert_eq!(judged(&large), Verdict::Consistent);
    assert_eq!(Bundle::read(&large).all(), bundle.all());
}

#[test]
fn the_export_of_each_session_is_consistent() {
    let (bundle, made) = fabricated();
    for number in 0..12 {
        let folder = TempDir::new().unwrap();
        bundle.of_session(made.seed.session(number)).write(folder.path()).unwrap();
        let report = verify(folder.path(), &Options::default()).unwrap();
        assert_eq!(report.verdict, Verdict::Consistent, "session {number}: {report}");
        assert_eq!(report.counts.sessions, 1);
    }
}

#[test]
fn names_are_opened_where_their_keys_are_there() {
    let with = |names| {
        let recipe = Recipe { names, ..Recipe::default() };
        let folder = TempDir::new().unwrap();
        Bundle::fabricate(&recipe).0.write(folder.path()).unwrap();
        verify(folder.path(), &Options::default()).unwrap()
    };
    let (all, some, none) = (with(NamesIn::All), with(NamesIn::Some), with(NamesIn::None));
    assert!(all.counts.opened > some.counts.opened && some.counts.opened > 0, "{all}\n{some}");
    assert_eq!((none.counts.opened, none.counts.sealed), (0, all.counts.sealed));
    assert!([&all, &some, &none].iter().all(|report| report.verdict == Verdict::Consistent));
}

#[test]
fn a_withheld_body_leaves_its_session_out_and_is_said() {
    let (mut bundle, _) = fabricated();
    let text = |line: &crate::export::Line| String::from_utf8_lossy(&line.metadata).into_owned();
    let joined = bundle.lines.iter().position(|line| text(line).contains("\"Joined\"")).unwrap();
    bundle.lines[joined].data = None;
    let folder = TempDir::new().unwrap();
    bundle.write(folder.path()).unwrap();
    let report = verify(folder.path(), &Options::default()).unwrap();
    assert_eq!(report.verdict, Verdict::Consistent, "{report}");
    assert_eq!((report.counts.withheld, report.counts.left_out), (1, 1), "{report}");
    assert!(report.to_string().contains("1 body that is withheld"), "{report}");
}

#[test]
fn what_was_found_can_be_read_by_a_program() {
    let (bundle, _) = fabricated();
    let folder = TempDir::new().unwrap();
    bundle.write(folder.path()).unwrap();
    let report = verify(folder.path(), &Options::default()).unwrap();
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["verdict"], "consistent");
    assert_eq!(json["counts"]["events"], report.counts.events);
    std::fs::remove_file(folder.path().join("keys.json")).unwrap();
    let json = serde_json::to_value(verify(folder.path(), &Options::default()).unwrap()).unwrap();
    assert_eq!(json["verdict"]["wrong"]["check"], "V0");
    assert_eq!(json["verdict"]["wrong"]["place"], "keys.json");
}
