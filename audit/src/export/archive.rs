//! An export as a zip, read in place.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::bufread::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use crate::text;
use crate::verdict::{CannotLook, Check, Place, Stop};

/// The most files that a zip may list.
const FILES: usize = 1_000_000;
/// How many times larger than packed a file may be; JSON and base64 stay far below.
const RATIO: u64 = 100;
/// What is never suspicious, in bytes.
const HARMLESS: u64 = 1024 * 1024;

/// The files in a zip: where each stands, and how it is packed.
#[derive(Debug)]
pub struct Archive {
    path: PathBuf,
    files: BTreeMap<String, u64>,
    entries: BTreeMap<String, Entry>,
}

#[derive(Debug)]
struct Entry {
    start: u64,
    packed: u64,
    size: u64,
    deflated: bool,
}

impl Archive {
    /// Reads the list of files; refuses what no export holds.
    pub fn open(path: &Path) -> Result<Self, Stop> {
        let file =
            File::open(path).map_err(|error| CannotLook::Open { path: path.to_owned(), error })?;
        let no_zip = |_| CannotLook::NoZip(path.to_owned());
        let mut zip = ZipArchive::new(BufReader::new(file)).map_err(no_zip)?;
        let odd = |name: &str, what| Stop::wrong(Check::V0, Place::file(name), what);
        if zip.len() > FILES {
            return Err(odd("manifest.json", text::form::TOO_MANY_FILES));
        }
        if zip.has_duplicate_names() || zip.has_overlapping_entries().map_err(no_zip)? {
            return Err(CannotLook::HostileZip(path.to_owned()).into());
        }
        let mut archive =
            Self { path: path.to_owned(), files: BTreeMap::new(), entries: BTreeMap::new() };
        for index in 0..zip.len() {
            let entry = zip.by_index_raw(index).map_err(no_zip)?;
            let raw = String::from_utf8_lossy(entry.name_raw()).into_owned();
            if entry.is_dir() {
                continue;
            }
            let name = entry.name().map_err(|_| odd(&raw, text::form::NAME))?.into_owned();
            if entry.is_symlink() || !is_regular(entry.unix_mode()) || entry.encrypted() {
                return Err(odd(&raw, text::form::NOT_REGULAR));
            }
            if !is_below(&name) || name.as_bytes() != raw.as_bytes() {
                return Err(odd(&raw, text::form::NAME));
            }
            let deflated = match entry.compression() {
                CompressionMethod::Stored => false,
                CompressionMethod::Deflated => true,
                _ => return Err(odd(&name, text::form::PACKED)),
            };
            let (size, packed) = (entry.size(), entry.compressed_size());
            if size > packed.saturating_mul(RATIO).saturating_add(HARMLESS) {
                return Err(odd(&name, text::form::BOMB));
            }
            let start = entry.data_start().ok_or_else(|| CannotLook::NoZip(path.to_owned()))?;
            archive.files.insert(name.clone(), size);
            archive.entries.insert(name, Entry { start, packed, size, deflated });
        }
        Ok(archive)
    }

    pub(super) fn files(&self) -> &BTreeMap<String, u64> {
        &self.files
    }

    pub(super) fn read(&self, path: &str) -> io::Result<Box<dyn Read + Send>> {
        let entry = self.entries.get(path).ok_or(io::ErrorKind::NotFound)?;
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(entry.start))?;
        let packed = file.take(entry.packed);
        // One byte more than the list says is enough to see that it lies.
        let limit = entry.size.saturating_add(1);
        Ok(if entry.deflated {
            Box::new(DeflateDecoder::new(BufReader::with_capacity(64 * 1024, packed)).take(limit))
        } else {
            Box::new(packed.take(limit))
        })
    }
}

fn is_regular(mode: Option<u32>) -> bool {
    let kind = mode.unwrap_or(0) & 0o170_000;
    kind == 0 || kind == 0o100_000
}

/// Whether a name stays below the folder that it is in.
fn is_below(name: &str) -> bool {
    let sound = |part: &str| !part.is_empty() && part != "." && part != "..";
    !name.contains(['\\', '\0', ':']) && name.split('/').all(sound)
}
