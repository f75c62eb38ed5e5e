//! Lines in, prepared events out, in their order: in one thread or in several.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::prepared::{Ground, Prepared, Spent, prepare};
use crate::export::{Batch, Lines, Passed};
use crate::verdict::{Stop, Wrong};

/// How many batches wait for a worker, and for the one who takes them back.
const QUEUE: usize = 2;

type Results = (Vec<Result<Prepared, Wrong>>, Spent);

/// Takes every event in order until one is wrong; the file is read to its end all the same, so
/// that its hash is known. Gives what the file is, and what was wrong with the events.
pub fn run(
    lines: Lines,
    ground: &Ground,
    jobs: usize,
    spent: &mut Spent,
    take: &mut dyn FnMut(Prepared) -> Result<(), Stop>,
) -> io::Result<(Passed, Result<(), Stop>)> {
    if jobs > 1 {
        several(lines, ground, jobs, spent, take)
    } else {
        alone(lines, ground, spent, take)
    }
}

fn alone(
    mut lines: Lines,
    ground: &Ground,
    spent: &mut Spent,
    take: &mut dyn FnMut(Prepared) -> Result<(), Stop>,
) -> io::Result<(Passed, Result<(), Stop>)> {
    let mut found = Ok(());
    while let Some(batch) = lines.batch()? {
        found = taken(prepare(&batch, ground), spent, take);
        if found.is_err() {
            break;
        }
    }
    Ok((lines.drain()?, found))
}

fn several(
    lines: Lines,
    ground: &Ground,
    jobs: usize,
    spent: &mut Spent,
    take: &mut dyn FnMut(Prepared) -> Result<(), Stop>,
) -> io::Result<(Passed, Result<(), Stop>)> {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
        for _ in 0..jobs {
            let (to, batches) = sync_channel::<Batch>(QUEUE);
            let (done, from) = sync_channel::<Results>(QUEUE);
            scope.spawn(move || work(&batches, &done, ground));
            inputs.push(to);
            outputs.push(from);
        }
        let stop = &stop;
        let reader = scope.spawn(move || read(lines, &inputs, stop));
        let mut found = Ok(());
        // The reader deals batches out in turn, so they come back in turn.
        for from in outputs.iter().cycle() {
            let Ok(results) = from.recv() else { break };
            found = taken(results, spent, take);
            if found.is_err() {
                stop.store(true, Ordering::Relaxed);
                break;
            }
        }
        drop(outputs);
        let passed =
            reader.join().unwrap_or_else(|_| Err(io::Error::other("the reader broke off")))?;
        Ok((passed, found))
    })
}

fn read(mut lines: Lines, workers: &[SyncSender<Batch>], stop: &AtomicBool) -> io::Result<Passed> {
    for worker in workers.iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let Some(batch) = lines.batch()? else { break };
        if worker.send(batch).is_err() {
            break;
        }
    }
    lines.drain()
}

fn work(batches: &Receiver<Batch>, done: &SyncSender<Results>, ground: &Ground) {
    while let Ok(batch) = batches.recv() {
        if done.send(prepare(&batch, ground)).is_err() {
            break;
        }
    }
}

fn taken(
    (results, part): Results,
    spent: &mut Spent,
    take: &mut dyn FnMut(Prepared) -> Result<(), Stop>,
) -> Result<(), Stop> {
    spent.sealed += part.sealed;
    spent.said += part.said;
    spent.legality += part.legality;
    spent.statements += part.statements;
    results.into_iter().try_for_each(|result| take(result.map_err(Stop::Wrong)?))
}
