//! The sealed tunnel to the agent.

use std::sync::Arc;
use std::time::Duration;

use beckon_desk::clipboard::Clips;
use beckon_desk::{RelayReceiver, RelaySender, SocketError, clock, relay};
use beckon_peer::{
    Channel, ControlHandshake, ControlMessage, ControlTerms, HandshakeError, Identity,
};
use beckon_protocol::ServerAddress;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::outgoing::{Outgoing, send_all};
use super::{Tell, reading};
use crate::effect::TunnelTerms;
use crate::input::{Input, TunnelEvent};
use crate::picture::Patches;

/// How long the agent may take to answer in the handshake.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// A tunnel that opens, is open, or has closed by itself. Dropping it closes it.
pub struct Tunnel {
    outgoing: Outgoing,
    task: JoinHandle<()>,
}

/// Why there is no tunnel.
#[derive(Debug, thiserror::Error)]
enum TunnelError {
    #[error(transparent)]
    Socket(#[from] SocketError),
    #[error("the relay was closed")]
    Closed,
    #[error("the other computer did not answer")]
    Timeout,
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
}

/// Tells about one tunnel, by its number.
#[derive(Clone)]
pub struct Teller {
    number: u32,
    tell: Tell,
}

impl Teller {
    /// Tells that the tunnel did not open; never blocks.
    pub fn not_opened(&self, event: TunnelEvent) {
        self.tell.input(Input::Tunnel { number: self.number, event });
    }

    /// Tells what was sent; never blocks.
    pub fn sent(&self, event: TunnelEvent) {
        self.tell.input(Input::Tunnel { number: self.number, event });
    }

    /// Tells what happens in the open tunnel; blocks while the window has too much to hear.
    pub fn event(&self, event: TunnelEvent) {
        self.tell.agent(self.number, event);
    }
}

impl Tunnel {
    /// Opens a tunnel through `to`, as its second.
    pub fn open(
        to: (ServerAddress, Arc<Identity>),
        terms: TunnelTerms,
        patches: Patches,
        tell: Tell,
    ) -> Self {
        let (outgoing, waiting) = Outgoing::new();
        let teller = Teller { number: terms.number, tell };
        let answers = outgoing.clone();
        let task = tokio::spawn(async move {
            let (sender, receiver, channel) = match shake_hands(to, terms).await {
                Ok(open) => open,
                Err(error) => {
                    tracing::info!(%error, "no tunnel");
                    return teller.not_opened(failed(&error));
                }
            };
            let read = reading::Reading {
                opener: channel.opener,
                receiver,
                patches,
                answers,
                teller: teller.clone(),
            };
            if let Err(error) = read.start() {
                tracing::error!(%error, "no thread for the picture");
                return teller.not_opened(TunnelEvent::Down);
            }
            let sent = |sort| teller.sent(TunnelEvent::ClipSent(sort));
            send_all(channel.sealer, sender, waiting, sent).await;
        });
        Self { outgoing, task }
    }

    /// What was copied here, to be sent after everything else.
    pub fn clips(&self) -> &Clips {
        self.outgoing.clips()
    }

    /// Sends `message`, or drops it where it is out of date before it could be sent.
    pub fn send(&self, message: ControlMessage) {
        self.outgoing.send(message);
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.outgoing.close();
        self.task.abort();
    }
}

async fn shake_hands(
    (server, identity): (ServerAddress, Arc<Identity>),
    terms: TunnelTerms,
) -> Result<(RelaySender, RelayReceiver, Channel), TunnelError> {
    let (sender, mut receiver) = relay::open(&server, terms.ticket.clone()).await?;
    let (handshake, first) = ControlHandshake::start(
        &ControlTerms {
            identity: &identity,
            session: terms.session,
            policy: &terms.policy.0,
            certificate: &terms.certificate,
            agent: terms.agent,
            // The agent's keys are those of the door, before and after a break.
            pinned: Some(terms.agent),
        },
        &clock::random(),
    )?;
    sender.send(first).await.map_err(|_| TunnelError::Closed)?;
    let second = timeout(ANSWER_WITHIN, receiver.recv()).await;
    let second = second.map_err(|_| TunnelError::Timeout)?.ok_or(TunnelError::Closed)?;
    match handshake.finish(&second) {
        Ok((channel, third)) => {
            sender.send(third).await.map_err(|_| TunnelError::Closed)?;
            Ok((sender, receiver, channel))
        }
        Err(mut error) => {
            if let HandshakeError::PolicyMismatch { tell, .. } = &mut error
                && let Some(tell) = tell.take()
                && sender.send(tell).await.is_err()
            {
                tracing::debug!("the other side could not be told");
            }
            Err(error.into())
        }
    }
}

/// What a failure means: a broken relay may be opened again, a wrong key may not.
fn failed(error: &TunnelError) -> TunnelEvent {
    match error {
        TunnelError::Socket(_) | TunnelError::Closed | TunnelError::Timeout => TunnelEvent::Down,
        TunnelError::Handshake(error) => match error {
            HandshakeError::Randomness | HandshakeError::Crypto => TunnelEvent::Down,
            other => TunnelEvent::Disturbed(other.to_string()),
        },
    }
}
