//! One answer to a reader: events until the count is full, or for as long as somebody listens.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tonic::Status;
use uuid::Uuid;

use super::door::Guest;
use super::entry::Entry;
use super::pages::{PAGE, Pages, Source};
use super::reading::{How, Reading, Since, What};
use super::streams_proto::ReadResp;
use super::streams_proto::read_resp::{
    CaughtUp, Checkpoint, Content, StreamNotFound, SubscriptionConfirmation,
};
use super::{STOPPING, proto};
use crate::store::StreamName;

/// The log is looked at so often even where no bell rings.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What is sent to a reader.
pub(super) type Out = mpsc::Sender<Result<ReadResp, Status>>;

/// An answer being given.
pub(super) struct Delivery {
    pub source: Source,
    pub reading: Reading,
    pub guest: Guest,
    pub out: Out,
    /// Takes why the answer is cut short; what waits in `out` is then dropped.
    pub last_word: oneshot::Sender<Status>,
    /// Holds true when the server stops.
    pub stop: watch::Receiver<bool>,
    /// Names the subscription, where it is one.
    pub id: Uuid,
}

/// Why an answer goes no further.
enum Halt {
    /// Nobody listens any more.
    Unheard,
    /// The reader is told why.
    Refused(Status),
}

impl From<Status> for Halt {
    fn from(status: Status) -> Self {
        Self::Refused(status)
    }
}

impl Delivery {
    /// Gives the answer. Ends a subscription only with a reason: clients spin on one that ends
    /// without.
    pub async fn run(self) {
        let Self { source, reading, guest, out, last_word, mut stop, id } = self;
        let thrown_out = guest.thrown_out();
        let mut telling = Telling { source, reading, guest, out, id };
        // Here and not between two messages: one may wait for its reader for ever.
        let why = tokio::select! {
            biased;
            why = thrown_out => why,
            _ = stop.wait_for(|stop| *stop) => Status::unavailable(STOPPING),
            () = telling.run() => return,
        };
        // Whoever left does not need the reason.
        let _ = last_word.send(why);
    }
}

/// The part of a [`Delivery`] that can be dropped at any moment.
struct Telling {
    source: Source,
    reading: Reading,
    guest: Guest,
    out: Out,
    id: Uuid,
}

impl Telling {
    async fn run(&mut self) {
        if let Err(Halt::Refused(status)) = self.deliver().await {
            // Whoever left does not need the reason.
            let _ = self.out.send(Err(status)).await;
        }
    }

    async fn deliver(&mut self) -> Result<(), Halt> {
        let mut pages = self.source.open().await?;
        match self.reading.how {
            How::Forwards(count) => self.forwards(&mut pages, count).await,
            How::Backwards(count) => self.backwards(&mut pages, count).await,
            How::Follow => self.follow(&mut pages).await,
        }
    }

    async fn forwards(&mut self, pages: &mut Pages, mut left: u64) -> Result<(), Halt> {
        let stream = match self.stream(pages).await? {
            Found::Missing => return self.not_found().await,
            Found::Stream(stream) => Some(stream),
            Found::All => None,
        };
        let mut place = match self.reading.from {
            Since::Start => Place::FIRST,
            Since::At(at) => Place(at),
            Since::End => return Ok(()),
        };
        while left > 0 {
            let (page, full) = page(pages, stream.as_ref(), place).await?;
            for event in page {
                place = Place::after(&event, stream.is_some());
                if left > 0 && self.wanted(&event) {
                    self.send(event.into_message(self.reading.ids)).await?;
                    left -= 1;
                }
            }
            if !full {
                break;
            }
        }
        Ok(())
    }

    async fn backwards(&mut self, pages: &mut Pages, mut left: u64) -> Result<(), Halt> {
        let stream = match self.stream(pages).await? {
            Found::Missing => return self.not_found().await,
            Found::Stream(stream) => Some(stream),
            Found::All => None,
        };
        // Of a stream the version to begin with, of the log the position to stay below.
        let mut place = match (self.reading.from, &stream) {
            (Since::Start, None) => return Ok(()),
            (Since::Start, Some(_)) => Some(0),
            (Since::At(at), None) => Some(at),
            (Since::At(at), Some(stream)) => {
                pages.last_version(stream.clone()).await?.map(|last| last.min(at))
            }
            (Since::End, None) => None,
            (Since::End, Some(stream)) => pages.last_version(stream.clone()).await?,
        };
        while left > 0 {
            let page = match (&stream, place) {
                (Some(_), None) => break,
                (Some(stream), Some(from)) => pages.stream_back(stream.clone(), from).await?,
                (None, before) => pages.all_back(before).await?,
            };
            let Some(last) = page.last() else { break };
            let first_of_stream = stream.is_some() && last.version == 0;
            place =
                Some(if stream.is_some() { last.version.saturating_sub(1) } else { last.position });
            for event in page {
                if left > 0 && self.wanted(&event) {
                    self.send(event.into_message(self.reading.ids)).await?;
                    left -= 1;
                }
            }
            if first_of_stream {
                break;
            }
        }
        Ok(())
    }

