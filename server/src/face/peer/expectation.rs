//! What a client expects of a stream, in each of the protocol's forms.

use crate::face::proto;
use crate::face::proto::wrong_expected_version as shared;
use crate::face::streams_proto::append_resp::WrongExpectedVersion;
use crate::face::streams_proto::append_resp::wrong_expected_version as unary;
use crate::face::streams_proto::batch_append_resp as batch;
use crate::face::streams_proto::{append_req, batch_append_req};

/// What a stream must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expectation {
    /// Anything will do.
    Any,
    /// It has no events.
    NoStream,
    /// It has some.
    StreamExists,
    /// Its last event has this version.
    Exact(u64),
}

impl From<append_req::options::ExpectedStreamRevision> for Expectation {
    fn from(expected: append_req::options::ExpectedStreamRevision) -> Self {
        use append_req::options::ExpectedStreamRevision as Expected;
        match expected {
            Expected::Any(()) => Self::Any,
            Expected::NoStream(()) => Self::NoStream,
            Expected::StreamExists(()) => Self::StreamExists,
            Expected::Revision(version) => Self::Exact(version),
        }
    }
}

impl From<batch_append_req::options::ExpectedStreamPosition> for Expectation {
    fn from(expected: batch_append_req::options::ExpectedStreamPosition) -> Self {
        use batch_append_req::options::ExpectedStreamPosition as Expected;
        match expected {
            Expected::Any(()) => Self::Any,
            Expected::NoStream(()) => Self::NoStream,
            Expected::StreamExists(()) => Self::StreamExists,
            Expected::StreamPosition(version) => Self::Exact(version),
        }
    }
}

impl Expectation {
    /// The conflict as the answer to `Append`.
    pub fn conflict(self, current: Option<u64>) -> WrongExpectedVersion {
        use unary::CurrentRevisionOption as Current;
        use unary::ExpectedRevisionOption as Expected;
        WrongExpectedVersion {
            current_revision_option: Some(
                current.map_or(Current::CurrentNoStream(()), Current::CurrentRevision),
            ),
            expected_revision_option: Some(match self {
                Self::Any => Expected::ExpectedAny(()),
                Self::NoStream => Expected::ExpectedNoStream(()),
                Self::StreamExists => Expected::ExpectedStreamExists(()),
                Self::Exact(version) => Expected::ExpectedRevision(version),
            }),
        }
    }

    /// The conflict as a detail of the answer to `BatchAppend`.
    pub fn batch_conflict(self, current: Option<u64>) -> proto::WrongExpectedVersion {
        use shared::CurrentStreamRevisionOption as Current;
        use shared::ExpectedStreamPositionOption as Expected;
        proto::WrongExpectedVersion {
            current_stream_revision_option: Some(
                current.map_or(Current::CurrentNoStream(()), Current::CurrentStreamRevision),
            ),
            expected_stream_position_option: Some(match self {
                Self::Any => Expected::ExpectedAny(()),
                Self::NoStream => Expected::ExpectedNoStream(()),
                Self::StreamExists => Expected::ExpectedStreamExists(()),
                Self::Exact(version) => Expected::ExpectedStreamPosition(version),
            }),
        }
    }

    /// The expectation as `BatchAppend` repeats it.
    pub fn repeated(self) -> batch::ExpectedStreamPosition {
        use batch::ExpectedStreamPosition as Expected;
        match self {
            Self::Any => Expected::Any(()),
            Self::NoStream => Expected::NoStream(()),
            Self::StreamExists => Expected::StreamExists(()),
            Self::Exact(version) => Expected::StreamPosition(version),
        }
    }
}
