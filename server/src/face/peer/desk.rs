//! Where a peer takes appends.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use beckon_events::Timestamp;
use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt};
use prost::Message as _;
use tokio::sync::mpsc;
use tonic::{Code, Status, Streaming};
use uuid::Uuid;

use super::appending::{APPEND_MAX, Appending, Proposed};
use super::expectation::Expectation;
use super::faults::Faults;
use crate::clock::{Clock, SystemClock};
use crate::face::entry::Ids;
use crate::face::generated::google::rpc;
use crate::face::pages::Source;
use crate::face::proto;
use crate::face::streams_proto::batch_append_req::options::DeadlineOption;
use crate::face::streams_proto::{
    AppendReq, AppendResp, BatchAppendReq, BatchAppendResp, append_req, append_resp,
    batch_append_req, batch_append_resp,
};
use crate::store::writer::{Answer, WriterHandle};
use crate::store::{AppendError, Appended, StreamName};

/// An append that names no deadline has so long.
const DEADLINE: Duration = Duration::from_secs(10);
/// Answers of one session that wait for a slow client.
const AHEAD: usize = 64;

/// Takes appends and puts them into the store.
#[derive(Clone)]
pub(in crate::face) struct Desk {
    pub source: Source,
    pub writer: WriterHandle,
    pub faults: Faults,
    pub calls: Arc<AtomicU64>,
}

/// The parts of an append that has not come whole yet.
struct Parts {
    options: batch_append_req::Options,
    events: Vec<Proposed>,
}

impl Desk {
    /// Carries out one append.
    pub async fn append(&self, mut request: Streaming<AppendReq>) -> Result<AppendResp, Status> {
        self.faults.leads()?;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let (mut options, mut events) = (None, Vec::new());
        while let Some(part) = request.message().await? {
            match part.content {
                Some(append_req::Content::Options(given)) => options = Some(given),
                Some(append_req::Content::ProposedMessage(event)) => {
                    events.push(proposed(
                        event.id,
                        event.metadata,
                        event.custom_metadata,
                        event.data,
                    )?);
                }
                None => return Err(Status::invalid_argument("a part of the append is empty")),
            }
        }
        let options = options.ok_or_else(|| Status::invalid_argument("no options"))?;
        let expected = options.expected_stream_revision.map_or(Expectation::Any, Into::into);
        let stream = stream(options.stream_identifier.as_ref())?;
        let appending = Appending { stream, expected, events };
        if appending.is_too_large() {
            return Err(too_large());
        }
        let answer = appending.begin(&self.writer, &self.source);
        let answer = answer.answer(&self.writer, &self.source).await;
        self.faults.after_commit().await;
        let result = match answer {
            Ok(appended) => append_resp::Result::Success(self.success(appended)),
            Err(AppendError::Conflict { current }) => {
                append_resp::Result::WrongExpectedVersion(expected.conflict(current))
            }
            Err(error) => return Err(refusal(&error)),
        };
        Ok(AppendResp { result: Some(result) })
    }

