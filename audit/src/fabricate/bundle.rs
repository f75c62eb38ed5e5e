//! An export in memory, which can be changed before it is written.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use beckon_events::{Digest, LogId, PublicKey, SessionId, Subject, Timestamp, envelope};
use beckon_protocol::evidence::{SignedCheckpoint, Tile, Tiler, inclusion};
use data_encoding::BASE64;
use zip::write::SimpleFileOptions;

use super::log::{Made, Sink, make};
use super::recipe::Recipe;
use super::seed::{Seed, public};
use crate::export::{ExportKeys, Kind, Line, LogEraKey, Manifest, ManifestFile, NamesIn, Subjects};

/// An export in memory. [`Bundle::manifest`] and [`Bundle::files`] follow from it.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The log.
    pub log: LogId,
    /// The only session, where it is of one.
    pub session: Option<SessionId>,
    /// The events.
    pub lines: Vec<Line>,
    /// Of one session: the place of each in the log, and its proof.
    pub places: Vec<(u64, Vec<Digest>)>,
    /// The tree size.
    pub size: u64,
    /// The checkpoints of each era.
    pub checkpoints: BTreeMap<u32, Vec<String>>,
    /// The keys.
    pub keys: ExportKeys,
    /// Whose names can be read.
    pub names: NamesIn,
    /// Their keys in base64.
    pub subjects: BTreeMap<String, String>,
    /// Receipt proofs by session.
    pub receipts: BTreeMap<SessionId, String>,
    /// The tiles by their paths.
    pub tiles: BTreeMap<String, Vec<u8>>,
}

#[derive(Default)]
struct Memory {
    lines: Vec<Line>,
    checkpoints: BTreeMap<u32, Vec<String>>,
    tiles: BTreeMap<String, Vec<u8>>,
}

impl Sink for Memory {
    fn event(&mut self, event: &envelope::Sealed) {
        let (metadata, data) = (event.metadata.clone(), Some(event.data.clone()));
        self.lines.push(Line { metadata, data });
    }

    fn tile(&mut self, tile: &Tile) {
        self.tiles.insert(tile_path(tile), tile.bytes.clone());
    }

    fn checkpoint(&mut self, era: u32, note: &str) {
        self.checkpoints.entry(era).or_default().push(note.to_owned());
    }
}

impl Bundle {
    /// The export of a fabricated log, and what it was made from.
    pub fn fabricate(recipe: &Recipe) -> (Self, Made) {
        let mut memory = Memory::default();
        let made = make(recipe, &mut memory);
        let Memory { lines, checkpoints, tiles } = memory;
        let bundle = Self {
            log: made.log,
            session: None,
            places: Vec::new(),
            size: made.size,
            keys: keys(&made),
            names: recipe.names,
            subjects: subjects(&made, recipe.names),
            receipts: BTreeMap::new(),
            lines,
            checkpoints,
            tiles,
        };
        (bundle, made)
    }

    /// The last checkpoint.
    pub fn last(&self) -> String {
        let last = self.checkpoints.values().next_back().and_then(|notes| notes.last());
        last.cloned().unwrap_or_default()
    }

    /// The root over the first `size` events.
    pub fn root(&self, size: u64) -> Digest {
        let mut tiler = Tiler::default();
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        for line in self.lines.iter().take(size) {
            tiler.push(envelope::leaf(&line.metadata));
        }
        tiler.root()
    }

    /// The inclusion proof of event `index` in the tree of `size`.
    pub fn proof(&self, index: u64, size: u64) -> Vec<Digest> {
        let tile = |at: beckon_protocol::evidence::TileAt| {
            // A tree of another size: the wider tile of this one serves.
            let wider = beckon_protocol::evidence::TileAt::within(self.size, at.level, at.index)?;
            self.tiles.get(&format!("tiles/{}", wider.path())).cloned()
        };
        inclusion(index, size, &tile).unwrap_or_default()
    }

    /// The export of one session of this log.
    #[must_use]
    pub fn of_session(&self, session: SessionId) -> Self {
        let stream = format!("\"stream\":\"session-{session}\"");
        let is_own = |line: &Line| {
            let metadata = String::from_utf8_lossy(&line.metadata);
            metadata.contains(&stream)
        };
        let own: Vec<(u64, &Line)> =
            (0..).zip(&self.lines).filter(|(_, line)| is_own(line)).collect();
        let (era, last) = (self.checkpoints.keys().next_back().copied().unwrap_or(0), self.last());
        let closes = |line: &Line| {
            let metadata = String::from_utf8_lossy(&line.metadata).into_owned();
            metadata.contains("\"type\":\"Ended\"") || metadata.contains("\"type\":\"Expired\"")
        };
        let mut receipts = BTreeMap::new();
        if let Some((index, _)) = own.iter().find(|(_, line)| closes(line)) {
            receipts.insert(session, self.receipt(*index, self.size, &last));
        }
        let user = Subject::user(session).to_string();
        let chosen = |subject: &str| subject == user || subject.starts_with("operator:");
        Self {
            session: Some(session),
            lines: own.iter().map(|(_, line)| (*line).clone()).collect(),
            places: own.iter().map(|(index, _)| (*index, self.proof(*index, self.size))).collect(),
            checkpoints: BTreeMap::from([(era, vec![last])]),
            keys: ExportKeys {
                account: self.keys.account,
                log: self.keys.log.iter().filter(|one| one.era == era).cloned().collect(),
            },
            subjects: self.subjects.clone().into_iter().filter(|(one, _)| chosen(one)).collect(),
            receipts,
            tiles: BTreeMap::new(),
            ..self.clone()
        }
    }

