//! The keys of subjects, wrapped; and who has none any more.

use beckon_events::{Subject, SubjectKey};
use ring::aead::{Aad, NONCE_LEN, Nonce};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use zeroize::Zeroizing;

use super::{Vault, VaultError};
use crate::clock::Random;
use crate::data_folder::Kek;

/// How many rows are wrapped anew before the next are read.
const PAGE: usize = 1_000;

/// A subject's key under a wrapping key: AES-256-GCM, the subject's name as additional data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapped {
    /// The number of the wrapping key.
    pub kek: u32,
    nonce: [u8; NONCE_LEN],
    bytes: Vec<u8>,
}

/// What the vault has for a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Its key.
    Key(Wrapped),
    /// The mark that it had one: it was erased, or its key was lost with an earlier vault.
    Gone,
}

impl Wrapped {
    /// Wraps `key` of `subject`.
    pub fn new(
        key: &SubjectKey,
        subject: Subject,
        kek: &Kek,
        random: &Random,
    ) -> Result<Self, VaultError> {
        let nonce = random.bytes::<NONCE_LEN>();
        let mut bytes = Zeroizing::new(Vec::with_capacity(48));
        bytes.extend_from_slice(key.bytes());
        kek.cipher()
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(subject.to_string()),
                &mut *bytes,
            )
            .map_err(|_| VaultError::Wrapped { subject, kek: kek.number })?;
        Ok(Self { kek: kek.number, nonce, bytes: std::mem::take(&mut *bytes) })
    }

    /// The key of `subject`.
    pub fn open(&self, subject: Subject, kek: &Kek) -> Result<SubjectKey, VaultError> {
        let wrong = || VaultError::Wrapped { subject, kek: self.kek };
        let mut bytes = Zeroizing::new(self.bytes.clone());
        let nonce = Nonce::assume_unique_for_key(self.nonce);
        let aad = Aad::from(subject.to_string());
        let plain = kek.cipher().open_in_place(nonce, aad, &mut bytes).map_err(|_| wrong())?;
        let key = <[u8; 32]>::try_from(&*plain).map_err(|_| wrong())?;
        Ok(SubjectKey::new(key))
    }
}

impl Vault {
    /// What there is for a subject; nothing where it never had a key.
    pub fn subject_key(&self, subject: Subject) -> Result<Option<Kept>, VaultError> {
        let sql = "SELECT kek, nonce, wrapped FROM subject_keys WHERE subject = ?";
        self.look(|c| c.prepare_cached(sql)?.query_row([subject.to_string()], kept).optional())
    }

    /// Keeps the keys of subjects that have none, all of them or none.
    pub fn keep_subject_keys(&self, keys: &[(Subject, Wrapped)]) -> Result<(), VaultError> {
        self.change(|t| {
            keys.iter().try_for_each(|(subject, key)| {
                let sql = "INSERT INTO subject_keys VALUES (?, ?, ?, ?)";
                let params = params![subject.to_string(), key.kek, key.nonce, key.bytes];
                t.prepare_cached(sql)?.execute(params).map(drop)
            })
        })
    }

    /// Destroys a subject's wrapped key and leaves a mark; whether there was a key. The mark
    /// holds the number of the wrapping key, until which this erasure is not finished.
    pub fn erase_subject_key(&self, subject: Subject) -> Result<bool, VaultError> {
        let sql = "UPDATE subject_keys SET nonce = NULL, wrapped = NULL \
             WHERE subject = ? AND wrapped IS NOT NULL";
        self.change(|t| t.execute(sql, [subject.to_string()])).map(|count| count > 0)
    }

    /// Whose key was destroyed by an erasure. Those whose key was lost with an earlier vault are
    /// not among them: their marks name no wrapping key.
    pub fn erased_subjects(&self) -> Result<Vec<Subject>, VaultError> {
        let sql = "SELECT subject FROM subject_keys WHERE wrapped IS NULL AND kek > 0";
        let names: Vec<String> = self.look(|c| {
            let mut rows = c.prepare_cached(sql)?;
            let rows = rows.query_map([], |row| row.get(0))?;
            rows.collect()
        })?;
        let wrong =
            |name: &str, why: &dyn std::fmt::Display| VaultError::Refused(format!("{name}: {why}"));
        let read = |name: &String| name.parse().map_err(|error| wrong(name, &error));
        names.iter().map(read).collect()
    }

