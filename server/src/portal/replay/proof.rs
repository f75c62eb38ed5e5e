//! What the page's script checks: the stored bytes of a session with their ways into the tree.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use beckon_events::{Digest, PublicKey, SessionId};
use beckon_protocol::Base64;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::look;
use crate::evidence::{EvidenceError, Signed, Way};
use crate::hub::Hub;
use crate::portal::person::Person;
use crate::portal::refusal::Refusal;
use crate::store::{ReadError, StoredEvent, StreamName};

/// The most events of one answer; a way is no longer than the tree is high.
const EVENTS: usize = 500;
/// Once an answer holds so many bytes of events, the rest is for the next one.
const BYTES: usize = 4 * 1024 * 1024;

/// From which event on.
#[derive(Deserialize)]
pub struct From {
    #[serde(default)]
    from: u64,
}

#[derive(Serialize)]
struct Proof<'a> {
    session: SessionId,
    log_key: PublicKey,
    checkpoint: &'a str,
    events: Vec<Proved>,
    /// Where the next answer begins; none where this is the last.
    next: Option<u64>,
}

#[derive(Serialize)]
struct Proved {
    index: u64,
    metadata: Base64,
    data: Base64,
    proof: Vec<Digest>,
}

/// The proof of the events from one on, as many as one answer holds.
pub async fn get(
    hub: web::Data<Hub>,
    person: Person,
    id: web::Path<Uuid>,
    from: web::Query<From>,
) -> Result<HttpResponse, Refusal> {
    let session = look(&hub, &person, SessionId(*id)).await?.id;
    let (readers, from) = (hub.journal.readers(), from.from);
    let read = move || {
        let stream = StreamName::session(session);
        let read = readers.reader()?.read_stream(&stream, from, EVENTS + 1)?;
        Ok::<_, ReadError>(one_answer(read))
    };
    let (events, more) = web::block(read).await?.map_err(|error| {
        tracing::error!(%error, "the log cannot be read");
        Refusal::Busy
    })?;
    let next = more.then(|| from + events.len() as u64);
    if events.is_empty() {
        return Err(Refusal::NotFound);
    }
    let (signed, ways) = ways(&hub, events.clone()).await.map_err(|error| {
        tracing::error!(%error, "a session cannot be proved");
        Refusal::Busy
    })?;
    let proved = |(event, way): (StoredEvent, Way)| Proved {
        index: way.index,
        metadata: Base64(event.metadata.to_vec()),
        data: Base64(event.data.to_vec()),
        proof: way.path,
    };
    let events = events.into_iter().zip(ways).map(proved).collect();
    let log_key = hub.evidence.public_key();
    let checkpoint = &signed.note;
    Ok(HttpResponse::Ok().json(Proof { session, log_key, checkpoint, events, next }))
}

/// The ways of these events into the tree of a checkpoint that covers them.
pub async fn ways(
    hub: &Hub,
    events: Vec<StoredEvent>,
) -> Result<(Arc<Signed>, Vec<Way>), EvidenceError> {
    let last = events.last().ok_or(EvidenceError::Missing)?.position;
    let signed = hub.evidence.covering(last).await?;
    let (evidence, under) = (hub.evidence.clone(), Arc::clone(&signed));
    let find = move || evidence.ways(&events, &under);
    let cut_off = |_| EvidenceError::Unavailable("reading the tree failed".to_owned());
    Ok((signed, tokio::task::spawn_blocking(find).await.map_err(cut_off)??))
}

/// As much of what was read as one answer holds, and whether there is more.
fn one_answer(mut read: Vec<StoredEvent>) -> (Vec<StoredEvent>, bool) {
    let mut bytes = 0;
    let fits = |event: &&StoredEvent| {
        let before = bytes;
        bytes += event.metadata.len() + event.data.len();
        before < BYTES
    };
    let fitting = read.iter().take(EVENTS).take_while(fits).count();
    let more = fitting < read.len();
    read.truncate(fitting);
    (read, more)
}
