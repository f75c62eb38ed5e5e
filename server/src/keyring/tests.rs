use std::fs;
use std::path::{Path, PathBuf};

use beckon_events::SessionId;
use uuid::Uuid;

use super::*;
use crate::data_folder::DataFolder;

struct Desk {
    parent: tempfile::TempDir,
    folder: DataFolder,
    keyring: Keyring,
}

impl Desk {
    fn new() -> Self {
        Self::at(tempfile::tempdir().unwrap())
    }

    fn at(parent: tempfile::TempDir) -> Self {
        let random = Random::new();
        let folder = DataFolder::open(parent.path(), &random).unwrap();
        let vault = Vault::open(&folder.vault_db(), folder.pepper(), &random).unwrap();
        let keyring = Keyring::open(vault, folder.keks().clone(), random).unwrap();
        Self { parent, folder, keyring }
    }

    /// What a kill -9 leaves: the vault is not closed, the folder is opened anew.
    fn restart(self) -> Self {
        let Self { parent, folder, keyring } = self;
        std::mem::forget(keyring);
        drop(folder);
        Self::at(parent)
    }

    fn vault(&self) -> &Vault {
        &self.keyring.0.vault
    }

    fn key(&self, subject: Subject) -> Option<SubjectKey> {
        self.keyring.key(subject).unwrap()
    }

    /// The bytes that stand in the vault for the key of a subject.
    fn wrapped(&self, subject: Subject) -> Vec<u8> {
        let kept = format!("{:?}", self.vault().subject_key(subject).unwrap());
        let bytes = &kept[kept.rfind('[').unwrap() + 1..kept.rfind(']').unwrap()];
        bytes.split(", ").map(|byte| byte.parse().unwrap()).collect()
    }

    fn keks(&self) -> Vec<String> {
        let names = fs::read_dir(self.folder.keys()).unwrap();
        let mut names: Vec<_> =
            names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name.starts_with("kek."));
        names.sort();
        names
    }
}

