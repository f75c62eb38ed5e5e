//! All streams of one kind.

use super::{ExportError, PAGE};
use crate::store::{EventReader, StoredEvent};

/// Visits every event of the streams of `kind`, of which there are few.
pub(super) fn every_event(
    reader: &dyn EventReader,
    kind: &str,
    mut visit: impl FnMut(&StoredEvent) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    for stream in reader.streams(kind, None, PAGE)? {
        let mut from = 0;
        loop {
            let page = reader.read_stream(&stream, from, PAGE)?;
            from += page.len() as u64;
            page.iter().try_for_each(&mut visit)?;
            if page.len() < PAGE {
                break;
            }
        }
    }
    Ok(())
}
