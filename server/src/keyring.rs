//! The keys of subjects while the server runs: made, found, kept for a while, forgotten.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use beckon_events::{Keys, KeysError, Subject, SubjectKey, SubjectKind};

use crate::clock::Random;
use crate::data_folder::{DataFolderError, Keks, Ring};
use crate::vault::{Kept, Vault, VaultError, Wrapped};

/// Keys that are kept in memory; beyond that it starts anew.
const CACHED_MAX: usize = 10_000;

/// The keys of all subjects; cheap to clone. Waits for the disk: not for an async thread.
#[derive(Clone)]
pub struct Keyring(Arc<Shared>);

struct Shared {
    vault: Vault,
    keks: Keks,
    random: Random,
    cache: Mutex<Cache>,
    /// Held by whoever makes keys: nobody has two.
    making: Mutex<()>,
}

/// Keys are wiped when they leave it.
#[derive(Default)]
struct Cache {
    keys: HashMap<Subject, SubjectKey>,
    /// How often a key was forgotten: what was read before that is not put in after it.
    forgotten: u64,
}

/// Whether events begin a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstOfStream {
    /// They do.
    Yes,
    /// They follow others.
    No,
}

/// The keys of a keyring that are in memory.
pub struct AtHand<'a>(&'a Keyring);

impl Keys for AtHand<'_> {
    fn key(&self, subject: Subject) -> Result<Option<SubjectKey>, KeysError> {
        Ok(self.0.cache().keys.get(&subject).cloned())
    }
}

