//! V0 to V9, in the order of `docs/log-format.md`; stops at the first thing that is wrong.
//!
//! ```text
//! Container ─ V0 ─► Lines ─► workers: line, hashes, V7–V9 of one event ─► in order: V1 V2 V9 V7 V8
//!                                             checkpoints as they pass: V3 V4 V5 ─► at the end V6
//! ```

mod files;
mod happened;
mod history;
pub(crate) mod metadata;
mod pipeline;
mod point;
mod prepared;
mod receipts;
mod report;
mod said;
mod sealed;
mod seen;
mod session;
mod streams;
#[cfg(test)]
pub(crate) mod tests;
mod tree;

pub use files::manifest;
pub use point::point;
pub use report::{Break, Counts, Report, Times, Verdict};
pub use seen::Seen;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use beckon_events::Digest;
use beckon_protocol::evidence::Fingerprint;

use crate::clock::Stopwatch;
use crate::export::{Container, Lines, Manifest, NamesIn, Passed};
use crate::text;
use crate::verdict::{CannotLook, Check, Place, Stop};
use files::{EVENTS, Files, Late};
use history::History;
use prepared::{Ground, Prepared, Spent};
use receipts::{Noted, Receipts};
use streams::Streams;
use tree::Tree;

/// The most threads that look at events.
pub const JOBS_MAX: usize = 64;

/// What the caller knows already.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The fingerprint of the key that should have signed.
    pub key: Option<Fingerprint>,
    /// Checkpoints and receipts that were kept elsewhere.
    pub seen: Vec<PathBuf>,
    /// How many threads look at events: 1 to [`JOBS_MAX`], which other numbers are brought to.
    pub jobs: usize,
}

/// Verifies the export at `path`.
pub fn verify(path: &Path, options: &Options) -> Result<Report, CannotLook> {
    let watch = Stopwatch::start();
    let options = &Options { jobs: options.jobs.clamp(1, JOBS_MAX), ..options.clone() };
    let seen = options.seen.iter().map(|path| Seen::read(path)).collect::<Result<Vec<_>, _>>()?;
    let mut report = Report::default();
    let mut spent = Spent::default();
    let found = Container::open(path)
        .and_then(|container| all(&container, options, &seen, &mut report, &mut spent));
    report.times = Times::new(watch.elapsed(), &spent, options.jobs);
    report.counts.statements = spent.statements;
    match found {
        Ok(anchored) => report.conclude(anchored),
        Err(Stop::Wrong(wrong)) => report.verdict = Verdict::Wrong(wrong),
        Err(Stop::CannotLook(error)) => return Err(error),
    }
    Ok(report)
}

/// Every check; whether something ties the export to what the caller knew.
fn all(
    container: &Container,
    options: &Options,
    seen: &[Seen],
    report: &mut Report,
    spent: &mut Spent,
) -> Result<bool, Stop> {
    let manifest = files::manifest(container)?;
    let (files, subjects) = match files::files(container, &manifest) {
        Ok(files) => files,
        Err(Late { stop, after_events: false }) => return Err(stop),
        Err(Late { stop, after_events: true }) => {
            let passed = events(container, &manifest)?.drain();
            same_events(&manifest, &passed.map_err(|error| Container::failed(EVENTS, error))?)?;
            return Err(stop);
        }
    };
    report.about(&manifest, &files.keys, &files.last);
    let ground = Ground { log: manifest.log.0, session: manifest.session.map(|id| id.0), subjects };
    let mut course = Course {
        container,
        manifest: &manifest,
        files: &files,
        ground: &ground,
        tree: Tree::new(manifest.size),
        streams: Streams::new(
            manifest.names == NamesIn::All,
            seen.iter().filter_map(Seen::session),
        ),
        history: History::new(container, &files.keys, options.key, &files.last)?,
        noted: Noted::new(&files, seen),
        last: None,
        closed: false,
        events: 0,
    };
    let lines = events(container, &manifest)?;
    let begun = course.begin();
    let mut take = |prepared: Prepared| course.take(prepared);
    let run = match begun {
        Ok(()) => pipeline::run(lines, &ground, options.jobs, spent, &mut take),
        Err(stop) => lines.drain().map(|passed| (passed, Err(stop))),
    };
    let (passed, found) = run.map_err(|error| Container::failed(EVENTS, error))?;
    course.count(report);
    same_events(&manifest, &passed)?;
    found?;
    course.finish()?;
    course.count(report);
    let Course { history, noted, streams, closed, last, .. } = &course;
    let receipts = Receipts { manifest: &manifest, files: &files, history, noted, streams };
    if let (Some(session), true, []) = (manifest.session, closed, files.receipts.as_slice()) {
        let place = Place::file(format!("receipts/{session}.json"));
        return Err(Stop::wrong(Check::V6, place, text::receipts::NO_RECEIPT));
    }
    let anchored = receipts_and_seen(&receipts, seen, report)?;
    report.left_open(&manifest, seen, ground.subjects.len());
    if let (Some(last), Some(_), false) = (last, manifest.session, closed) {
        report.not_checked.push(text::report::went_on(*last));
    }
    Ok(anchored || options.key.is_some())
}