fn subject(number: u128) -> Subject {
    Subject::user(SessionId(Uuid::from_u128(number)))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn stands_in(folder: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let holds = |path: &PathBuf| fs::read(path).unwrap().windows(bytes.len()).any(|w| w == bytes);
    files(folder).into_iter().filter(holds).collect()
}

#[test]
fn a_key_is_made_once_kept_wrapped_and_never_in_the_clear() {
    let desk = Desk::new();
    assert_eq!(desk.key(subject(1)), None, "nobody asked for it yet");
    desk.keyring.ensure(&[subject(1), subject(2), subject(1)], FirstOfStream::Yes).unwrap();
    let (one, two) = (desk.key(subject(1)).unwrap(), desk.key(subject(2)).unwrap());
    assert_ne!(one, two);
    assert_eq!(stands_in(desk.parent.path(), one.bytes()), Vec::<PathBuf>::new());
    let desk = desk.restart();
    desk.keyring.ensure(&[subject(1), subject(3)], FirstOfStream::Yes).unwrap();
    assert_eq!(desk.key(subject(1)), Some(one));
    assert_eq!(desk.key(subject(2)), Some(two));
}

#[test]
fn an_erased_subject_has_no_key_never_gets_another_and_no_file_holds_what_it_had() {
    let desk = Desk::new();
    desk.keyring.ensure(&[subject(1), subject(2)], FirstOfStream::Yes).unwrap();
    let other = desk.key(subject(2)).unwrap();
    let kek = fs::read(desk.folder.keys().join("kek.1")).unwrap();
    let bytes = desk.wrapped(subject(1));
    assert!(!stands_in(desk.parent.path(), &bytes).is_empty(), "it is looked for properly");
    assert!(desk.keyring.erase(subject(1)).unwrap());
    assert_eq!(desk.key(subject(1)), None);
    assert_eq!(desk.key(subject(2)), Some(other));
    assert_eq!(stands_in(desk.parent.path(), &bytes), Vec::<PathBuf>::new());
    assert_eq!(stands_in(desk.parent.path(), &kek), Vec::<PathBuf>::new());
    assert_eq!(desk.keks(), ["kek.2"]);
    let refused = desk.keyring.ensure(&[subject(3), subject(1)], FirstOfStream::Yes).unwrap_err();
    assert!(matches!(refused, VaultError::Erased(who) if who == subject(1)), "{refused}");
    assert_eq!(desk.key(subject(3)), None, "all of them or none");
    assert!(!desk.keyring.erase(subject(1)).unwrap(), "there is nothing left to destroy");
    assert_eq!(desk.keks(), ["kek.2"]);
}

#[test]
fn an_erasure_that_was_cut_off_anywhere_is_finished_at_the_next_start() {
    for cut in 0..5 {
        let desk = Desk::new();
        desk.keyring.ensure(&[subject(1), subject(2)], FirstOfStream::Yes).unwrap();
        let other = desk.key(subject(2)).unwrap();
        let first = fs::read(desk.folder.keys().join("kek.1")).unwrap();
        let wrapped = desk.wrapped(subject(1));
        let (shared, vault) = (&desk.keyring.0, desk.vault());
        if cut >= 1 {
            vault.erase_subject_key(subject(1)).unwrap();
        }
        let mut ring = shared.keks.replace();
        if cut >= 2 {
            ring.add(&shared.random).unwrap();
        }
        if cut >= 3 {
            desk.keyring.rewrap(&ring).unwrap();
        }
        if cut >= 4 {
            ring.drop_old().unwrap();
        }
        drop(ring);
        let desk = desk.restart();
        let erased = cut >= 1;
        assert_eq!(desk.key(subject(1)).is_none(), erased, "cut off at {cut}");
        assert_eq!(desk.key(subject(2)), Some(other), "cut off at {cut}");
        assert_eq!(desk.keks(), [if erased { "kek.2" } else { "kek.1" }], "cut off at {cut}");
        for secret in [&first, &wrapped] {
            let left = stands_in(desk.parent.path(), secret);
            assert_eq!(left.is_empty(), erased, "cut off at {cut}: {left:?}");
        }
    }
}

#[test]
fn a_vault_that_cannot_be_read_is_a_failure_and_not_an_erasure() {
    let desk = Desk::new();
    desk.keyring.ensure(&[subject(1)], FirstOfStream::Yes).unwrap();
    let wrong = tempfile::tempdir().unwrap();
    let other = DataFolder::open(wrong.path(), &Random::new()).unwrap();
    desk.keyring.forget(subject(1));
    let foreign = Keyring(Arc::new(Shared {
        vault: desk.vault().clone(),
        keks: other.keks().clone(),
        random: Random::new(),
        cache: Mutex::default(),
        making: Mutex::default(),
    }));
    let failed = foreign.key(subject(1)).unwrap_err().to_string();
    assert!(failed.contains("cannot be opened with keys/kek.1"), "{failed}");
    assert!(failed.contains("from the same backup"), "{failed}");
}

#[test]
fn a_lost_key_reads_as_erased_without_a_new_wrapping_key() {
    let desk = Desk::new();
    desk.keyring.ensure(&[subject(1)], FirstOfStream::Yes).unwrap();
    desk.keyring.forget(subject(1));
    assert_eq!(desk.vault().mark_without_key(&[subject(1), subject(2)]).unwrap(), 2);
    assert_eq!(desk.vault().mark_without_key(&[subject(1), subject(2)]).unwrap(), 0);
    assert_eq!((desk.key(subject(1)), desk.key(subject(2))), (None, None));
    assert!(matches!(
        desk.keyring.ensure(&[subject(2)], FirstOfStream::Yes),
        Err(VaultError::Erased(_))
    ));
}

#[test]
fn no_more_than_10_000_keys_stay_in_memory() {
    let desk = Desk::new();
    let all: Vec<Subject> = (0..12_000).map(subject).collect();
    desk.keyring.ensure(&all, FirstOfStream::Yes).unwrap();
    assert!(desk.keyring.cache().keys.len() <= CACHED_MAX);
    let first = desk.key(subject(0)).unwrap();
    assert_eq!(desk.restart().key(subject(0)), Some(first));
}

#[test]
fn a_subject_gets_its_key_with_its_first_event_only_and_an_address_at_any_time() {
    let desk = Desk::new();
    let late = desk.keyring.ensure(&[subject(1)], FirstOfStream::No);
    assert!(matches!(late, Err(VaultError::Erased(who)) if who == subject(1)), "{late:?}");
    assert_eq!(desk.key(subject(1)), None, "an older vault does not get a second key");
    desk.keyring.ensure(&[subject(1)], FirstOfStream::Yes).unwrap();
    desk.keyring.ensure(&[subject(1)], FirstOfStream::No).unwrap();
    let address = Subject::address(Uuid::from_u128(7));
    desk.keyring.ensure(&[address], FirstOfStream::No).unwrap();
    assert!(desk.key(address).is_some());
}

#[test]
fn whoever_seals_finds_what_was_fetched_and_nothing_that_was_erased() {
    let desk = Desk::new();
    let at_hand = |desk: &Desk| desk.keyring.at_hand().key(subject(1)).unwrap();
    desk.keyring.ensure(&[subject(1)], FirstOfStream::Yes).unwrap();
    assert!(at_hand(&desk).is_some());
    let desk = desk.restart();
    assert_eq!(at_hand(&desk), None, "sealing does not wait for the disk");
    desk.keyring.ensure(&[subject(1)], FirstOfStream::No).unwrap();
    assert_eq!(at_hand(&desk), desk.key(subject(1)));
    desk.keyring.erase(subject(1)).unwrap();
    assert_eq!(at_hand(&desk), None);
}
