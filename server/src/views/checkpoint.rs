//! As far as a read model is folded: the last event in it.

use beckon_events::Digest;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::store::{EventReader, Position, ReadError, StoredEvent, StreamName};

/// The last event that is folded in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checkpoint {
    pub position: Position,
    pub stream: StreamName,
    pub version: u64,
    pub leaf: Digest,
}

/// What stands in read.db about one model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub name: String,
    /// The version of what it holds.
    pub version: u32,
    /// Which set of its tables counts.
    pub generation: u64,
    /// None where nothing is folded yet.
    pub checkpoint: Option<Checkpoint>,
}

impl Checkpoint {
    pub(super) fn of(event: &StoredEvent) -> Self {
        Self {
            position: event.position,
            stream: event.stream.clone(),
            version: event.version,
            leaf: event.leaf(),
        }
    }

    /// Whether this log has that event at that place.
    pub(super) fn stands_in(&self, reader: &dyn EventReader) -> Result<bool, ReadError> {
        let found = reader.read_stream(&self.stream, self.version, 1)?;
        Ok(found.first().is_some_and(|event| Self::of(event) == *self))
    }
}

/// Every model that stands in the file.
pub(super) fn entries(connection: &Connection) -> rusqlite::Result<Vec<Entry>> {
    let sql = "SELECT name, version, generation, position, stream, stream_version, leaf \
         FROM models ORDER BY name";
    let mut models = connection.prepare_cached(sql)?;
    let rows = models.query_map([], |row| {
        Ok(Entry {
            name: row.get(0)?,
            version: row.get(1)?,
            generation: row.get(2)?,
            checkpoint: checkpoint(row)?,
        })
    })?;
    rows.collect()
}

/// Writes what counts of a model from now on.
pub(super) fn put(connection: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    let at = entry.checkpoint.as_ref();
    let sql = "INSERT OR REPLACE INTO models \
         (name, version, generation, position, stream, stream_version, leaf) \
         VALUES (?, ?, ?, ?, ?, ?, ?)";
    let mut insert = connection.prepare_cached(sql)?;
    insert.execute(params![
        entry.name,
        entry.version,
        entry.generation,
        at.map(|at| at.position.to_bits()),
        at.map(|at| at.stream.as_str()),
        at.map(|at| at.version),
        at.map(|at| at.leaf.0),
    ])?;
    Ok(())
}

/// Moves a model on; false where it is not where it should be.
pub(super) fn advance(
    connection: &Connection,
    name: &str,
    generation: u64,
    from: Option<Position>,
    to: &Checkpoint,
) -> rusqlite::Result<bool> {
    let sql = "UPDATE models SET position = ?, stream = ?, stream_version = ?, leaf = ? \
         WHERE name = ? AND generation = ? AND position IS ?";
    let mut update = connection.prepare_cached(sql)?;
    let changed = update.execute(params![
        to.position.to_bits(),
        to.stream.as_str(),
        to.version,
        to.leaf.0,
        name,
        generation,
        from.map(Position::to_bits),
    ])?;
    Ok(changed == 1)
}

/// The number of the wrapping key at the time when everything was last built.
pub(super) fn epoch(connection: &Connection) -> rusqlite::Result<Option<u64>> {
    connection.query_row("SELECT number FROM epoch", [], |row| row.get(0)).optional()
}

/// Takes note of the wrapping key under which everything was built.
pub(super) fn set_epoch(connection: &Connection, number: u64) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM epoch", [])?;
    connection.execute("INSERT INTO epoch (number) VALUES (?)", [number]).map(drop)
}

fn checkpoint(row: &Row<'_>) -> rusqlite::Result<Option<Checkpoint>> {
    let Some(position) = row.get::<_, Option<u64>>(3)? else { return Ok(None) };
    let stream = row.get_ref(4)?.as_str()?.parse().map_err(|error| {
        let error: crate::store::StreamNameError = error;
        rusqlite::Error::FromSqlConversionFailure(4, rusqlite::types::Type::Text, Box::new(error))
    })?;
    Ok(Some(Checkpoint {
        position: Position::from_bits(position),
        stream,
        version: row.get(5)?,
        leaf: Digest(row.get(6)?),
    }))
}
