//! What a reader takes from: the messages that wait for them, until there is a last word.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use tokio::sync::{mpsc, oneshot};
use tonic::Status;

use super::streams_proto::ReadResp;

/// Something on its way to a reader.
type Message = Result<ReadResp, Status>;

/// Messages in their order. A last word goes before whatever still waits, and nothing follows it.
pub(super) struct Answer {
    messages: mpsc::Receiver<Message>,
    // INVARIANT: none once it cannot come any more.
    last_word: Option<oneshot::Receiver<Status>>,
}

impl Answer {
    /// The messages, and what cuts them short.
    pub fn new(messages: mpsc::Receiver<Message>, last_word: oneshot::Receiver<Status>) -> Self {
        Self { messages, last_word: Some(last_word) }
    }

    fn poll_last_word(&mut self, context: &mut Context<'_>) -> Option<Status> {
        let Poll::Ready(said) = Pin::new(self.last_word.as_mut()?).poll(context) else {
            return None;
        };
        self.last_word = None;
        let status = said.ok()?;
        self.messages.close();
        while self.messages.try_recv().is_ok() {}
        Some(status)
    }
}

impl Stream for Answer {
    type Item = Message;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Message>> {
        if let Some(status) = self.poll_last_word(context) {
            return Poll::Ready(Some(Err(status)));
        }
        match self.messages.poll_recv(context) {
            // It was said before the last sender went.
            Poll::Ready(None) => Poll::Ready(self.poll_last_word(context).map(Err)),
            other => other,
        }
    }
}
