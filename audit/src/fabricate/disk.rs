//! A large log, written straight to disk.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use beckon_events::{Digest, envelope};
use beckon_protocol::evidence::Tile;
use ring::digest::{Context, SHA256};

use super::bundle::{created, keys, subjects, tile_path, written};
use super::log::{Made, Sink, make};
use super::recipe::Recipe;
use crate::export::{ExportKeys, Kind, Line, Manifest, ManifestFile, NamesIn, Subjects};

/// Writes the export of a fabricated log to `folder`, in little memory.
pub fn write_log(recipe: &Recipe, folder: &Path) -> io::Result<Made> {
    fs::create_dir_all(folder.join("checkpoints"))?;
    let mut disk = Disk {
        folder: folder.to_owned(),
        events: Hashed::create(&folder.join("events.ndjson"))?,
        checkpoints: BTreeMap::new(),
        files: BTreeMap::new(),
        failed: None,
    };
    let made = make(recipe, &mut disk);
    disk.finish(&made, recipe)?;
    Ok(made)
}

struct Disk {
    folder: PathBuf,
    events: Hashed,
    checkpoints: BTreeMap<u32, Hashed>,
    files: BTreeMap<String, ManifestFile>,
    failed: Option<io::Error>,
}

/// A file that is hashed while it is written.
struct Hashed {
    file: BufWriter<File>,
    hash: Context,
    bytes: u64,
}

impl Hashed {
    fn create(path: &Path) -> io::Result<Self> {
        let file = BufWriter::with_capacity(1 << 20, File::create(path)?);
        Ok(Self { file, hash: Context::new(&SHA256), bytes: 0 })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.bytes += u64::try_from(bytes.len()).unwrap_or(0);
        self.file.write_all(bytes)
    }

    fn finish(mut self, path: String) -> io::Result<ManifestFile> {
        self.file.flush()?;
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(self.hash.finish().as_ref());
        Ok(ManifestFile { path, bytes: self.bytes, sha256: Digest(sha256) })
    }
}

impl Disk {
    fn whole(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let at = self.folder.join(path);
        fs::create_dir_all(at.parent().unwrap_or(&self.folder))?;
        fs::write(at, bytes)?;
        let (length, sha256) = (u64::try_from(bytes.len()).unwrap_or(0), Digest::of(bytes));
        let file = ManifestFile { path: path.to_owned(), bytes: length, sha256 };
        self.files.insert(path.to_owned(), file);
        Ok(())
    }

    fn note(&mut self, era: u32, note: &str) -> io::Result<()> {
        if !self.checkpoints.contains_key(&era) {
            let path = self.folder.join(format!("checkpoints/{era}.ndjson"));
            self.checkpoints.insert(era, Hashed::create(&path)?);
        }
        let line = serde_json::json!(note).to_string() + "\n";
        self.checkpoints.get_mut(&era).map_or(Ok(()), |file| file.write(line.as_bytes()))
    }

    fn keep(&mut self, done: io::Result<()>) {
        if let Err(error) = done {
            self.failed.get_or_insert(error);
        }
    }

    fn finish(mut self, made: &Made, recipe: &Recipe) -> io::Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let keys = keys(made);
        self.whole(ExportKeys::PATH, &serde_json::to_vec(&keys)?)?;
        if recipe.names != NamesIn::None {
            let subjects = serde_json::to_vec(&subjects(made, recipe.names))?;
            self.whole(Subjects::PATH, &subjects)?;
        }
        let mut files = self.files;
        let events = self.events.finish("events.ndjson".to_owned())?;
        files.insert(events.path.clone(), events);
        for (era, points) in self.checkpoints {
            let path = format!("checkpoints/{era}.ndjson");
            files.insert(path.clone(), points.finish(path)?);
        }
        let manifest = Manifest {
            format: Manifest::FORMAT.to_owned(),
            v: 1,
            kind: Kind::Log,
            session: None,
            log: made.log,
            origin: keys.last().map(|one| one.origin.clone()).unwrap_or_default(),
            size: made.size,
            events: made.size,
            created: created(),
            build: "0.1.0".to_owned(),
            names: recipe.names,
            files: files.into_values().collect(),
        };
        fs::write(self.folder.join(Manifest::PATH), serde_json::to_vec(&manifest)?)
    }
}

impl Sink for Disk {
    fn event(&mut self, event: &envelope::Sealed) {
        let line = Line { metadata: event.metadata.clone(), data: Some(event.data.clone()) };
        let done = self.events.write(written(&line, None).as_bytes());
        self.keep(done);
    }

    fn tile(&mut self, tile: &Tile) {
        let done = self.whole(&tile_path(tile), &tile.bytes);
        self.keep(done);
    }

    fn checkpoint(&mut self, era: u32, note: &str) {
        let done = self.note(era, note);
        self.keep(done);
    }
}