    /// Marks subjects as having no key: those that had one lose it, and whoever has no row gets
    /// a mark. How many that changed.
    pub fn mark_without_key(&self, subjects: &[Subject]) -> Result<usize, VaultError> {
        self.change(|t| {
            subjects.iter().try_fold(0, |changed, subject| {
            let sql = "INSERT INTO subject_keys VALUES (?, 0, NULL, NULL) ON CONFLICT (subject) \
                 DO UPDATE SET nonce = NULL, wrapped = NULL WHERE wrapped IS NOT NULL";
            Ok(changed + t.prepare_cached(sql)?.execute([subject.to_string()])?)
        })
        })
    }

    /// Whether a key was destroyed while this wrapping key was in use: then it must go as well.
    pub fn erased_under(&self, kek: u32) -> Result<bool, VaultError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM subject_keys WHERE wrapped IS NULL AND kek >= ?)";
        self.look(|c| c.query_row(sql, [kek], |row| row.get(0)))
    }

    /// Wraps every key anew that is not under `newest`, in one transaction; `find` gives the
    /// older wrapping keys. How many that were.
    pub fn rewrap<'a>(
        &self,
        newest: &Kek,
        find: impl Fn(u32) -> Option<&'a Kek>,
        random: &Random,
    ) -> Result<usize, VaultError> {
        let mut failed = None;
        let rewrapped = self.change(|t| {
            let mut count = 0;
            let mut after = String::new();
            loop {
                let page = page(t, &after)?;
                let Some((last, _)) = page.last() else { return Ok(count) };
                after.clone_from(last);
                for (name, old) in page.iter().filter(|(_, old)| old.kek != newest.number) {
                    match rewrapped(name, old, newest, find(old.kek), random) {
                        Ok(new) => {
                            let sql = "UPDATE subject_keys SET kek = ?, nonce = ?, wrapped = ? \
                                 WHERE subject = ?";
                            let params = params![new.kek, new.nonce, new.bytes, name];
                            count += t.prepare_cached(sql)?.execute(params)?;
                        }
                        Err(error) => {
                            failed = Some(error);
                            // Any error takes the transaction back; this one says why.
                            return Err(rusqlite::Error::QueryReturnedNoRows);
                        }
                    }
                }
            }
        });
        failed.map_or(rewrapped, Err)
    }

    /// Moves what is in the write-ahead log into the file and empties it, so that what was
    /// deleted is in neither.
    pub fn scrub(&self) -> Result<(), VaultError> {
        let busy: i64 =
            self.look(|c| c.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)))?;
        if busy == 0 {
            return Ok(());
        }
        Err(VaultError::Refused("another program reads vault.db, end it".to_owned()))
    }
}

fn rewrapped(
    name: &str,
    old: &Wrapped,
    newest: &Kek,
    kek: Option<&Kek>,
    random: &Random,
) -> Result<Wrapped, VaultError> {
    let subject = name.parse::<Subject>();
    let subject = subject.map_err(|error| VaultError::Refused(format!("{name}: {error}")))?;
    let kek = kek.ok_or(VaultError::Wrapped { subject, kek: old.kek })?;
    Wrapped::new(&old.open(subject, kek)?, subject, newest, random)
}

fn page(t: &Transaction<'_>, after: &str) -> rusqlite::Result<Vec<(String, Wrapped)>> {
    let sql = "SELECT subject, kek, nonce, wrapped FROM subject_keys \
         WHERE wrapped IS NOT NULL AND subject > ? ORDER BY subject LIMIT ?";
    let connection: &Connection = t;
    let mut rows = connection.prepare_cached(sql)?;
    let rows = rows.query_map(params![after, PAGE], |row| {
        let wrapped = Wrapped { kek: row.get(1)?, nonce: row.get(2)?, bytes: row.get(3)? };
        Ok((row.get(0)?, wrapped))
    })?;
    rows.collect()
}

fn kept(row: &Row<'_>) -> rusqlite::Result<Kept> {
    let (nonce, bytes): (Option<[u8; NONCE_LEN]>, Option<Vec<u8>>) = (row.get(1)?, row.get(2)?);
    let kek = row.get(0)?;
    Ok(match nonce.zip(bytes) {
        Some((nonce, bytes)) => Kept::Key(Wrapped { kek, nonce, bytes }),
        None => Kept::Gone,
    })
}
