//! The keys that wrap the keys of subjects: `keys/kek.N`, of which the highest counts.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use zeroize::Zeroizing;

use super::file::{read_secret, sync_folder_of, write_secret};
use super::{DataFolderError, SecretError};
use crate::clock::Random;

/// Every wrapping key of a data folder; clones share them. More than one only while an erasure
/// moves the vault from one to the next.
#[derive(Clone, Debug)]
pub struct Keks(Arc<RwLock<Ring>>);

/// One wrapping key: 32 random bytes for AES-256-GCM, wiped when dropped.
#[derive(Clone)]
pub struct Kek {
    /// Its number, from 1.
    pub number: u32,
    bytes: Zeroizing<[u8; 32]>,
}

/// The wrapping keys, held by whoever wraps or replaces them.
#[derive(Debug)]
pub struct Ring {
    folder: PathBuf,
    // INVARIANT: never empty.
    all: BTreeMap<u32, Kek>,
}

impl Keks {
    /// Reads the wrapping keys in `folder`, or makes the first where none can have been.
    pub(super) fn open(
        folder: &Path,
        used: bool,
        random: &Random,
    ) -> Result<Self, DataFolderError> {
        let refused = |error| DataFolderError::NotWritable { path: folder.to_owned(), error };
        let mut all = BTreeMap::new();
        for entry in fs::read_dir(folder).map_err(refused)? {
            let name = entry.map_err(refused)?.file_name();
            let Some(number) = name.to_str().and_then(number) else { continue };
            let path = folder.join(&name);
            let bytes = read_secret(&path)?;
            let bytes = <[u8; 32]>::try_from(bytes.as_slice())
                .map_err(|_| DataFolderError::KeyDamaged(path))?;
            all.insert(number, Kek { number, bytes: Zeroizing::new(bytes) });
        }
        let mut ring = Ring { folder: folder.to_owned(), all };
        if ring.all.is_empty() {
            if used {
                return Err(DataFolderError::KekMissing(ring.path(1)));
            }
            ring.make(1, random)?;
        }
        Ok(Self(Arc::new(RwLock::new(ring))))
    }

    /// All of them. They stay as they are while this is held: whoever wraps keeps it until what is
    /// wrapped is stored.
    pub fn hold(&self) -> RwLockReadGuard<'_, Ring> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// All of them, to replace them.
    pub fn replace(&self) -> RwLockWriteGuard<'_, Ring> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    /// The one that wraps.
    pub fn newest(&self) -> Option<&Kek> {
        self.all.last_key_value().map(|(_, kek)| kek)
    }

    /// The one with this number.
    pub fn get(&self, number: u32) -> Option<&Kek> {
        self.all.get(&number)
    }

    /// Makes the next one; it is on disk when this returns.
    pub fn add(&mut self, random: &Random) -> Result<(), DataFolderError> {
        let next = self.all.keys().last().map_or(1, |last| last.saturating_add(1));
        self.make(next, random)
    }

    /// Destroys all but the newest.
    pub fn drop_old(&mut self) -> Result<(), DataFolderError> {
        let newest = self.all.keys().last().copied();
        let old: Vec<u32> = self.all.keys().copied().filter(|n| Some(*n) != newest).collect();
        for number in old {
            let path = self.path(number);
            destroy(&path).map_err(|error| SecretError::Io { path, error })?;
            self.all.remove(&number);
        }
        Ok(())
    }

    /// Where the key with this number is kept.
    pub fn path(&self, number: u32) -> PathBuf {
        self.folder.join(format!("kek.{number}"))
    }

    fn make(&mut self, number: u32, random: &Random) -> Result<(), DataFolderError> {
        let bytes = Zeroizing::new(random.bytes::<32>());
        write_secret(&self.path(number), bytes.as_slice())?;
        self.all.insert(number, Kek { number, bytes });
        Ok(())
    }
}

impl Kek {
    /// The cipher under it.
    pub fn cipher(&self) -> LessSafeKey {
        let unbound = UnboundKey::new(&AES_256_GCM, self.bytes.as_slice());
        // 32 bytes are the length of the key by its type.
        LessSafeKey::new(unbound.unwrap_or_else(|_| std::process::abort()))
    }
}

/// `kek.N` without leading zeros.
fn number(name: &str) -> Option<u32> {
    let digits = name.strip_prefix("kek.")?;
    digits.parse().ok().filter(|number: &u32| *number > 0 && number.to_string() == digits)
}

/// Overwrites the file before it goes, for file systems that write in place.
fn destroy(path: &Path) -> io::Result<()> {
    let mut file = fs::File::options().write(true).open(path)?;
    file.rewind()?;
    file.write_all(&[0; 32])?;
    file.sync_all()?;
    fs::remove_file(path)?;
    sync_folder_of(path)
}

impl fmt::Debug for Kek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kek({}, …)", self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_number_counts_and_the_old_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        let random = Random::new();
        let keks = Keks::open(folder.path(), false, &random).unwrap();
        for _ in 0..9 {
            keks.replace().add(&random).unwrap();
        }
        fs::write(folder.path().join("kek.new"), "a draft").unwrap();
        let again = Keks::open(folder.path(), true, &random).unwrap();
        assert_eq!(again.hold().newest().unwrap().number, 10);
        assert_eq!(again.hold().get(3).unwrap().bytes, keks.hold().get(3).unwrap().bytes);
        again.replace().drop_old().unwrap();
        let left = Keks::open(folder.path(), true, &random).unwrap();
        assert_eq!(left.hold().all.keys().copied().collect::<Vec<_>>(), [10]);
    }

    #[test]
    fn a_used_folder_without_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = Keks::open(folder.path(), true, &Random::new()).unwrap_err();
        assert!(matches!(refused, DataFolderError::KekMissing(_)), "{refused}");
    }
}
