//! The events of the whole log, with the tree over them.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

use beckon_protocol::evidence::{Checkpoint, Tile, TileAt, Tiler};
use data_encoding::BASE64;

use super::names::Found;
use super::package::{EVENTS, Package};
use super::{ExportError, PAGE};
use crate::store::{EventReader, Position, StoredEvent};

/// Writes the events that `checkpoint` speaks of, and the tiles over them; the tiles wait in
/// `scratch` until the events are written. The position of the last event.
pub(super) fn write(
    reader: &dyn EventReader,
    checkpoint: &Checkpoint,
    scratch: File,
    package: &mut Package<'_>,
    found: &mut Found<'_>,
) -> Result<Option<Position>, ExportError> {
    let mut aside = TilesAside { file: BufWriter::new(scratch), at: Vec::new() };
    let mut tree = Tiler::default();
    let mut last = None;
    let mut line = String::new();
    package.begin(EVENTS).map_err(ExportError::Write)?;
    while tree.size() < checkpoint.size {
        let left = usize::try_from(checkpoint.size - tree.size()).unwrap_or(PAGE);
        let page = reader.read_all(last, left.min(PAGE))?;
        if page.is_empty() {
            return Err(ExportError::Differs);
        }
        for event in &page {
            line.clear();
            line.push('{');
            bytes_of(event, &mut line);
            line.push_str("}\n");
            package.write(line.as_bytes()).map_err(ExportError::Write)?;
            found.look(event);
            for tile in tree.push(event.leaf()) {
                aside.put(tile).map_err(ExportError::Write)?;
            }
            last = Some(event.position);
        }
    }
    if tree.root() != checkpoint.root {
        return Err(ExportError::Differs);
    }
    for tile in tree.partials() {
        aside.put(tile).map_err(ExportError::Write)?;
    }
    aside.write(package).map_err(ExportError::Write)?;
    Ok(last)
}

/// The part of a line that is the event itself.
pub(super) fn bytes_of(event: &StoredEvent, line: &mut String) {
    line.push_str("\"metadata\":\"");
    BASE64.encode_append(&event.metadata, line);
    line.push_str("\",\"data\":\"");
    BASE64.encode_append(&event.data, line);
    line.push('"');
}

/// Tiles that have their turn later.
struct TilesAside {
    file: BufWriter<File>,
    at: Vec<TileAt>,
}

impl TilesAside {
    fn put(&mut self, tile: Tile) -> io::Result<()> {
        self.at.push(tile.at);
        self.file.write_all(&tile.bytes)
    }

    fn write(self, package: &mut Package<'_>) -> io::Result<()> {
        let mut file = self.file.into_inner()?;
        file.rewind()?;
        let mut file = BufReader::new(file);
        let mut bytes = Vec::new();
        for at in self.at {
            bytes.resize(at.bytes(), 0);
            file.read_exact(&mut bytes)?;
            package.begin(format!("tiles/{}", at.path()))?;
            package.write(&bytes)?;
        }
        Ok(())
    }
}
