//! What a reader asks for.

use tonic::Status;

use super::entry::Ids;
use super::filter::Filter;
use super::streams_proto::ReadReq;
use super::streams_proto::read_req::options::all_options::AllOption;
use super::streams_proto::read_req::options::stream_options::RevisionOption;
use super::streams_proto::read_req::options::{
    CountOption, FilterOption, ReadDirection, StreamOption, uuid_option,
};
use crate::store::StreamName;

/// A request to read or to follow.
#[derive(Debug)]
pub(super) struct Reading {
    pub what: What,
    pub from: Since,
    pub how: How,
    pub filter: Option<Filter>,
    pub ids: Ids,
}

/// What is read.
#[derive(Debug)]
pub(super) enum What {
    /// The whole log.
    All,
    /// One stream; none where no stream can have that name.
    Stream(String, Option<StreamName>),
}

/// Where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// At the first event.
    Start,
    /// At a version of the stream, or a position of the log.
    At(u64),
    /// At the last event.
    End,
}

/// How it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// Towards the end, so many events.
    Forwards(u64),
    /// Towards the start, so many events.
    Backwards(u64),
    /// What is there and whatever comes.
    Follow,
}

impl TryFrom<ReadReq> for Reading {
    type Error = Status;

    fn try_from(request: ReadReq) -> Result<Self, Status> {
        let options = request.options.ok_or_else(|| missing("options"))?;
        let (what, from) = match options.stream_option.ok_or_else(|| missing("a stream or $all"))? {
            StreamOption::All(all) => (
                What::All,
                match all.all_option {
                    Some(AllOption::Position(position)) => Since::At(position.commit_position),
                    Some(AllOption::End(())) => Since::End,
                    Some(AllOption::Start(())) | None => Since::Start,
                },
            ),
            StreamOption::Stream(stream) => {
                let name = stream.stream_identifier.ok_or_else(|| missing("a stream"))?;
                let name = String::from_utf8(name.stream_name.into())
                    .map_err(|_| Status::invalid_argument("the name of the stream is no text"))?;
                let known = name.parse().ok();
                let from = match stream.revision_option {
                    Some(RevisionOption::Revision(version)) => Since::At(version),
                    Some(RevisionOption::End(())) => Since::End,
                    Some(RevisionOption::Start(())) | None => Since::Start,
                };
                (What::Stream(name, known), from)
            }
        };
        let backwards = options.read_direction == i32::from(ReadDirection::Backwards);
        let how = match options.count_option.ok_or_else(|| missing("a count or subscription"))? {
            CountOption::Count(count) if backwards => How::Backwards(count),
            CountOption::Count(count) => How::Forwards(count),
            CountOption::Subscription(_) if backwards => {
                return Err(Status::invalid_argument("a subscription goes forwards only"));
            }
            CountOption::Subscription(_) => How::Follow,
        };
        let wants_filter = matches!(options.filter_option, Some(FilterOption::Filter(_)));
        if wants_filter && matches!(what, What::Stream(..)) {
            return Err(Status::invalid_argument("only $all can be filtered"));
        }
        let ids = match options.uuid_option.and_then(|option| option.content) {
            Some(uuid_option::Content::String(())) => Ids::Text,
            Some(uuid_option::Content::Structured(())) | None => Ids::Structured,
        };
        let filter = Filter::read(options.filter_option)?;
        Ok(Self { what, from, how, filter, ids })
    }
}

fn missing(what: &str) -> Status {
    Status::invalid_argument(format!("the request names no {what}"))
}