    async fn follow(&mut self, pages: &mut Pages) -> Result<(), Halt> {
        let mut news = self.source.news.hear();
        let (stream, is_stream) = match &self.reading.what {
            What::All => (None, false),
            What::Stream(_, stream) => (stream.clone(), true),
        };
        // A subscription begins after the place that it names.
        let mut place = match (self.reading.from, &stream) {
            (Since::Start, _) => Place::FIRST,
            (Since::At(at), _) => Place(at.saturating_add(1)),
            (Since::End, None) => Place::next(pages.last_position().await?),
            (Since::End, Some(stream)) => Place::next(pages.last_version(stream.clone()).await?),
        };
        let subscription_id = self.id.to_string();
        self.send(Content::Confirmation(SubscriptionConfirmation { subscription_id })).await?;
        let mut caught_up = false;
        let mut unmarked = 0;
        loop {
            self.guest.stays().await?;
            news.mark_unchanged();
            // No stream can have that name: nothing ever comes.
            let never = is_stream && stream.is_none();
            let (events, full) = if never {
                (Vec::new(), false)
            } else {
                page(pages, stream.as_ref(), place).await?
            };
            for event in events {
                place = Place::after(&event, is_stream);
                let position = event.position;
                unmarked += 1;
                if self.wanted(&event) {
                    self.send(event.into_message(self.reading.ids)).await?;
                }
                if self.reading.filter.as_ref().is_some_and(|f| unmarked >= f.checkpoint_every) {
                    self.mark(position).await?;
                    unmarked = 0;
                }
            }
            if full {
                continue;
            }
            if !caught_up {
                caught_up = true;
                self.send(Content::CaughtUp(CaughtUp {})).await?;
            }
            tokio::select! {
                _ = news.changed() => {}
                () = tokio::time::sleep(LOOK_AGAIN) => {}
                () = self.out.closed() => return Err(Halt::Unheard),
            }
        }
    }

    /// Tells a reader that skips events how far the log was looked at.
    async fn mark(&mut self, position: u64) -> Result<(), Halt> {
        let (commit_position, prepare_position) = (position, position);
        self.send(Content::Checkpoint(Checkpoint { commit_position, prepare_position })).await
    }

    fn wanted(&self, event: &Entry) -> bool {
        self.reading.filter.as_ref().is_none_or(|filter| filter.lets(event))
    }

    async fn stream(&self, pages: &mut Pages) -> Result<Found, Halt> {
        let What::Stream(_, stream) = &self.reading.what else { return Ok(Found::All) };
        let Some(stream) = stream else { return Ok(Found::Missing) };
        let last = pages.last_version(stream.clone()).await?;
        Ok(last.map_or(Found::Missing, |_| Found::Stream(stream.clone())))
    }

    async fn not_found(&mut self) -> Result<(), Halt> {
        let What::Stream(name, _) = &self.reading.what else { return Ok(()) };
        let stream_name = name.clone().into();
        let stream_identifier = Some(proto::StreamIdentifier { stream_name });
        self.send(Content::StreamNotFound(StreamNotFound { stream_identifier })).await
    }

    async fn send(&mut self, content: Content) -> Result<(), Halt> {
        self.guest.stays().await?;
        let sent = self.out.send(Ok(ReadResp { content: Some(content) })).await;
        sent.map_err(|_| Halt::Unheard)
    }
}

/// What a request means, now that the log was looked at.
enum Found {
    All,
    Stream(StreamName),
    Missing,
}

/// The first version of a stream, or position of the log, that was not delivered yet.
#[derive(Clone, Copy)]
struct Place(u64);

impl Place {
    const FIRST: Self = Self(0);

    fn next(last: Option<u64>) -> Self {
        last.map_or(Self::FIRST, |last| Self(last.saturating_add(1)))
    }

    fn after(event: &Entry, is_stream: bool) -> Self {
        Self::next(Some(if is_stream { event.version } else { event.position }))
    }
}

/// The events from `place` on, and whether there may be more.
async fn page(
    pages: &mut Pages,
    stream: Option<&StreamName>,
    place: Place,
) -> Result<(Vec<Entry>, bool), Status> {
    let page = match stream {
        Some(stream) => pages.stream(stream.clone(), place.0).await?,
        None => pages.all(place.0.checked_sub(1)).await?,
    };
    let full = page.len() >= PAGE;
    Ok((page, full))
}

#[cfg(test)]
mod tests;
