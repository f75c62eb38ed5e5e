//! The power may go at any moment: nothing that somebody has seen is contradicted afterwards.

use std::collections::BTreeSet;
use std::sync::Arc;

use beckon_protocol::evidence::{TileAt, Tiler};

use super::recorder::{Contents, Fate, Op, Recorder, after};
use super::{Desk, LOG, checked_notes, grow, log, metadata, truth};
use crate::evidence::files::Files;
use crate::evidence::memory_files::MemoryFiles;
use crate::evidence::state::STATE;
use crate::evidence::tree::{Tree, path};

const CHECKPOINTS: &str = "checkpoints/0.ndjson";

/// What was done in the life of a server.
struct Life {
    ops: Vec<Op>,
    /// How many events the log had when each operation was done.
    events: Vec<u64>,
    /// What was shown, and how many operations had been done by then.
    shown: Vec<(usize, String)>,
}

/// A life with two starts, many checkpoints and some states.
fn life() -> Life {
    let recorder = Arc::new(Recorder::default());
    let files: Arc<dyn Files> = recorder.clone();
    let mut store = log(3);
    let mut life = Life { ops: Vec::new(), events: Vec::new(), shown: Vec::new() };
    for events in [[5, 100, 250, 256, 300], [310, 511, 513, 520, 530]] {
        let mut desk = Desk::open(&files, &store).unwrap();
        let first = desk.evidence.latest().unwrap().note.clone();
        life.shown.push((recorder.ops().len(), first));
        for events in events {
            grow(&mut store, events);
            let note = desk.sign(&store).note.clone();
            life.shown.push((recorder.ops().len(), note));
            if events % 100 == 0 {
                desk.sequencer.tree.save().unwrap();
            }
            life.events.resize(recorder.ops().len(), events);
        }
        desk.sequencer.finish();
        life.events.resize(recorder.ops().len(), events[4]);
    }
    life.ops = recorder.ops();
    life
}

impl Life {
    /// What somebody may have seen after so many operations.
    fn seen(&self, until: usize) -> Vec<String> {
        let shown = self.shown.iter().filter(|(at, _)| *at <= until);
        let mut seen: Vec<_> = shown.map(|(_, note)| note.clone()).collect();
        // What is durable is shown in the next moment.
        let durable = after(&self.ops[..until], Fate::Lost);
        seen.extend(checked_notes(&MemoryFiles::of(durable)));
        seen
    }

    fn start_again(&self, until: usize, fate: Fate) {
        let events = self.events.get(until).or(self.events.last()).unwrap();
        start_again(after(&self.ops[..until], fate), *events, &self.seen(until));
    }
}

/// Starts again on what is left, works on, and compares all of it with the one true log.
fn start_again(left: Contents, events: u64, seen: &[String]) {
    let files: Arc<dyn Files> = Arc::new(MemoryFiles::of(left));
    let mut store = log(events);
    let mut desk = Desk::open(&files, &store).unwrap_or_else(|error| panic!("{error}"));
    grow(&mut store, events + 3);
    let signed = desk.sign(&store);
    assert_eq!((signed.size, signed.root), (events + 3, truth(events + 3).root()));
    let notes: BTreeSet<_> = checked_notes(&*files).into_iter().collect();
    assert!(seen.iter().all(|note| notes.contains(note)), "what was seen stays");
    check_tiles(&desk, events + 3);
    desk.sequencer.finish();
    let resumed = Tree::resume(&files, LOG).unwrap().unwrap();
    assert_eq!(resumed.root(), truth(events + 3).root(), "the state is that of the end");
}

fn check_tiles(desk: &Desk, size: u64) {
    let (mut tree, mut tiles) = (Tiler::default(), Vec::new());
    for index in 0..size {
        tiles.extend(tree.push(beckon_events::envelope::leaf(&metadata(index))));
    }
    tiles.extend(tree.partials());
    assert_eq!(TileAt::of_tree(size).count(), tiles.len());
    for tile in tiles {
        let file = desk.shared.files.read(&path(tile.at)).unwrap();
        assert!(file.as_ref() == Some(&tile.bytes), "{:?}", tile.at);
    }
}

#[test]
fn after_a_kill_or_a_power_cut_at_any_operation_nothing_seen_is_contradicted() {
    let life = life();
    assert!(life.ops.len() > 60, "{}", life.ops.len());
    for until in 0..=life.ops.len() {
        for fate in [Fate::Kept, Fate::Lost, Fate::Hollow] {
            life.start_again(until, fate);
        }
    }
}

#[test]
fn a_checkpoint_torn_at_any_byte_is_dropped_and_signed_anew() {
    let life = life();
    let lines = life.ops.iter().enumerate().filter_map(|(index, op)| match op {
        Op::Write(path, _, bytes) if path == CHECKPOINTS && !bytes.is_empty() => {
            Some((index, bytes.len()))
        }
        _ => None,
    });
    for (index, length) in [lines.clone().next(), lines.clone().nth(6)].into_iter().flatten() {
        for kept in 0..=length {
            life.start_again(index + 1, Fate::Torn(kept));
        }
    }
}

#[test]
fn tiles_positions_and_state_may_be_missing_or_damaged_anywhere() {
    let life = life();
    let (whole, seen) = (after(&life.ops, Fate::Kept), life.seen(life.ops.len()));
    let rebuilt = |left: Contents| start_again(left, 530, &seen);
    let mut nothing = whole.clone();
    nothing.retain(|path, _| path == CHECKPOINTS);
    rebuilt(nothing);
    for file in ["tiles/positions", STATE] {
        let mut left = whole.clone();
        left.remove(file);
        rebuilt(left);
        let length = whole[file].len();
        for at in (0..length).step_by((length / 40).max(1)) {
            let mut left = whole.clone();
            left.insert(file.to_owned(), whole[file][..at].to_vec());
            rebuilt(left);
        }
    }
    let state = &whole[STATE];
    for at in (0..state.len()).step_by((state.len() / 60).max(1)) {
        let mut left = whole.clone();
        left.get_mut(STATE).unwrap()[at] ^= 1;
        rebuilt(left);
    }
}