    /// Carries out appends as they come, and answers each when it is done.
    #[expect(clippy::unnecessary_wraps, reason = "as the service answers")]
    pub fn batch_append(
        &self,
        request: Streaming<BatchAppendReq>,
    ) -> Result<BoxStream<'static, Result<BatchAppendResp, Status>>, Status> {
        let (out, mut answers) = mpsc::channel(AHEAD);
        let desk = self.clone();
        tokio::spawn(async move {
            if let Err(status) = desk.session(request, &out).await {
                // Whoever hung up does not need the reason.
                let _ = out.send(Err(status)).await;
            }
        });
        Ok(futures_util::stream::poll_fn(move |context| answers.poll_recv(context)).boxed())
    }

    async fn session(
        &self,
        mut request: Streaming<BatchAppendReq>,
        out: &mpsc::Sender<Result<BatchAppendResp, Status>>,
    ) -> Result<(), Status> {
        let mut open: HashMap<Uuid, Parts> = HashMap::new();
        while let Some(part) = request.message().await? {
            self.faults.leads()?;
            let missing = || Status::invalid_argument("an append without a correlation id");
            let correlation = Proposed::id(part.correlation_id).ok_or_else(missing)?;
            if let Some(options) = part.options {
                open.insert(correlation, Parts { options, events: Vec::new() });
            }
            let nothing = || Status::invalid_argument("an append without options");
            let parts = open.get_mut(&correlation).ok_or_else(nothing)?;
            for event in part.proposed_messages {
                let event = proposed(event.id, event.metadata, event.custom_metadata, event.data)?;
                parts.events.push(event);
            }
            if part.is_final
                && let Some(parts) = open.remove(&correlation)
            {
                self.calls.fetch_add(1, Ordering::Relaxed);
                self.batch(correlation, parts, out.clone())?;
            }
        }
        Ok(())
    }

    fn batch(
        &self,
        correlation: Uuid,
        parts: Parts,
        out: mpsc::Sender<Result<BatchAppendResp, Status>>,
    ) -> Result<(), Status> {
        let Parts { options, events } = parts;
        let expected = options.expected_stream_position.map_or(Expectation::Any, Into::into);
        let stream = stream(options.stream_identifier.as_ref())?;
        let within = deadline(options.deadline_option);
        let appending = Appending { stream, expected, events };
        let too_large = appending.is_too_large();
        // Queued here and now: one session's appends are stored in their order.
        let underway = (!too_large).then(|| appending.begin(&self.writer, &self.source));
        let desk = self.clone();
        tokio::spawn(async move {
            let answered = async {
                let Some(underway) = underway else { return Err(too_large_detail()) };
                let answer = underway.answer(&desk.writer, &desk.source).await;
                desk.faults.after_commit().await;
                desk.batch_result(answer, expected)
            };
            let late = || Err(detail(Code::DeadlineExceeded, "Timeout", "Timeout", &[]));
            let answered = tokio::time::timeout(within, answered).await;
            let result = match answered.unwrap_or_else(|_| late()) {
                Ok(success) => batch_append_resp::Result::Success(success),
                Err(error) => batch_append_resp::Result::Error(error),
            };
            let answer = BatchAppendResp {
                correlation_id: Some(Ids::Text.write(correlation)),
                stream_identifier: options.stream_identifier,
                result: Some(result),
                expected_stream_position: Some(expected.repeated()),
            };
            // Whoever hung up asks again.
            let _ = out.send(Ok(answer)).await;
        });
        Ok(())
    }

    fn success(&self, appended: Appended) -> append_resp::Success {
        let position = self.source.shown(appended.position);
        let position =
            append_resp::Position { commit_position: position, prepare_position: position };
        append_resp::Success {
            current_revision_option: Some(
                append_resp::success::CurrentRevisionOption::CurrentRevision(appended.version),
            ),
            position_option: Some(append_resp::success::PositionOption::Position(position)),
        }
    }

    fn batch_result(
        &self,
        answer: Answer,
        expected: Expectation,
    ) -> Result<batch_append_resp::Success, rpc::Status> {
        use batch_append_resp::success::{CurrentRevisionOption, PositionOption};
        match answer {
            Ok(appended) => {
                let at = self.source.shown(appended.position);
                let position =
                    proto::AllStreamPosition { commit_position: at, prepare_position: at };
                Ok(batch_append_resp::Success {
                    current_revision_option: Some(CurrentRevisionOption::CurrentRevision(
                        appended.version,
                    )),
                    position_option: Some(PositionOption::Position(position)),
                })
            }
            Err(AppendError::Conflict { current }) => {
                let value = expected.batch_conflict(current).encode_to_vec();
                let name = "WrongExpectedVersion";
                Err(detail(Code::AlreadyExists, name, name, &value))
            }
            Err(error) => {
                let status = refusal(&error);
                Err(detail(status.code(), status.message(), "Unknown", &[]))
            }
        }
    }
}

fn stream(identifier: Option<&proto::StreamIdentifier>) -> Result<StreamName, Status> {
    let name = identifier.and_then(|name| std::str::from_utf8(&name.stream_name).ok());
    let name = name.ok_or_else(|| Status::invalid_argument("the append names no stream"))?;
    name.parse().map_err(|_| {
        Status::invalid_argument(format!("this peer keeps no stream with the name {name:?}"))
    })
}

fn proposed(
    id: Option<proto::Uuid>,
    mut about: std::collections::BTreeMap<String, String>,
    metadata: Bytes,
    data: Bytes,
) -> Result<Proposed, Status> {
    let id = Proposed::id(id).ok_or_else(|| Status::invalid_argument("an event without an id"))?;
    let missing = || Status::invalid_argument("an event without a type");
    let kind = about.remove("type").ok_or_else(missing)?;
    Ok(Proposed { id, kind, metadata, data })
}

/// How long an append may take. Some clients write a moment where a duration belongs: that is
/// a long time.
fn deadline(option: Option<DeadlineOption>) -> Duration {
    let given = |seconds, nanos| {
        let (seconds, nanos) = (u64::try_from(seconds).ok()?, u32::try_from(nanos).ok()?);
        Some(Duration::new(seconds, nanos))
    };
    match option {
        None => DEADLINE,
        Some(DeadlineOption::Deadline(span)) => given(span.seconds, span.nanos).unwrap_or_default(),
        Some(DeadlineOption::Deadline21100(moment)) => {
            let since = given(moment.seconds, moment.nanos).unwrap_or_default();
            let at = Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX));
            at.since(SystemClock::new().now())
        }
    }
}

fn refusal(error: &AppendError) -> Status {
    let code = match error {
        AppendError::TooLarge { .. } | AppendError::Refused(_) | AppendError::Empty => {
            Code::InvalidArgument
        }
        AppendError::Conflict { .. } => Code::AlreadyExists,
        AppendError::DiskFull => Code::ResourceExhausted,
        AppendError::Lost(_) => Code::Internal,
        AppendError::Busy | AppendError::NotAtHand | AppendError::Unavailable(_) => {
            Code::Unavailable
        }
    };
    Status::new(code, error.to_string())
}

fn too_large() -> Status {
    Status::invalid_argument(format!("Maximum Append Size of {APPEND_MAX} Exceeded."))
}

fn too_large_detail() -> rpc::Status {
    let status = too_large();
    detail(status.code(), status.message(), "MaximumAppendSizeExceeded", &[])
}

fn detail(code: Code, message: &str, kind: &str, value: &[u8]) -> rpc::Status {
    rpc::Status {
        code: code.into(),
        message: message.to_owned(),
        details: Some(rpc::Packed {
            type_url: format!("type.googleapis.com/event_store.client.{kind}"),
            value: Bytes::copy_from_slice(value),
        }),
    }
}
