//! The service that reads the log, and refuses to write it.

use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::stream::{BoxStream, StreamExt};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status, Streaming};

use super::answer::Answer;
use super::delivery::Delivery;
use super::door::{Door, Guest, Revoked};
use super::pages::Source;
use super::reading::Reading;
use super::streams_proto::streams_server::Streams;
use super::streams_proto::{
    AppendReq, AppendResp, BatchAppendReq, BatchAppendResp, DeleteReq, DeleteResp, ReadReq,
    ReadResp, TombstoneReq, TombstoneResp,
};
use super::wire::Caller;
use crate::clock::Random;
use crate::metrics::Metrics;

/// Answers that are being given at once.
const ANSWERS_MAX: usize = 256;
/// Messages of one answer that wait for a slow reader.
const AHEAD: usize = 16;

/// Reads a [`Source`] for whoever the [`Door`] lets in.
pub(super) struct LogStreams {
    source: Source,
    door: Door,
    random: Random,
    stop: watch::Receiver<bool>,
    answers: Arc<Semaphore>,
    metrics: Metrics,
    #[cfg(feature = "esdb-peer")]
    peer: Option<super::peer::Desk>,
}

impl LogStreams {
    pub fn new(source: Source, door: Door, random: Random, stop: watch::Receiver<bool>) -> Self {
        Self {
            source,
            door,
            random,
            stop,
            answers: Arc::new(Semaphore::new(ANSWERS_MAX)),
            metrics: Metrics::default(),
            #[cfg(feature = "esdb-peer")]
            peer: None,
        }
    }

    /// The same, with what is read counted there.
    pub fn counted(self, metrics: Metrics) -> Self {
        Self { metrics, ..self }
    }

    /// One that also appends, and misbehaves as it is told.
    #[cfg(feature = "esdb-peer")]
    pub fn with_peer(mut self, desk: super::peer::Desk) -> Self {
        self.peer = Some(desk);
        self
    }

    /// The tokens that stopped counting.
    pub fn revoked(&self) -> Revoked {
        self.door.revoked()
    }

    async fn admit(&self, who: Who) -> Result<Guest, Status> {
        let nowhere = || SocketAddr::from(([0, 0, 0, 0], 0));
        let from = who.caller.as_ref().map_or_else(nowhere, |caller| caller.remote);
        let guest = self.door.admit(&who.metadata, from).await?;
        if let Some(caller) = &who.caller {
            caller.was_admitted(guest.token());
        }
        Ok(guest)
    }

    async fn refuse<R>(&self, who: Who) -> Result<R, Status> {
        self.admit(who).await?;
        let mut status = Status::permission_denied(super::READ_ONLY);
        status.metadata_mut().insert("exception", "access-denied".parse().map_err(invalid)?);
        Err(status)
    }
}

/// Who asks.
struct Who {
    metadata: MetadataMap,
    caller: Option<Caller>,
}

impl Who {
    fn of<T>(request: &Request<T>) -> Self {
        let caller = request.extensions().get::<Caller>().cloned();
        Self { metadata: request.metadata().clone(), caller }
    }
}

fn invalid(_: impl Sized) -> Status {
    Status::internal("the refusal cannot be put into words")
}

#[tonic::async_trait]
impl Streams for LogStreams {
    type ReadStream = BoxStream<'static, Result<ReadResp, Status>>;
    type BatchAppendStream = BoxStream<'static, Result<BatchAppendResp, Status>>;

    async fn read(&self, request: Request<ReadReq>) -> Result<Response<Self::ReadStream>, Status> {
        let guest = self.admit(Who::of(&request)).await?;
        #[cfg(feature = "esdb-peer")]
        if let Some(peer) = &self.peer {
            peer.faults.leads()?;
            peer.faults.before_read().await;
        }
        let too_many = |_| Status::resource_exhausted("too many reads at once, try again");
        let seat = Arc::clone(&self.answers).try_acquire_owned().map_err(too_many)?;
        let reading = Reading::try_from(request.into_inner())?;
        #[cfg(feature = "esdb-peer")]
        let follows = reading.how == super::reading::How::Follow;
        let (out, messages) = mpsc::channel(AHEAD);
        let (last_word, said) = oneshot::channel();
        let (source, stop, id) = (self.source.clone(), self.stop.clone(), self.random.uuid());
        let delivery = Delivery { source, reading, guest, out, last_word, stop, id };
        let present = self.metrics.face_stream();
        tokio::spawn(async move {
            delivery.run().await;
            drop((seat, present));
        });
        let answer = Answer::new(messages, said);
        #[cfg(feature = "esdb-peer")]
        if let Some(peer) = self.peer.as_ref().filter(|_| follows) {
            return Ok(Response::new(answer.take_until(peer.faults.ended()).boxed()));
        }
        Ok(Response::new(answer.boxed()))
    }

    async fn append(
        &self,
        request: Request<Streaming<AppendReq>>,
    ) -> Result<Response<AppendResp>, Status> {
        #[cfg(feature = "esdb-peer")]
        if let Some(peer) = &self.peer {
            return peer.append(request.into_inner()).await.map(Response::new);
        }
        self.refuse(Who::of(&request)).await
    }

    async fn batch_append(
        &self,
        request: Request<Streaming<BatchAppendReq>>,
    ) -> Result<Response<Self::BatchAppendStream>, Status> {
        #[cfg(feature = "esdb-peer")]
        if let Some(peer) = &self.peer {
            return peer.batch_append(request.into_inner()).map(Response::new);
        }
        self.refuse(Who::of(&request)).await
    }

    async fn delete(&self, request: Request<DeleteReq>) -> Result<Response<DeleteResp>, Status> {
        self.refuse(Who::of(&request)).await
    }

    async fn tombstone(
        &self,
        request: Request<TombstoneReq>,
    ) -> Result<Response<TombstoneResp>, Status> {
        self.refuse(Who::of(&request)).await
    }
}