    /// The receipt proof of the event at `index` in the tree of `size`, which `note` signs.
    pub fn receipt(&self, index: u64, size: u64, note: &str) -> String {
        let line = usize::try_from(index).ok().and_then(|index| self.lines.get(index));
        let era = SignedCheckpoint::parse(note).map_or(0, |point| point.checkpoint.origin.era);
        let key = self.keys.of(era).map_or(PublicKey([0; 32]), |one| one.key);
        serde_json::json!({
            "metadata": BASE64.encode(&line.map(|line| line.metadata.clone()).unwrap_or_default()),
            "index": index,
            "proof": self.proof(index, size),
            "checkpoint": note,
            "log_key": key,
        })
        .to_string()
    }

    /// All files but the manifest.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.tiles.clone();
        let mut lines = Vec::new();
        for (number, line) in self.lines.iter().enumerate() {
            lines.extend_from_slice(written(line, self.places.get(number)).as_bytes());
        }
        files.insert("events.ndjson".to_owned(), lines);
        for (era, notes) in &self.checkpoints {
            let lines = notes.iter().map(|note| serde_json::json!(note).to_string() + "\n");
            files.insert(
                format!("checkpoints/{era}.ndjson"),
                lines.collect::<String>().into_bytes(),
            );
        }
        files.insert(
            ExportKeys::PATH.to_owned(),
            serde_json::to_vec(&self.keys).unwrap_or_default(),
        );
        if self.names != NamesIn::None {
            let subjects = serde_json::to_vec(&self.subjects).unwrap_or_default();
            files.insert(Subjects::PATH.to_owned(), subjects);
        }
        for (session, proof) in &self.receipts {
            files.insert(format!("receipts/{session}.json"), proof.clone().into_bytes());
        }
        files
    }

    /// The manifest that belongs to these files.
    pub fn manifest(&self, files: &BTreeMap<String, Vec<u8>>) -> Manifest {
        let listed = files.iter().map(|(path, bytes)| ManifestFile {
            path: path.clone(),
            bytes: u64::try_from(bytes.len()).unwrap_or(0),
            sha256: Digest::of(bytes),
        });
        Manifest {
            format: Manifest::FORMAT.to_owned(),
            v: 1,
            kind: if self.session.is_some() { Kind::Session } else { Kind::Log },
            session: self.session,
            log: self.log,
            origin: self.keys.last().map(|one| one.origin.clone()).unwrap_or_default(),
            size: self.size,
            events: u64::try_from(self.lines.len()).unwrap_or(0),
            created: created(),
            build: "0.1.0".to_owned(),
            names: self.names,
            files: listed.collect(),
        }
    }

    /// All files, the manifest among them.
    pub fn all(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.files();
        let manifest = serde_json::to_vec(&self.manifest(&files)).unwrap_or_default();
        files.insert(Manifest::PATH.to_owned(), manifest);
        files
    }

    /// Writes it as a folder.
    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        write_files(&self.all(), folder)
    }

    /// Writes it as a zip.
    pub fn write_zip(&self, file: &Path) -> std::io::Result<()> {
        let mut zip = zip::ZipWriter::new(fs::File::create(file)?);
        for (path, bytes) in self.all() {
            zip.start_file(path, SimpleFileOptions::default())?;
            zip.write_all(&bytes)?;
        }
        zip.finish()?;
        Ok(())
    }
}

/// When fabricated exports say that they were made.
pub(super) fn created() -> Timestamp {
    Timestamp::from_micros(1_795_420_800_000_000)
}

/// Writes files below `folder`, which is made.
pub fn write_files(files: &BTreeMap<String, Vec<u8>>, folder: &Path) -> std::io::Result<()> {
    for (path, bytes) in files {
        let at = folder.join(path);
        fs::create_dir_all(at.parent().unwrap_or(folder))?;
        fs::write(at, bytes)?;
    }
    Ok(())
}

/// A line of `events.ndjson` with its line feed.
pub fn written(line: &Line, place: Option<&(u64, Vec<Digest>)>) -> String {
    let metadata = BASE64.encode(&line.metadata);
    let data = line
        .data
        .as_ref()
        .map_or_else(|| "null".to_owned(), |data| format!("\"{}\"", BASE64.encode(data)));
    match place {
        None => format!("{{\"metadata\":\"{metadata}\",\"data\":{data}}}\n"),
        Some((index, proof)) => {
            let proof = serde_json::json!(proof);
            format!(
                "{{\"index\":{index},\"metadata\":\"{metadata}\",\"data\":{data},\"proof\":{proof}}}\n"
            )
        }
    }
}

/// Where a tile stands.
pub(super) fn tile_path(tile: &Tile) -> String {
    format!("tiles/{}", tile.at.path())
}

/// The keys of a fabricated log.
pub(super) fn keys(made: &Made) -> ExportKeys {
    let era = |era| LogEraKey {
        era,
        key: public(&made.seed.log_pair(era)),
        origin: made.origin(era).to_string(),
    };
    ExportKeys { account: account(&made.seed), log: (0..made.eras).map(era).collect() }
}

/// The keys of subjects of a fabricated log.
pub(super) fn subjects(made: &Made, names: NamesIn) -> BTreeMap<String, String> {
    let used = made.seed.used.borrow();
    let there = used.iter().filter(|subject| !made.erased.contains(subject));
    let chosen = there.enumerate().filter(|(number, _)| match names {
        NamesIn::None => false,
        NamesIn::Some => number % 2 == 0,
        NamesIn::All => true,
    });
    let key = |subject: &Subject| BASE64.encode(made.seed.subject_key(*subject).bytes());
    chosen.map(|(_, subject)| (subject.to_string(), key(subject))).collect()
}

fn account(seed: &Seed) -> PublicKey {
    public(&seed.pair("account", 0))
}
