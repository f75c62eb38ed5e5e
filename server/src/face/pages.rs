//! The log in pages, in both directions, read where it may block.

use std::sync::Arc;

use tokio::task::spawn_blocking;
use tonic::Status;

use super::entry::Entry;
use super::news::News;
use crate::store::{EventReader, Position, ReadError, Readers, StoredEvent, StreamName};

/// The most events of a page.
pub(super) const PAGE: usize = 64;

/// The log that is handed out; cheap to clone.
#[derive(Clone)]
pub struct Source {
    readers: Arc<dyn Readers>,
    /// Rings whenever events were added.
    pub(super) news: News,
    /// A reader sees a position multiplied by this.
    pub(super) spread: u64,
    #[cfg(feature = "esdb-peer")]
    pub(super) strangers: super::peer::Strangers,
}

/// Reads a [`Source`] for one call.
pub(super) struct Pages {
    source: Source,
    // INVARIANT: none only while it is away reading.
    reader: Option<Box<dyn EventReader>>,
}

impl Source {
    /// What `readers` read; `news` rings whenever events were added.
    pub fn new(readers: Arc<dyn Readers>, news: News) -> Self {
        Self {
            readers,
            news,
            spread: 1,
            #[cfg(feature = "esdb-peer")]
            strangers: super::peer::Strangers::default(),
        }
    }

    /// Where it is read.
    #[cfg(feature = "esdb-peer")]
    pub(super) fn readers(&self) -> Arc<dyn Readers> {
        Arc::clone(&self.readers)
    }

    /// Opens it for one call.
    pub(super) async fn open(&self) -> Result<Pages, Status> {
        let readers = Arc::clone(&self.readers);
        let reader = spawn_blocking(move || readers.reader()).await;
        let reader = Some(reader.map_err(|_| gone())?.map_err(|error| unreadable(&error))?);
        Ok(Pages { source: self.clone(), reader })
    }

    /// A position as readers see it.
    pub(super) fn shown(&self, position: Position) -> u64 {
        position.to_bits().saturating_mul(self.spread)
    }

    fn entry(&self, event: StoredEvent) -> Entry {
        let position = self.shown(event.position);
        let entry = Entry::of(event, position);
        #[cfg(feature = "esdb-peer")]
        let entry = self.strangers.named(entry);
        entry
    }
}

impl Pages {
    /// Events of a stream from version `from` on.
    pub async fn stream(&mut self, stream: StreamName, from: u64) -> Result<Vec<Entry>, Status> {
        let page = self.look(move |reader| reader.read_stream(&stream, from, PAGE)).await?;
        Ok(page.into_iter().map(|event| self.source.entry(event)).collect())
    }

    /// Events of a stream from version `from` backwards.
    pub async fn stream_back(
        &mut self,
        stream: StreamName,
        from: u64,
    ) -> Result<Vec<Entry>, Status> {
        let first = from.saturating_sub(PAGE as u64 - 1);
        let count = usize::try_from(from - first).unwrap_or(PAGE).saturating_add(1);
        let page = self.look(move |reader| reader.read_stream(&stream, first, count)).await?;
        Ok(page.into_iter().rev().map(|event| self.source.entry(event)).collect())
    }

    /// The version of a stream's last event.
    pub async fn last_version(&mut self, stream: StreamName) -> Result<Option<u64>, Status> {
        let head = self.look(move |reader| reader.head(&stream)).await?;
        Ok(head.map(|head| head.version))
    }

    /// The position of the last event, as readers see it.
    pub async fn last_position(&mut self) -> Result<Option<u64>, Status> {
        let last = self.look(|reader| reader.last_position()).await?;
        Ok(last.map(|last| self.source.shown(last)))
    }

    /// Events of the whole log after what readers see as `after`.
    pub async fn all(&mut self, after: Option<u64>) -> Result<Vec<Entry>, Status> {
        let from = after.map(|after| Position::from_bits(after / self.source.spread));
        let page = self.look(move |reader| reader.read_all(from, PAGE)).await?;
        let page: Vec<_> = page.into_iter().map(|event| self.source.entry(event)).collect();
        #[cfg(feature = "esdb-peer")]
        let page = self.source.strangers.among(page, after, PAGE);
        Ok(page)
    }

    /// Events of the whole log backwards, those before what readers see as `before`.
    pub async fn all_back(&mut self, before: Option<u64>) -> Result<Vec<Entry>, Status> {
        let from = before.map(|before| Position::from_bits(before.div_ceil(self.source.spread)));
        let page = self.look(move |reader| reader.read_all_back(from, PAGE)).await?;
        let page: Vec<_> = page.into_iter().map(|event| self.source.entry(event)).collect();
        #[cfg(feature = "esdb-peer")]
        let page = self.source.strangers.among_back(page, before, PAGE);
        Ok(page)
    }

    async fn look<R: Send + 'static>(
        &mut self,
        look: impl FnOnce(&dyn EventReader) -> Result<R, ReadError> + Send + 'static,
    ) -> Result<R, Status> {
        let reader = self.reader.take().ok_or_else(gone)?;
        let looked = spawn_blocking(move || (look(&*reader), reader)).await;
        let (found, reader) = looked.map_err(|_| gone())?;
        self.reader = Some(reader);
        found.map_err(|error| unreadable(&error))
    }
}

fn gone() -> Status {
    Status::unavailable("reading the log was broken off, try again")
}

fn unreadable(error: &ReadError) -> Status {
    tracing::warn!(%error, "the log could not be read for somebody outside");
    match error {
        ReadError::Damaged(_) => Status::data_loss("the log is damaged"),
        ReadError::Unavailable(_) => Status::unavailable("the log cannot be read now, try again"),
    }
}
