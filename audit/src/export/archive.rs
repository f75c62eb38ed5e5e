//! An export as a zip, read in place.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::CrcReader;
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
    header: u64,
    start: u64,
    packed: u64,
    size: u64,
    deflated: bool,
    crc: u32,
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
        if !is_all(path, &mut zip).unwrap_or(false) {
            return Err(CannotLook::NoZip(path.to_owned()).into());
        }
        let mut archive =
            Self { path: path.to_owned(), files: BTreeMap::new(), entries: BTreeMap::new() };
        for index in 0..zip.len() {
            let entry = zip.by_index_raw(index).map_err(no_zip)?;
            let Ok(name) = String::from_utf8(entry.name_raw().to_vec()) else {
                return Err(CannotLook::HostileZip(path.to_owned()).into());
            };
            let known = entry.name().is_ok_and(|read| read == name);
            if !known || !is_below(name.strip_suffix('/').unwrap_or(&name)) {
                return Err(odd(&name, text::form::NAME));
            }
            let kind = entry.unix_mode().unwrap_or(0) & 0o170_000;
            let is_folder = name.ends_with('/');
            let of_kind = kind == 0 || kind == if is_folder { 0o040_000 } else { 0o100_000 };
            if !of_kind || entry.encrypted() || is_folder && entry.size() > 0 {
                return Err(odd(&name, text::form::NOT_REGULAR));
            }
            if is_folder {
                continue;
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
            let (header, crc) = (entry.header_start(), entry.crc32());
            archive.files.insert(name.clone(), size);
            archive.entries.insert(name, Entry { header, start, packed, size, deflated, crc });
        }
        Ok(archive)
    }

    pub(super) fn files(&self) -> &BTreeMap<String, u64> {
        &self.files
    }

    pub(super) fn read(&self, path: &str) -> io::Result<Box<dyn Read + Send>> {
        let entry = self.entries.get(path).ok_or(io::ErrorKind::NotFound)?;
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(entry.header))?;
        if !is_header_of(&mut file, path)? {
            return Err(io::Error::new(io::ErrorKind::InvalidData, text::form::OTHER_NAME));
        }
        file.seek(SeekFrom::Start(entry.start))?;
        let packed = file.take(entry.packed);
        // One byte more than the list says is enough to see that it lies.
        let limit = entry.size.saturating_add(1);
        let bytes: Box<dyn Read + Send> = if entry.deflated {
            Box::new(DeflateDecoder::new(BufReader::with_capacity(64 * 1024, packed)).take(limit))
        } else {
            Box::new(packed.take(limit))
        };
        Ok(Box::new(Summed { bytes: CrcReader::new(bytes), size: entry.size, crc: entry.crc }))
    }
}

/// A file whose checksum has to be right once all of it was read.
struct Summed {
    bytes: CrcReader<Box<dyn Read + Send>>,
    size: u64,
    crc: u32,
}

impl Read for Summed {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(to)?;
        let sum = self.bytes.crc();
        let ended = read == 0 && !to.is_empty();
        if ended && u64::from(sum.amount()) == self.size % (1 << 32) && sum.sum() != self.crc {
            return Err(io::Error::new(io::ErrorKind::InvalidData, text::form::CHECKSUM));
        }
        Ok(read)
    }
}

/// Whether the list of files ends where the zip says that it does: nothing is left out of it.
fn is_all(path: &Path, zip: &mut ZipArchive<BufReader<File>>) -> io::Result<bool> {
    let mut last = None;
    for index in 0..zip.len() {
        last = last.max(Some(zip.by_index_raw(index)?.central_header_start()));
    }
    let Some(last) = last else { return Ok(true) };
    let mut file = File::open(path)?;
    let mut head = [0; 46];
    file.seek(SeekFrom::Start(last))?;
    file.read_exact(&mut head)?;
    let length = |at: usize| i64::from(head[at]) | i64::from(head[at + 1]) << 8;
    file.seek(SeekFrom::Current(length(28) + length(30) + length(32)))?;
    let mut next = [0; 4];
    file.read_exact(&mut next)?;
    Ok(matches!(&next, b"PK\x05\x06" | b"PK\x06\x06"))
}

/// Whether the header before the bytes of a file has the same name as the list.
fn is_header_of(file: &mut File, name: &str) -> io::Result<bool> {
    let mut head = [0; 30];
    file.read_exact(&mut head)?;
    let mut own = vec![0; usize::from(head[26]) | usize::from(head[27]) << 8];
    file.read_exact(&mut own)?;
    Ok(head.starts_with(b"PK\x03\x04") && own == name.as_bytes())
}

/// Whether a name stays below the folder that it is in.
fn is_below(name: &str) -> bool {
    let sound = |part: &str| !part.is_empty() && part != "." && part != "..";
    !name.contains(['\\', '\0', ':']) && name.split('/').all(sound)
}
