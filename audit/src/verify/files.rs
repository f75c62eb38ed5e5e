//! V0: every file but the lines of `events.ndjson`.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::Read;

use beckon_events::{Digest, SessionId};
use beckon_protocol::evidence::{ReceiptProof, TileAt};
use ring::digest::{Context, SHA256};
use serde::Deserialize;

use super::history::Last;
use super::metadata::is_stream;
use super::point::{self, Points, point};
use super::tree;
use crate::export::{
    Container, ExportKeys, Manifest, ManifestFile, NamesIn, SMALL, Subjects, object,
};
use crate::text::form as text;
use crate::verdict::{Check, Place, Stop};

/// The events.
pub const EVENTS: &str = "events.ndjson";

/// What stands in the small files.
#[derive(Debug)]
pub struct Files {
    /// The keys.
    pub keys: ExportKeys,
    /// The last checkpoint.
    pub last: Last,
    /// Receipts, by their files.
    pub receipts: Vec<(String, ReceiptProof)>,
}

/// What is wrong with a file, and whether the events come before it.
#[derive(Debug)]
pub struct Late {
    /// What is wrong.
    pub stop: Stop,
    /// Whether `events.ndjson` has to be right before this counts.
    pub after_events: bool,
}

/// Reads the manifest.
pub fn manifest(container: &Container) -> Result<Manifest, Stop> {
    if !container.files().contains_key(Manifest::PATH) {
        return Err(wrong(Manifest::PATH, crate::text::manifest::NONE));
    }
    let bytes = container.load(Manifest::PATH)?;
    Manifest::read(&bytes).map_err(|what| wrong(Manifest::PATH, what))
}

/// Looks at all files; gives the keys of subjects apart, since every thread needs those.
pub fn files(container: &Container, manifest: &Manifest) -> Result<(Files, Subjects), Late> {
    let listed: HashMap<&str, &ManifestFile> =
        manifest.files.iter().map(|file| (file.path.as_str(), file)).collect();
    present(container, &listed)?;
    let late = |stop| Late { stop, after_events: listed.contains_key(EVENTS) };
    let found = named(container, manifest, &listed).map_err(late)?;
    contents(container, manifest, found).map_err(late)
}

/// Each path that is there or in the manifest: it is both, with this length and hash.
fn present(container: &Container, listed: &HashMap<&str, &ManifestFile>) -> Result<(), Late> {
    let there = container.files().keys().map(String::as_str);
    let paths: BTreeSet<&str> = there.chain(listed.keys().copied()).collect();
    for path in paths.into_iter().filter(|path| *path != Manifest::PATH) {
        same(container, path, listed.get(path).copied()).map_err(|stop| Late {
            stop,
            after_events: path > EVENTS && listed.contains_key(EVENTS),
        })?;
    }
    Ok(())
}

fn same(container: &Container, path: &str, listed: Option<&ManifestFile>) -> Result<(), Stop> {
    let Some(length) = container.files().get(path) else { return Err(wrong(path, text::MISSING)) };
    let listed = listed.ok_or_else(|| wrong(path, text::NOT_LISTED))?;
    let large = path == EVENTS || path.starts_with("checkpoints/");
    if listed.bytes > SMALL && !large {
        return Err(wrong(path, text::TOO_LARGE));
    }
    if *length != listed.bytes {
        return Err(wrong(path, text::LENGTH));
    }
    // The events are hashed while they pass.
    if path == EVENTS || (listed.bytes, listed.sha256) == hashed(container, path, listed.bytes)? {
        Ok(())
    } else {
        Err(wrong(path, text::HASH))
    }
}

fn hashed(container: &Container, path: &str, longest: u64) -> Result<(u64, Digest), Stop> {
    let failed = |error| Container::failed(path, error);
    let mut reader = container.read(path).map_err(failed)?.take(longest.saturating_add(1));
    let (mut hash, mut length, mut buffer) = (Context::new(&SHA256), 0, vec![0; 64 * 1024]);
    loop {
        let read = reader.read(&mut buffer).map_err(failed)?;
        if read == 0 {
            break;
        }
        hash.update(buffer.get(..read).unwrap_or_default());
        length += u64::try_from(read).unwrap_or(u64::MAX);
    }
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(hash.finish().as_ref());
    Ok((length, Digest(sha256)))
}

/// What was found under the names that an export has.
struct Found {
    eras: Vec<(u32, u64, Last)>,
    receipt: Option<SessionId>,
}