fn receipts_and_seen(
    receipts: &Receipts<'_>,
    seen: &[Seen],
    report: &mut Report,
) -> Result<bool, Stop> {
    for (path, proof) in &receipts.files.receipts {
        let wrong = |what: Cow<'static, str>| Stop::wrong(Check::V6, Place::file(path), what);
        if !receipts.receipt(proof, None).map_err(wrong)? {
            return Err(wrong(text::receipts::GONE.into()));
        }
    }
    let mut anchored = false;
    for seen in seen {
        let wrong = |what: Cow<'static, str>| Stop::wrong(Check::V6, Place::file(&seen.name), what);
        if receipts.seen(seen).map_err(wrong)? {
            anchored = true;
            report.compared(seen.point.checkpoint.size);
        } else {
            report.not_checked.push(text::report::not_compared(&seen.name));
        }
    }
    Ok(anchored)
}

fn events(container: &Container, manifest: &Manifest) -> Result<Lines, Stop> {
    let reader = container.read(EVENTS).map_err(|error| Container::failed(EVENTS, error))?;
    let listed = manifest.files.iter().find(|file| file.path == EVENTS);
    Ok(Lines::new(reader, listed.map_or(0, |file| file.bytes)))
}

/// V0 of the file of events: its length, its hash, and how many lines it has.
fn same_events(manifest: &Manifest, passed: &Passed) -> Result<(), Stop> {
    let wrong = |what: &str| Err(Stop::wrong(Check::V0, Place::file(EVENTS), what));
    let listed = manifest.files.iter().find(|file| file.path == EVENTS);
    if listed.is_none_or(|file| (file.bytes, file.sha256) != (passed.bytes, passed.sha256)) {
        return wrong(text::form::HASH);
    }
    if passed.lines != manifest.events || passed.rest {
        return wrong(text::form::COUNT);
    }
    Ok(())
}

/// The events on their way through all checks that need what came before.
struct Course<'a> {
    container: &'a Container,
    manifest: &'a Manifest,
    files: &'a Files,
    ground: &'a Ground,
    tree: Tree,
    streams: Streams,
    history: History<'a>,
    noted: Noted,
    /// The index of the event before.
    last: Option<u64>,
    /// Whether a session was closed.
    closed: bool,
    events: u64,
}

impl Course<'_> {
    /// Checkpoints of an empty log.
    fn begin(&mut self) -> Result<(), Stop> {
        if self.manifest.is_whole() { self.passed() } else { Ok(()) }
    }

    fn take(&mut self, prepared: Prepared) -> Result<(), Stop> {
        let Prepared { index, proof, leaf, event } = prepared;
        let wrong = |check, what: &str| Stop::wrong(check, Place::Event(index), what);
        let whole = self.manifest.is_whole();
        if self.last.is_some_and(|last| index <= last) {
            return Err(wrong(Check::V1, text::chain::ORDER));
        }
        self.last = Some(index);
        self.closed |= event.closes;
        self.streams.follow(&event, leaf).map_err(|what| wrong(Check::V1, what))?;
        self.noted.leaf(index, leaf);
        if whole {
            self.tree.push(leaf, self.container)?;
        } else {
            let last = &self.files.last.point.checkpoint;
            tree::included(&leaf, index, &proof, last.size, &last.root)?;
        }
        let sealed = self.streams.sealed(index, &event, &self.ground.subjects, whole);
        sealed.map_err(|what| wrong(Check::V9, &what))?;
        self.streams.story(index, &event, leaf)?;
        self.events += 1;
        if !whole {
            return Ok(());
        }
        if let prepared::Turn::Restored(restored) = event.turn
            && !event.withheld
        {
            self.history.restore(index, restored)?;
        }
        self.passed()
    }

    fn passed(&mut self) -> Result<(), Stop> {
        let (size, tree) = (self.tree.size(), &self.tree);
        let root = || -> Digest { tree.root() };
        self.noted.root(size, &root);
        self.history.passed(size, &root)
    }

    /// What can only be said when all events have passed, but for receipts.
    fn finish(&mut self) -> Result<(), Stop> {
        if self.manifest.is_whole() {
            self.history.finish(self.manifest.size)?;
        } else {
            self.history.only(self.manifest.size)?;
        }
        if self.manifest.is_whole() && self.manifest.names == NamesIn::All {
            let place = || Place::file(crate::export::Subjects::PATH);
            let names = self.streams.names(&self.ground.subjects);
            names.map_err(|what| Stop::wrong(Check::V9, place(), what))?;
        }
        self.streams.heads()
    }

    fn count(&self, report: &mut Report) {
        let (streams, sessions) = self.streams.count();
        let (sealed, opened) = self.streams.sealed;
        report.counts = Counts {
            events: self.events,
            streams,
            sessions,
            checkpoints: self.history.checked,
            sealed,
            opened,
            erased: self.streams.erased(),
            withheld: self.streams.withheld,
            left_out: self.streams.left_out,
            ..report.counts.clone()
        };
        report.breaks.clone_from(&self.history.breaks);
    }
}
