//! What the sequencer shows to everybody who asks for proofs.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use beckon_events::PublicKey;
use beckon_protocol::evidence::{Origin, Tile, TileAt};

use super::files::Files;
use super::positions::{BUNDLE, Place, Positions};
use super::tree::{self, Tree};
use super::{EvidenceError, Signed};
use crate::store::{EventReader, Position, StoredEvent};

/// The newest checkpoint, and the tiles of its tree that are not full.
pub(super) struct Published {
    pub(super) signed: Arc<Signed>,
    pub(super) edge: Vec<Tile>,
}

/// Shared between the sequencer's thread and everybody else.
pub(super) struct Shared {
    pub(super) files: Arc<dyn Files>,
    pub(super) origin: Origin,
    pub(super) key: PublicKey,
    reader: Mutex<Box<dyn EventReader>>,
    places: RwLock<(u64, Positions)>,
    published: RwLock<Option<Arc<Published>>>,
}

impl Shared {
    /// Nothing is signed yet.
    pub(super) fn new(
        files: Arc<dyn Files>,
        origin: Origin,
        key: PublicKey,
        reader: Box<dyn EventReader>,
    ) -> Self {
        let (reader, places) = (Mutex::new(reader), RwLock::default());
        Self { files, origin, key, reader, places, published: RwLock::default() }
    }

    /// The newest checkpoint.
    pub(super) fn latest(&self) -> Option<Arc<Signed>> {
        self.published().map(|published| Arc::clone(&published.signed))
    }

    /// The newest checkpoint with its edge.
    pub(super) fn published(&self) -> Option<Arc<Published>> {
        self.published.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Everybody may see this now.
    pub(super) fn publish(&self, published: Published) {
        let mut shown = self.published.write().unwrap_or_else(PoisonError::into_inner);
        *shown = Some(Arc::new(published));
    }

    /// How many events have their place.
    pub(super) fn size(&self) -> u64 {
        self.places.read().unwrap_or_else(PoisonError::into_inner).0
    }

    /// The tree has grown.
    pub(super) fn grown(&self, tree: &Tree) {
        let mut places = self.places.write().unwrap_or_else(PoisonError::into_inner);
        if places.0 != tree.size() {
            *places = (tree.size(), tree.positions().clone());
        }
    }

    /// All of it was made again.
    pub(super) fn repaired(&self, tree: &Tree) {
        let mut places = self.places.write().unwrap_or_else(PoisonError::into_inner);
        *places = (tree.size(), tree.positions().clone());
    }

    /// A tile of the tree of the newest checkpoint; a wider one will do.
    pub(super) fn tile(&self, published: &Published, at: TileAt) -> Option<Vec<u8>> {
        tree::read(&*self.files, &published.edge, at)
    }

    /// The event at `position` and its index in the tree.
    pub(super) fn find(&self, position: Position) -> Result<(u64, StoredEvent), EvidenceError> {
        let place = {
            let places = self.places.read().unwrap_or_else(PoisonError::into_inner);
            places.1.place(position).ok_or(EvidenceError::Missing)?
        };
        let (first, begin, limit) = match place {
            Place::Index(index) => (index, position, 1),
            Place::Bundle(index, begin) => (index, begin, BUNDLE),
        };
        let page = {
            let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
            reader.read_all_from(begin, limit)?
        };
        let found = (first..).zip(page).find(|(_, event)| event.position == position);
        found.ok_or(EvidenceError::Missing)
    }

    /// The index of a leaf of the bundle of the event at `position`, and the positions of the
    /// leaves from there on; of a bundle that is not full, the leaf of the event alone.
    pub(super) fn around(&self, position: Position) -> Result<(u64, Vec<Position>), EvidenceError> {
        let place = {
            let places = self.places.read().unwrap_or_else(PoisonError::into_inner);
            places.1.place(position).ok_or(EvidenceError::Missing)?
        };
        match place {
            Place::Index(index) => Ok((index, vec![position])),
            Place::Bundle(first, begin) => {
                let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
                let page = reader.read_all_from(begin, BUNDLE)?;
                Ok((first, page.into_iter().map(|event| event.position).collect()))
            }
        }
    }
}
