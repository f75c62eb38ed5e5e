mod notes;
mod receipts;
mod trees;

use std::collections::BTreeMap;

use beckon_events::{Digest, PublicKey};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

use super::*;

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn public(pair: &Ed25519KeyPair) -> PublicKey {
    PublicKey(pair.public_key().as_ref().try_into().unwrap())
}

fn hex(text: &str) -> Digest {
    Digest::from_hex(text).unwrap()
}

/// A different hash for every number.
fn leaf(n: u64) -> Digest {
    beckon_events::envelope::leaf(&n.to_be_bytes())
}

/// Tiles as a folder keeps them.
#[derive(Default)]
struct Folder(BTreeMap<String, Vec<u8>>);

impl Folder {
    /// The tiles of the first `size` leaves, written by a [`Tiler`] in one go.
    fn of(size: u64) -> Self {
        let (mut folder, mut tiler) = (Self::default(), Tiler::default());
        for n in 0..size {
            folder.write(tiler.push(leaf(n)));
        }
        folder.write(tiler.partials());
        folder
    }

    fn write(&mut self, tiles: Vec<Tile>) {
        self.0.extend(tiles.into_iter().map(|tile| (tile.at.path(), tile.bytes)));
    }
}

impl Tiles for Folder {
    fn tile(&self, at: TileAt) -> Option<Vec<u8>> {
        // The tile itself, or else the next wider one that is stored.
        (at.width..=WIDTH).find_map(|width| self.0.get(&TileAt { width, ..at }.path()).cloned())
    }
}
