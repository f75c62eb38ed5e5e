//! Changes that leave no trace but the one that is looked for.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use beckon_events::{Digest, LogId, PublicKey, envelope};
use beckon_protocol::evidence::{Checkpoint, SignedCheckpoint, Tiler};
use data_encoding::HEXLOWER;
use ring::signature::Ed25519KeyPair;
use serde_json::Value;

use super::bundle::{Bundle, tile_path};
use super::seed::public;
use crate::export::{ExportKeys, Line, Manifest, NamesIn, line};

impl Bundle {
    /// Reads an export that somebody else wrote; panics where it is not one.
    pub fn read(folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        collect(folder, folder, &mut files);
        let manifest: Manifest = parsed(&files, Manifest::PATH);
        let keys: ExportKeys = parsed(&files, ExportKeys::PATH);
        let (mut lines, mut places) = (Vec::new(), Vec::new());
        for bytes in files.get("events.ndjson").expect("events").split_inclusive(|b| *b == b'\n') {
            let (place, read) = line(bytes, manifest.is_whole()).expect("a line");
            places.extend(place);
            lines.push(read);
        }
        let note = |line: &[u8]| serde_json::from_slice::<String>(line).expect("a checkpoint");
        let notes = |bytes: &Vec<u8>| bytes.split_inclusive(|b| *b == b'\n').map(note).collect();
        let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).expect("text");
        let named = |prefix: &'static str, suffix: &'static str| {
            files.iter().filter_map(move |(path, bytes)| {
                let name = path.strip_prefix(prefix)?.strip_suffix(suffix)?;
                Some((name.to_owned(), bytes))
            })
        };
        let era = |name: String| name.parse().expect("an era");
        Self {
            log: manifest.log,
            session: manifest.session,
            lines,
            places,
            size: manifest.size,
            checkpoints: named("checkpoints/", ".ndjson")
                .map(|(n, b)| (era(n), notes(b)))
                .collect(),
            keys,
            names: manifest.names,
            subjects: match manifest.names {
                NamesIn::None => BTreeMap::new(),
                NamesIn::Some | NamesIn::All => parsed(&files, "subjects.json"),
            },
            receipts: named("receipts/", ".json")
                .map(|(name, bytes)| (name.parse().expect("a session"), text(bytes)))
                .collect(),
            tiles: files.iter().filter(|(path, _)| path.starts_with("tiles/")).map(owned).collect(),
        }
    }

    /// Makes the chain whole again: of every event the hash of its data, its version and what
    /// stands before it in its stream.
    pub fn rechain(&mut self) {
        let mut heads: HashMap<String, (u64, Digest)> = HashMap::new();
        for line in &mut self.lines {
            let envelope: Value = serde_json::from_slice(&line.metadata).expect("an envelope");
            let stream = envelope["stream"].as_str().unwrap_or_default().to_owned();
            let (version, prev) = heads.get(&stream).copied().unwrap_or_default();
            let body = line.data.as_ref().map_or_else(
                || envelope["body"].as_str().unwrap_or_default().to_owned(),
                |data| Digest::of(data).to_string(),
            );
            let fields = [
                ("version", version.to_string()),
                ("body", format!("\"{body}\"")),
                ("prev", format!("\"{prev}\"")),
            ];
            line.metadata = with_fields(&line.metadata, &fields);
            heads.insert(stream, (version + 1, envelope::leaf(&line.metadata)));
        }
    }

    /// Makes the tiles of the events as they are now; the size follows.
    pub fn retile(&mut self) {
        let mut tiler = Tiler::default();
        self.tiles.clear();
        for line in &self.lines {
            for tile in tiler.push(envelope::leaf(&line.metadata)) {
                self.tiles.insert(tile_path(&tile), tile.bytes);
            }
        }
        for tile in tiler.partials() {
            self.tiles.insert(tile_path(&tile), tile.bytes);
        }
        self.size = tiler.size();
    }

    /// Signs every checkpoint anew over the events as they are now, by the pair of its era; what
    /// lies in a break stays, what is larger than the log goes, and the last one is over all of it.
    pub fn resign(&mut self, pair: &dyn Fn(u32) -> Ed25519KeyPair) {
        for one in &mut self.keys.log {
            one.key = public(&pair(one.era));
        }
        let roots = self.roots();
        let eras: Vec<u32> = self.checkpoints.keys().copied().collect();
        for era in &eras {
            let last = eras.last() == Some(era);
            let (key, notes) = (pair(*era), self.checkpoints.get(era).cloned().unwrap_or_default());
            let mut points: Vec<Checkpoint> = notes.iter().map(|note| point(note)).collect();
            if last {
                points.retain(|point| point.size < self.size);
                let origin = point(&self.last()).origin;
                points.push(Checkpoint { origin, size: self.size, root: Digest::ZERO });
            }
            let restored = self.lost_after(*era);
            let sign = |mut point: Checkpoint| {
                if restored.is_none_or(|restored| point.size <= restored) {
                    let size = usize::try_from(point.size).unwrap_or(usize::MAX);
                    point.root = roots.get(size).copied().unwrap_or(point.root);
                }
                point.sign(&key).note
            };
            self.checkpoints.insert(*era, points.into_iter().map(sign).collect());
        }
    }

    /// After how many events the era after `era` begins.
    fn lost_after(&self, era: u32) -> Option<u64> {
        let begins = |line: &&Line| {
            let restored = String::from_utf8_lossy(&line.metadata).contains("\"LogRestored\"");
            let data: Value = serde_json::from_slice(line.data.as_deref()?).ok()?;
            (restored && data["era"].as_u64()? > u64::from(era)).then(|| data["size"].as_u64())?
        };
        self.lines.iter().find_map(|line| begins(&line))
    }

    /// The root of every prefix.
    fn roots(&self) -> Vec<Digest> {
        let mut tree = beckon_protocol::evidence::Frontier::default();
        let mut roots = vec![tree.root()];
        for line in &self.lines {
            tree.push(envelope::leaf(&line.metadata));
            roots.push(tree.root());
        }
        roots
    }

    /// Another log's id everywhere, for a foreign export.
    #[must_use]
    pub fn renamed(mut self, log: LogId) -> Self {
        let own = self.log.to_string();
        let swap = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes).replace(&own, &log.to_string()).into_bytes()
        };
        for line in &mut self.lines {
            line.metadata = swap(&line.metadata);
            line.data = line.data.as_deref().map(swap);
        }
        for one in &mut self.keys.log {
            one.origin = one.origin.replace(&own, &log.to_string());
        }
        for notes in self.checkpoints.values_mut() {
            for note in notes {
                *note = note.replace(&own, &log.to_string());
            }
        }
        self.log = log;
        self
    }

    /// The keys of the log, by their eras.
    pub fn log_keys(&self) -> BTreeMap<u32, PublicKey> {
        self.keys.log.iter().map(|one| (one.era, one.key)).collect()
    }
}

