//! The Merkle tree with its files.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use beckon_events::{Digest, LogId};
use beckon_protocol::evidence::{Tile, TileAt, Tiler, WIDTH, root};

use super::files::{Files, Keep};
use super::positions::{POSITIONS, Positions};
use super::state::{STATE, State};
use crate::store::{Position, StoredEvent};

/// A growing tree. Full tiles are written when they become full, the rest when asked for.
pub(super) struct Tree {
    files: Arc<dyn Files>,
    log: LogId,
    tiler: Tiler,
    positions: Positions,
    /// Position and leaf of the last event.
    last: Option<(Position, Digest)>,
    /// Written, and not durable yet.
    unsynced: BTreeSet<String>,
    /// How many bundles the file of positions holds.
    written: usize,
    /// The size of the state on the disk.
    saved: u64,
    /// The partial tiles on the disk.
    partials: Vec<TileAt>,
}

impl Tree {
    /// A tree without leaves.
    pub(super) fn empty(files: Arc<dyn Files>, log: LogId) -> Self {
        Self {
            files,
            log,
            tiler: Tiler::default(),
            positions: Positions::default(),
            last: None,
            unsynced: BTreeSet::new(),
            written: 0,
            saved: 0,
            partials: Vec::new(),
        }
    }

    /// Goes on from what [`Tree::save`] wrote; none where that is missing or does not fit.
    pub(super) fn resume(files: &Arc<dyn Files>, log: LogId) -> io::Result<Option<Self>> {
        let Some(bytes) = files.read(STATE)? else { return Ok(None) };
        let positions = files.read(POSITIONS)?.unwrap_or_default();
        let read = || {
            let state = State::read(&bytes, log)?;
            Some((state.tiler()?, state.positions(&positions)?, state))
        };
        Ok(read().map(|(tiler, positions, state)| Self {
            last: (state.size > 0).then(|| (Position::from_bits(state.position), state.leaf)),
            written: positions.full(),
            saved: state.size,
            tiler,
            positions,
            ..Self::empty(Arc::clone(files), log)
        }))
    }

    /// Appends the leaf of an event.
    pub(super) fn push(&mut self, event: &StoredEvent) -> io::Result<()> {
        let leaf = event.leaf();
        // The tile first: where it cannot be written the tree stays as it was.
        let mut grown = None;
        if (self.tiler.size() + 1).is_multiple_of(u64::from(WIDTH)) {
            let mut tiler = self.tiler.clone();
            for tile in tiler.push(leaf) {
                self.write(&tile)?;
            }
            grown = Some(tiler);
        }
        match grown {
            Some(tiler) => self.tiler = tiler,
            None => drop(self.tiler.push(leaf)),
        }
        self.positions.push(event.position);
        self.last = Some((event.position, leaf));
        Ok(())
    }

    /// How many leaves it has.
    pub(super) fn size(&self) -> u64 {
        self.tiler.size()
    }

    /// Its root.
    pub(super) fn root(&self) -> Digest {
        self.tiler.root()
    }

    /// Position and leaf of the last event.
    pub(super) fn last(&self) -> Option<(Position, Digest)> {
        self.last
    }

    /// Where the leaves stand in the store.
    pub(super) fn positions(&self) -> &Positions {
        &self.positions
    }

    /// The tiles that are not full.
    pub(super) fn partials(&self) -> Vec<Tile> {
        self.tiler.partials()
    }

    /// The root over the first `size` leaves, from the tiles; none where one is missing.
    pub(super) fn root_at(&self, size: u64) -> Option<Digest> {
        if size == self.size() {
            return Some(self.root());
        }
        let edge = self.partials();
        root(size, &|at: TileAt| read(&*self.files, &edge, at))
    }

    /// Writes the tiles that are not full.
    pub(super) fn show(&mut self) -> io::Result<()> {
        for tile in self.partials() {
            if !self.partials.contains(&tile.at) {
                self.files.put(&path(tile.at), &tile.bytes, Keep::Later)?;
                self.partials.push(tile.at);
            }
        }
        Ok(())
    }

    /// Removes partial tiles that a wider one has replaced.
    pub(super) fn tidy(&mut self) -> io::Result<()> {
        let current: Vec<_> = self.partials().iter().map(|tile| tile.at).collect();
        for at in std::mem::take(&mut self.partials) {
            if current.contains(&at) {
                self.partials.push(at);
            } else {
                self.files.remove(&path(at))?;
            }
        }
        Ok(())
    }

    /// Looks for partial tiles that an earlier run has left beside the current ones.
    pub(super) fn find_partials(&mut self) -> io::Result<()> {
        for at in self.partials().iter().map(|tile| tile.at) {
            let folder = path(at);
            let Some((folder, _)) = folder.rsplit_once('/') else { continue };
            for name in self.files.names(folder)? {
                if let Ok(width @ 1..WIDTH) = name.parse() {
                    self.partials.push(TileAt { width, ..at });
                }
            }
        }
        // What they hold is not known: they are written anew.
        for at in std::mem::take(&mut self.partials) {
            self.files.remove(&path(at))?;
        }
        Ok(())
    }

    /// How many leaves a start would have to read again.
    pub(super) fn unsaved(&self) -> u64 {
        self.size() - self.saved
    }

    /// Makes everything durable and keeps the state, for the next start.
    pub(super) fn save(&mut self) -> io::Result<()> {
        let Some((position, leaf)) = self.last else { return Ok(()) };
        let new = self.positions.bytes(self.written);
        if !new.is_empty() || self.written == 0 {
            self.files.write_from(POSITIONS, self.written as u64 * 8, &new)?;
            self.unsynced.insert(POSITIONS.to_owned());
        }
        self.files.sync(&self.unsynced)?;
        self.unsynced.clear();
        self.written = self.positions.full();
        let state = State::of(self.log, &self.tiler, (position.to_bits(), leaf), &self.positions);
        self.files.put(STATE, &state.to_bytes(), Keep::Now)?;
        self.saved = self.size();
        Ok(())
    }

    fn write(&mut self, tile: &Tile) -> io::Result<()> {
        let path = path(tile.at);
        // A tree that is built again finds most of its tiles as they should be.
        if self.files.read(&path)?.as_ref() != Some(&tile.bytes) {
            self.files.put(&path, &tile.bytes, Keep::Later)?;
        }
        self.unsynced.insert(path);
        Ok(())
    }
}

/// The file of a tile.
pub(super) fn path(at: TileAt) -> String {
    format!("tiles/{}", at.path())
}

/// The bytes of a tile, where a wider one will do: `edge` are those that are not full.
pub(super) fn read(files: &dyn Files, edge: &[Tile], at: TileAt) -> Option<Vec<u8>> {
    let wider = |tile: &&Tile| {
        (tile.at.level, tile.at.index) == (at.level, at.index) && tile.at.width >= at.width
    };
    if let Some(tile) = edge.iter().find(wider) {
        return Some(tile.bytes.clone());
    }
    let full = path(TileAt { width: WIDTH, ..at });
    files
        .read(&full)
        .inspect_err(|error| tracing::error!(%full, %error, "a tile cannot be read"))
        .ok()?
}