/// Every name belongs to this kind of export, and none is missing.
fn named(
    container: &Container,
    manifest: &Manifest,
    listed: &HashMap<&str, &ManifestFile>,
) -> Result<Found, Stop> {
    let tiles = if manifest.is_whole() { tiles(manifest.size, listed)? } else { Vec::new() };
    let mut wanted: HashSet<String> = tiles.iter().map(|at| tree::path(*at)).collect();
    wanted.extend([EVENTS, ExportKeys::PATH].map(str::to_owned));
    if manifest.names != NamesIn::None {
        wanted.insert(Subjects::PATH.to_owned());
    }
    let mut odd: Vec<&str> =
        wanted.iter().map(String::as_str).filter(|path| !listed.contains_key(path)).collect();
    odd.extend(listed.keys().copied().filter(|path| !wanted.contains(*path)));
    odd.sort_unstable_by_key(|path| (path.len(), *path));
    let mut found = Found { eras: Vec::new(), receipt: None };
    for path in odd {
        if !listed.contains_key(path) {
            return Err(wrong(path, text::MISSING));
        }
        let receipt = manifest.session.filter(|id| path == format!("receipts/{id}.json"));
        if let Some(era) = point::era_of(path) {
            let (count, last) = points(container, era)?;
            found.eras.push((era, count, last));
        } else if receipt.is_some() {
            found.receipt = receipt;
        } else {
            return Err(wrong(path, text::NO_SUCH_FILE));
        }
    }
    found.eras.sort_by_key(|(era, _, _)| *era);
    for at in tiles {
        let path = tree::path(at);
        let length = container.files().get(&path).copied();
        if length != u64::try_from(at.bytes()).ok() {
            return Err(wrong(&path, text::TILE));
        }
    }
    Ok(found)
}

/// The tiles of a tree of `size`, where so many files can be there at all: nothing is made that
/// is as large as a number says.
fn tiles(size: u64, listed: &HashMap<&str, &ManifestFile>) -> Result<Vec<TileAt>, Stop> {
    let most = listed.len();
    let tiles: Vec<TileAt> = TileAt::of_tree(size).take(most + 1).collect();
    let missing = || tiles.iter().map(|at| tree::path(*at)).find(|at| !listed.contains_key(&**at));
    match (tiles.len() > most).then(missing).flatten() {
        Some(path) => Err(wrong(&path, text::MISSING)),
        None => Ok(tiles),
    }
}

fn points(container: &Container, era: u32) -> Result<(u64, Last), Stop> {
    let mut points = Points::open(container, era)?;
    let mut last = None;
    while let Some(point) = points.next()? {
        last = Some(point);
    }
    let (number, path) = (points.count, points.path);
    let point = last.ok_or_else(|| wrong(&path, text::NO_CHECKPOINT))?;
    Ok((number, Last { point, number, path }))
}

fn contents(
    container: &Container,
    manifest: &Manifest,
    found: Found,
) -> Result<(Files, Subjects), Stop> {
    let eras: Vec<u32> = found.eras.iter().map(|(era, _, _)| *era).collect();
    let keys = ExportKeys::read(&container.load(ExportKeys::PATH)?, manifest, &eras);
    let keys = keys.map_err(|what| wrong(ExportKeys::PATH, what))?;
    let count: u64 = found.eras.iter().map(|(_, count, _)| count).sum();
    let Some((_, _, last)) = found.eras.into_iter().next_back() else {
        return Err(wrong(ExportKeys::PATH, text::NO_CHECKPOINT));
    };
    if !manifest.is_whole() && count != 1 {
        return Err(wrong(&last.path, text::ONE_CHECKPOINT));
    }
    let subjects = match manifest.names {
        NamesIn::None => Subjects::default(),
        NamesIn::Some | NamesIn::All => Subjects::read(&container.load(Subjects::PATH)?)
            .map_err(|what| wrong(Subjects::PATH, what))?,
    };
    let mut receipts = Vec::new();
    if let Some(session) = found.receipt {
        let path = format!("receipts/{session}.json");
        let proof = receipt(&container.load(&path)?).map_err(|what| wrong(&path, what))?;
        receipts.push((path, proof));
    }
    Ok((Files { keys, last, receipts }, subjects))
}

/// What a receipt's event is about; the rest of it is looked at with the log (V6).
#[derive(Deserialize)]
struct About {
    stream: String,
    #[serde(rename = "version")]
    _version: u64,
}

fn receipt(bytes: &[u8]) -> Result<ReceiptProof, String> {
    let read: ReceiptProof = object(bytes)?;
    let metadata = &read.metadata.0;
    let about = object::<About>(metadata).is_ok_and(|about| is_stream(&about.stream));
    let sound = about && point(&read.checkpoint).is_some();
    if sound { Ok(read) } else { Err(text::RECEIPT.to_owned()) }
}

fn wrong(path: &str, what: impl Into<String>) -> Stop {
    Stop::wrong(Check::V0, Place::file(path), what)
}