/// Why the wrapping keys cannot be put in order.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The key files.
    #[error(transparent)]
    Folder(#[from] DataFolderError),
    /// The wrapped keys.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl Keyring {
    /// The keyring over a vault, after finishing an erasure that was cut off.
    pub fn open(vault: Vault, keks: Keks, random: Random) -> Result<Self, KeyringError> {
        let (cache, making) = (Mutex::default(), Mutex::default());
        let keyring = Self(Arc::new(Shared { vault, keks, random, cache, making }));
        keyring.settle()?;
        Ok(keyring)
    }

    /// Brings the keys of these subjects into memory, where [`Keyring::at_hand`] finds them, and
    /// makes those that are missing; they are on disk when this returns.
    ///
    /// A subject gets its key with the first event of its stream, an address at any time. One
    /// that was erased, or whose key was lost with an older vault, is an error: with another key
    /// the values that stand in the log already could never be told from changed ones.
    pub fn ensure(&self, subjects: &[Subject], first: FirstOfStream) -> Result<(), VaultError> {
        let (wanted, forgotten): (BTreeSet<Subject>, u64) = {
            let cache = self.cache();
            let missing = subjects.iter().filter(|subject| !cache.keys.contains_key(subject));
            (missing.copied().collect(), cache.forgotten)
        };
        if wanted.is_empty() {
            return Ok(());
        }
        let born = |subject: Subject| {
            first == FirstOfStream::Yes || subject.kind() == SubjectKind::Address
        };
        let _alone = self.0.making.lock().unwrap_or_else(PoisonError::into_inner);
        // Held until the new keys are stored: nobody replaces the wrapping key in between.
        let ring = self.0.keks.hold();
        let (mut made, mut found) = (Vec::new(), Vec::new());
        for subject in wanted {
            match self.0.vault.subject_key(subject)? {
                Some(Kept::Key(wrapped)) => {
                    let kek = ring.get(wrapped.kek);
                    let kek = kek.ok_or(VaultError::Wrapped { subject, kek: wrapped.kek })?;
                    found.push((subject, wrapped.open(subject, kek)?));
                }
                None if born(subject) => {
                    made.push((subject, SubjectKey::new(self.0.random.bytes())));
                }
                Some(Kept::Gone) | None => return Err(VaultError::Erased(subject)),
            }
        }
        let wrap = |(subject, key): &(Subject, SubjectKey)| {
            let kek = ring.newest().ok_or(VaultError::Wrapped { subject: *subject, kek: 1 })?;
            Ok((*subject, Wrapped::new(key, *subject, kek, &self.0.random)?))
        };
        let wrapped = made.iter().map(wrap).collect::<Result<Vec<_>, VaultError>>()?;
        if !wrapped.is_empty() {
            self.0.vault.keep_subject_keys(&wrapped)?;
        }
        drop(ring);
        let mut cache = self.cache();
        // What was erased meanwhile is not put back: whoever seals with it begins again.
        if cache.forgotten == forgotten {
            for (subject, key) in made.into_iter().chain(found) {
                cache.put(subject, key);
            }
        }
        Ok(())
    }

    /// The keys that are in memory now: never waits, and finds nothing that was erased.
    pub fn at_hand(&self) -> AtHand<'_> {
        AtHand(self)
    }

    /// The number of the wrapping key in use: it grows with every erasure.
    pub fn newest(&self) -> u32 {
        self.0.keks.hold().newest().map_or(0, |kek| kek.number)
    }

    /// Drops what is in memory about a subject.
    pub fn forget(&self, subject: Subject) {
        let mut cache = self.cache();
        cache.forgotten += 1;
        cache.keys.remove(&subject);
    }

    /// Destroys the key of a subject for good: no copy of the vault's file opens it either.
    /// Whether there was one. After a failure, or a crash, doing it again finishes it.
    pub fn erase(&self, subject: Subject) -> Result<bool, KeyringError> {
        self.forget(subject);
        let erased = self.0.vault.erase_subject_key(subject)?;
        self.forget(subject);
        self.settle()?;
        Ok(erased)
    }

    /// Brings wrapping keys and wrapped keys to rest, from wherever an erasure was cut off:
    /// a new wrapping key where the one in use has seen an erasure, every key under it, the old
    /// ones gone.
    fn settle(&self) -> Result<(), KeyringError> {
        let mut ring = self.0.keks.replace();
        let newest = ring.newest().map_or(0, |kek| kek.number);
        if self.0.vault.erased_under(newest)? {
            ring.add(&self.0.random)?;
        }
        self.rewrap(&ring)?;
        self.0.vault.scrub()?;
        ring.drop_old()?;
        Ok(())
    }

    fn rewrap(&self, ring: &Ring) -> Result<(), VaultError> {
        let Some(newest) = ring.newest() else { return Ok(()) };
        let count = self.0.vault.rewrap(newest, |number| ring.get(number), &self.0.random)?;
        if count > 0 {
            tracing::info!(count, "keys of subjects were wrapped anew");
        }
        Ok(())
    }

    fn find(&self, subject: Subject) -> Result<Option<SubjectKey>, VaultError> {
        let forgotten = {
            let cache = self.cache();
            if let Some(key) = cache.keys.get(&subject) {
                return Ok(Some(key.clone()));
            }
            cache.forgotten
        };
        let key = {
            // Held while looking: the wrapping key of what is found is not replaced meanwhile.
            let ring = self.0.keks.hold();
            match self.0.vault.subject_key(subject)? {
                None | Some(Kept::Gone) => return Ok(None),
                Some(Kept::Key(wrapped)) => {
                    let kek = ring.get(wrapped.kek);
                    let kek = kek.ok_or(VaultError::Wrapped { subject, kek: wrapped.kek })?;
                    wrapped.open(subject, kek)?
                }
            }
        };
        let mut cache = self.cache();
        if cache.forgotten == forgotten {
            cache.put(subject, key.clone());
        }
        Ok(Some(key))
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.0.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keys for Keyring {
    fn key(&self, subject: Subject) -> Result<Option<SubjectKey>, KeysError> {
        self.find(subject).map_err(|error| KeysError(error.to_string()))
    }
}

impl Cache {
    fn put(&mut self, subject: Subject, key: SubjectKey) {
        if self.keys.len() >= CACHED_MAX {
            self.keys.clear();
        }
        self.keys.insert(subject, key);
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring(…)")
    }
}

#[cfg(test)]
mod tests;