/// `metadata` with other values, as JSON, of these keys; their order stays.
pub fn with_fields(metadata: &[u8], fields: &[(&str, String)]) -> Vec<u8> {
    let mut text = String::from_utf8(metadata.to_vec()).expect("UTF-8");
    for (key, value) in fields {
        let mark = format!("\"{key}\":");
        let from = text.find(&mark).expect("the key is there") + mark.len();
        let rest = text.get(from..).unwrap_or_default();
        // None of these values holds a comma or a brace.
        let end = rest.find([',', '}']).expect("a value ends");
        text.replace_range(from..from + end, value);
    }
    text.into_bytes()
}

/// A key that nobody knew before.
pub fn strange_pair(number: u8) -> Ed25519KeyPair {
    let seed = Digest::of(&[b"strange".as_slice(), &[number]].concat());
    let seed = HEXLOWER.decode(seed.to_string().as_bytes()).unwrap_or_default();
    Ed25519KeyPair::from_seed_unchecked(&seed).expect("32 bytes are a seed")
}

fn point(note: &str) -> Checkpoint {
    SignedCheckpoint::parse(note).expect("a checkpoint").checkpoint
}

fn parsed<T: serde::de::DeserializeOwned>(files: &BTreeMap<String, Vec<u8>>, path: &str) -> T {
    serde_json::from_slice(files.get(path).expect(path)).expect(path)
}

fn owned((path, bytes): (&String, &Vec<u8>)) -> (String, Vec<u8>) {
    (path.clone(), bytes.clone())
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let below = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
            files.insert(below, fs::read(&path).expect("a file"));
        }
    }
}
