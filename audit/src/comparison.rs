//! Whether a newer export goes on from an older one.

use std::collections::BTreeMap;
use std::path::Path;

use beckon_events::{Digest, RecordedEvent, Subject, account, envelope, node};
use beckon_protocol::evidence::Frontier;

use crate::export::Line;
use crate::reading::Reading;
use crate::text::told as text;
use crate::verdict::CannotLook;

/// What two exports have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The first event that differs, and how; none where the newer one goes on.
    pub difference: Option<Difference>,
    /// How many events they share.
    pub shared: u64,
    /// The root over those.
    pub root: Digest,
    /// How many events the newer one has more, by kind.
    pub added: BTreeMap<String, u64>,
    /// Who was erased since.
    pub erased: Vec<Subject>,
    /// The eras that began since, with how many events were put back.
    pub eras: Vec<(u32, u64)>,
    /// How many bodies one of them withholds.
    pub withheld: u64,
    /// How many of the events that the newer one has more this program does not know.
    pub unknown: u64,
}

/// Where they part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Another event stands at this place.
    Event(u64),
    /// The newer one ends here.
    Shorter(u64),
    /// The log was put back from a backup here.
    Restored(u64),
    /// The older one was put back from a backup here, the newer one was not: so it is older.
    Turned(u64),
}

impl Comparison {
    /// 0 where the newer one goes on, otherwise 1.
    pub fn exit_code(&self) -> u8 {
        u8::from(self.difference.is_some())
    }
}

/// Compares two exports of a log, or of one session.
pub fn of(old: &Path, new: &Path) -> Result<Comparison, CannotLook> {
    let (older, newer) = (Reading::open(old)?, Reading::open(new)?);
    let same = older.manifest.log == newer.manifest.log;
    if !same || older.manifest.session != newer.manifest.session {
        let what = if same { text::OTHER_KIND } else { text::OTHER_LOG };
        return Err(CannotLook::NotThere(what.to_owned()));
    }
    let mut found = Comparison {
        difference: None,
        shared: 0,
        root: Digest::ZERO,
        added: BTreeMap::new(),
        erased: Vec::new(),
        eras: Vec::new(),
        withheld: 0,
        unknown: 0,
    };
    let mut tree = Frontier::default();
    // The older one is read by its own thread, the newer one beside it: two readers, in step.
    std::thread::scope(|scope| {
        let (send, receive) = std::sync::mpsc::sync_channel::<(u64, Line)>(1024);
        let reader = scope.spawn({
            let older = &older;
            move || older.lines(&mut |index, line| Ok(send.send((index, line)).is_ok()))
        });
        let mut last = None;
        let mut more = true;
        newer.lines(&mut |index, line| {
            last = Some(index);
            let before = if more { receive.recv().ok() } else { None };
            more = before.is_some();
            match before {
                Some((place, before)) => {
                    if place != index || !is_same(&before, &line, &mut found.withheld) {
                        let difference = if is_restored(&newer, index, &line) {
                            Difference::Restored(index)
                        } else if is_restored(&older, place, &before) {
                            Difference::Turned(place)
                        } else {
                            Difference::Event(index)
                        };
                        found.difference = Some(difference);
                        return Ok(false);
                    }
                    found.shared += 1;
                    tree.push(envelope::leaf(&line.metadata));
                }
                None => found.add(&newer, index, &line)?,
            }
            Ok(true)
        })?;
        if found.difference.is_none() && more && receive.recv().is_ok() {
            found.difference = Some(Difference::Shorter(last.map_or(0, |last| last + 1)));
        }
        drop(receive);
        reader.join().unwrap_or(Ok(()))
    })?;
    found.root = tree.root();
    Ok(found)
}

fn is_same(before: &Line, now: &Line, withheld: &mut u64) -> bool {
    let one_is_withheld = before.data.is_none() || now.data.is_none();
    *withheld += u64::from(one_is_withheld);
    before.metadata == now.metadata && (one_is_withheld || before.data == now.data)
}

fn is_restored(export: &Reading, index: u64, line: &Line) -> bool {
    matches!(
        export.event(index, line),
        Ok(Some(RecordedEvent::Node(recorded)))
            if matches!(recorded.event, node::Event::LogRestored { .. })
    )
}

impl Comparison {
    fn add(&mut self, newer: &Reading, index: u64, line: &Line) -> Result<(), CannotLook> {
        let Some(event) = newer.event(index, line)? else {
            let which = if line.data.is_none() { &mut self.withheld } else { &mut self.unknown };
            *which += 1;
            return Ok(());
        };
        *self.added.entry(event.metadata().kind.clone()).or_default() += 1;
        match &event {
            RecordedEvent::Account(recorded) => {
                if let account::Event::SubjectErased { subject, .. } = &recorded.event {
                    self.erased.push(*subject);
                }
            }
            RecordedEvent::Node(recorded) => {
                if let node::Event::LogRestored { era, size, .. } = &recorded.event {
                    self.eras.push((*era, *size));
                }
            }
            RecordedEvent::Session(_) | RecordedEvent::Operator(_) => {}
        }
        Ok(())
    }
}
