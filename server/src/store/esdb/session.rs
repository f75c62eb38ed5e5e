//! One batch of appends, sent through one session of the client.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use eventstore::{
    BatchAppendClient, BatchAppendOptions, BatchWriteResult, Client, Credentials, ExpectedRevision,
};
use futures_util::future::join_all;

use super::connection::Connection;
use super::supervisor::{Deadline, Supervisor};
use super::trouble::Trouble;
use super::wire;
use crate::store::{Append, Expected};

/// A session takes appends without a request of their own each: a request waits 40 ms for the
/// peer's acknowledgement, as the client does not turn Nagle's algorithm off.
pub(super) struct Session {
    pub(super) connection: Arc<Connection>,
    client: Arc<BatchAppendClient>,
}

type Outcome = Result<BatchWriteResult, eventstore::Error>;

impl Session {
    /// Opens a session on the connection there is, or on a new one.
    pub(super) fn open(way: &Supervisor, deadline: &Deadline) -> Result<Self, Trouble> {
        let connection = way.connection(deadline)?;
        let within = way.left(deadline).ok_or(Trouble::Silent)?;
        let opened = connection.ask(within, |client: Client, login: Option<Credentials>| {
            let mut options = BatchAppendOptions::default().requires_leader(true);
            if let Some(login) = login {
                options = options.authenticated(login);
            }
            async move { client.batch_append(&options).await.map_err(Trouble::of) }
        });
        match opened {
            Ok(client) => Ok(Self { connection, client: Arc::new(client) }),
            Err(trouble) => {
                way.failed(&connection, &trouble);
                Err(trouble)
            }
        }
    }

    /// Sends appends, all at once and in their order, and hears what became of each. One that the
    /// cluster refuses ends the session: those that were under way with it are told that it has
    /// ended, whether they are stored or not.
    pub(super) fn send(
        &self,
        appends: &[&Append],
        within: Duration,
    ) -> Result<Vec<Result<(), Trouble>>, Trouble> {
        let parts: Vec<_> = appends
            .iter()
            .map(|append| {
                let events = append.events.iter().map(wire::outgoing).collect::<Vec<_>>();
                (append.stream.clone(), revision(append.expected), events)
            })
            .collect();
        let client = Arc::clone(&self.client);
        self.connection.ask(within + within, move |_, _| async move {
            let mut waiting: Vec<Pin<Box<dyn Future<Output = Outcome> + Send>>> = Vec::new();
            let mut done = Vec::new();
            for (stream, expected, events) in parts {
                let client = Arc::clone(&client);
                let mut append: Pin<Box<dyn Future<Output = Outcome> + Send>> =
                    Box::pin(async move {
                        client.append_to_stream(stream.as_str(), expected, events).await
                    });
                // Sending happens when it is first looked at: one after the other, in order.
                let sent = poll_fn(|cx| Poll::Ready(append.as_mut().poll(cx))).await;
                if let Poll::Ready(outcome) = sent {
                    append = Box::pin(std::future::ready(outcome));
                }
                waiting.push(append);
            }
            let timed = waiting.into_iter().map(|append| tokio::time::timeout(within, append));
            for outcome in join_all(timed).await {
                done.push(match outcome {
                    Ok(Ok(_)) => Ok(()),
                    Ok(Err(error)) => Err(Trouble::of(error)),
                    Err(_) => Err(Trouble::Silent),
                });
            }
            Ok(done)
        })
    }
}

fn revision(expected: Expected) -> ExpectedRevision {
    match expected {
        Expected::NoStream => ExpectedRevision::NoStream,
        Expected::Exact(version) => ExpectedRevision::Exact(version),
    }
}
