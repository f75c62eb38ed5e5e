//! What a start makes sure of: that the log is still the one that was signed.

use std::sync::Arc;

use beckon_events::{LogId, PublicKey};
use beckon_protocol::evidence::Checkpoint;

use super::StartError;
use super::checkpoints::{Checkpoints, newest_within};
use super::files::Files;
use super::tree::Tree;
use crate::store::EventReader;

/// How many events are read at once.
const PAGE: usize = 1_000;

/// Which log it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening {
    /// Its id.
    pub(super) log: LogId,
    /// How often it was restored.
    pub(super) era: u32,
    /// How many events of the era before the last restore kept.
    pub(super) restored: Option<u64>,
    /// Whether a checkpoint of this era was signed for certain.
    pub(super) signed: bool,
}

/// The tree over the whole log, and the checkpoints that it agrees with.
pub(super) fn open(
    files: &Arc<dyn Files>,
    reader: &dyn EventReader,
    opening: Opening,
    key: &PublicKey,
) -> Result<(Tree, Checkpoints), StartError> {
    let checkpoints = Checkpoints::open(files, (opening.log, opening.era), key)?;
    if opening.signed && checkpoints.last().is_none() {
        return Err(StartError::Gone { path: checkpoints.path().to_owned() });
    }
    let anchor = anchor(files, opening, &checkpoints)?;
    if let Some(tree) = Tree::resume(files, opening.log)? {
        match go_on(tree, reader, anchor.as_ref()) {
            Ok(tree) => return Ok((tree, checkpoints)),
            Err(error) => tracing::warn!(%error, "the tree is made again from the log"),
        }
    }
    let tree = rebuild(files, reader, opening, &checkpoints)?;
    Ok((tree, checkpoints))
}

/// The same without what was kept of the tree.
pub(super) fn rebuild(
    files: &Arc<dyn Files>,
    reader: &dyn EventReader,
    opening: Opening,
    checkpoints: &Checkpoints,
) -> Result<Tree, StartError> {
    let anchor = anchor(files, opening, checkpoints)?;
    grow(Tree::empty(Arc::clone(files), opening.log), reader, anchor.as_ref())
}

/// The last signed checkpoint that speaks of the events of this log.
fn anchor(
    files: &Arc<dyn Files>,
    opening: Opening,
    checkpoints: &Checkpoints,
) -> Result<Option<Checkpoint>, StartError> {
    if let Some(signed) = checkpoints.last() {
        return Ok(Some(signed.checkpoint.clone()));
    }
    // What lies above speaks of events that the restore lost.
    let Some(restored) = opening.restored else { return Ok(None) };
    let signed = newest_within(&**files, opening.era, restored)?;
    Ok(signed.map(|signed| signed.checkpoint))
}

/// Goes on with what was kept, where the log still has its last event.
fn go_on(
    tree: Tree,
    reader: &dyn EventReader,
    anchor: Option<&Checkpoint>,
) -> Result<Tree, StartError> {
    let changed = || StartError::Changed { signed: tree.size() };
    if let Some((position, leaf)) = tree.last() {
        let found = reader.read_all_from(position, 1)?;
        let found = found.first().ok_or_else(changed)?;
        if (found.position, found.leaf()) != (position, leaf) {
            return Err(changed());
        }
    }
    if let Some(anchor) = anchor.filter(|anchor| anchor.size <= tree.size())
        && tree.root_at(anchor.size) != Some(anchor.root)
    {
        return Err(changed());
    }
    grow(tree, reader, anchor)
}

/// Appends what the log has more, and checks the signed root on the way.
fn grow(
    mut tree: Tree,
    reader: &dyn EventReader,
    anchor: Option<&Checkpoint>,
) -> Result<Tree, StartError> {
    loop {
        let page = reader.read_all(tree.last().map(|(position, _)| position), PAGE)?;
        if page.is_empty() {
            break;
        }
        for event in &page {
            tree.push(event)?;
            if let Some(anchor) = anchor
                && anchor.size == tree.size()
                && anchor.root != tree.root()
            {
                return Err(StartError::Changed { signed: anchor.size });
            }
        }
    }
    match anchor {
        Some(anchor) if anchor.size > tree.size() => {
            Err(StartError::Shorter { has: tree.size(), signed: anchor.size })
        }
        _ => Ok(tree),
    }
}
