//! Which log a folder holds.

use beckon_events::envelope;
use beckon_events::{LogId, NoKeys, node};

use super::StartError;
use crate::config::PublicUrl;
use crate::store::{EventReader, StreamName};

/// How many events are read at once.
const PAGE: usize = 1_000;

/// What a sequencer works on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogOf {
    /// The log.
    pub log: LogId,
    /// The era that it is in.
    pub era: u32,
    /// How many events the restore kept that began this era; none in era 0.
    pub restored: Option<u64>,
    /// Whether a checkpoint of this era was signed for certain.
    pub signed: bool,
    /// How the log is called where no checkpoint of this era says it: the server's host.
    pub host: String,
}

impl LogOf {
    /// A log that begins.
    pub fn new(log: LogId, url: &PublicUrl) -> Self {
        let port = url.port().map_or(String::new(), |port| format!(":{port}"));
        Self { log, era: 0, restored: None, signed: false, host: format!("{}{port}", url.host()) }
    }

    /// The log as the stream of its node tells it; none where there is none yet.
    pub fn read(
        reader: &dyn EventReader,
        node: &StreamName,
        url: &PublicUrl,
    ) -> Result<Option<Self>, StartError> {
        let (mut found, mut from): (Option<Self>, u64) = (None, 0);
        let mut holds = false;
        loop {
            let page = reader.read_stream(node, from, PAGE)?;
            for stored in &page {
                let (metadata, data) = (&stored.metadata, &stored.data);
                let position = stored.position.to_bits();
                let event = envelope::read_as::<node::Event>(metadata, data, position, &NoKeys)?;
                let of = found.get_or_insert_with(|| Self::new(event.metadata.log, url));
                match event.event {
                    node::Event::LogRestored { era, size, .. } => {
                        (of.era, of.restored, of.signed) = (era, Some(size), false);
                    }
                    // A start signs what the log holds before it appends anything.
                    node::Event::ServerStarted { .. } => of.signed |= holds,
                    node::Event::ServerStopped { .. } => {}
                }
                holds = true;
            }
            if page.len() < PAGE {
                return Ok(found);
            }
            from += page.len() as u64;
        }
    }
}
