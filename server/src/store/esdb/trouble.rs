//! Why the cluster did not do what it was asked.

use eventstore::{Endpoint, Error};

/// What was wrong, in the words that people read.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// Another node is the leader.
    #[error("the leader of the event store cannot be reached")]
    NotLeader(Endpoint),
    /// Nothing was heard in time.
    #[error("the event store does not answer")]
    Silent,
    /// There is no connection, or it broke.
    #[error("the event store cannot be reached")]
    Unreachable,
    /// The stream stands at another version. Those that were under way with it hear
    /// [`Trouble::Unreachable`], whether they are stored or not.
    #[error("the stream has changed meanwhile")]
    Conflict,
    /// It does not take what it was sent, however often it is sent.
    #[error("the event store refuses it: {0}")]
    Refused(String),
    /// It does not know this server.
    #[error("the event store refuses this server: check the user in store and esdb.password_file")]
    Denied,
    /// It is too old.
    #[error("the event store is too old: EventStoreDB 22.6 or newer is needed")]
    TooOld,
    /// Somebody deleted events.
    #[error("a stream of the log was deleted in the event store")]
    Deleted,
    /// The client itself failed.
    #[error("the client of the event store failed: {0}")]
    Client(String),
}

impl Trouble {
    /// What the client's error means here.
    pub(super) fn of(error: Error) -> Self {
        match error {
            Error::NotLeaderException(leader) => Self::NotLeader(leader),
            Error::DeadlineExceeded => Self::Silent,
            // Of one append among many the client tells the bare code.
            Error::AccessDenied | Error::Grpc { code: DENIED | UNKNOWN, .. } => Self::Denied,
            Error::UnsupportedFeature => Self::TooOld,
            Error::ResourceDeleted => Self::Deleted,
            Error::WrongExpectedVersion { .. } | Error::ResourceAlreadyExists => Self::Conflict,
            Error::Grpc { code, .. } if code == CONFLICT || code == PRECONDITION => Self::Conflict,
            Error::Grpc { code: INVALID, message } => Self::Refused(message),
            Error::ServerError(_)
            | Error::ConnectionClosed
            | Error::GrpcConnectionError(_)
            | Error::ResourceNotFound => Self::Unreachable,
            other => Self::Client(other.to_string()),
        }
    }

    /// What is told of this one and the one before it: an attempt that time cut short says
    /// nothing new.
    pub(super) fn after(self, before: Self) -> Self {
        if matches!(self, Self::Silent) { before } else { self }
    }

    /// Whether asking again is of no use.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::Denied | Self::TooOld | Self::Deleted)
    }
}

const DENIED: tonic::Code = tonic::Code::PermissionDenied;
const UNKNOWN: tonic::Code = tonic::Code::Unauthenticated;
const INVALID: tonic::Code = tonic::Code::InvalidArgument;
const CONFLICT: tonic::Code = tonic::Code::AlreadyExists;
const PRECONDITION: tonic::Code = tonic::Code::FailedPrecondition;
