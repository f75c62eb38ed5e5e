//! What stays of a session: the proof of its end, and who signed it.

use std::time::Duration;

use actix::fut::ActorFutureExt;
use actix::{AtomicResponse, Handler, Message, WrapFuture};
use beckon_events::session::{Command, Endpoint, Phase};
use beckon_events::{Digest, SessionId, Statement};
use beckon_protocol::evidence::ReceiptProof;
use beckon_protocol::{ToAgent, ToControl};

use crate::actors::{Out, SessionActor};
use crate::dispatch::{DispatchError, Done, Source};
use crate::hub::Hub;
use crate::store::{StoredEvent, StreamName};

/// A receipt that cannot be had is asked for again after this,
const AGAIN_AFTER: Duration = Duration::from_secs(2);
/// and so often in all.
const TRIES: usize = 10;

/// The proof of a session's end, as far as its actor has it.
#[derive(Default)]
pub(super) enum Receipt {
    /// The session goes on, or nobody has asked.
    #[default]
    Nothing,
    /// The sequencer has been asked.
    Asked,
    /// It is signed.
    Here(Box<ReceiptProof>),
}

/// An endpoint signed the event that closed the session.
#[derive(Message, Clone)]
#[rtype(result = "Result<Done, DispatchError>")]
pub struct SignHead {
    /// Who asks.
    pub source: Source,
    /// Which end.
    pub by: Endpoint,
    /// What it signed.
    pub statement: Statement,
}

/// The end of the session is signed; none where that did not come about.
#[derive(Message, Clone)]
#[rtype(result = "Result<(), DispatchError>")]
pub struct Proven {
    receipt: Option<Box<ReceiptProof>>,
}

impl SessionActor {
    /// Asks for the proof of the end, where there is an end that somebody took part in. The
    /// actor goes on meanwhile.
    pub(super) fn ask_for_receipt(&mut self) {
        let closed = self.state().and_then(beckon_events::session::Session::closed);
        let (Receipt::Nothing, Some(version)) = (&self.receipt, closed) else { return };
        self.receipt = Receipt::Asked;
        let (hub, id) = (self.hub.clone(), self.id);
        drop(actix::spawn(async move {
            let receipt = hub.receipt(id, version).await;
            let told = hub.ask(id, Proven { receipt: receipt.map(Box::new) }).await;
            if let Err(error) = told {
                tracing::warn!(session = %id, %error, "a receipt did not reach anybody");
            }
        }));
    }

    /// Hands the receipt to somebody who comes back after the end, now or as soon as it is there.
    pub(super) fn hand_receipt_to_agent(&mut self, out: Out) {
        if let Receipt::Here(receipt) = &self.receipt {
            out.say(&ToAgent::Receipt { receipt: receipt.clone() });
        }
        self.agent = Some(out);
        self.ask_for_receipt();
    }

    /// The same for Control.
    pub(super) fn hand_receipt_to_control(&mut self, out: Out) {
        if let Receipt::Here(receipt) = &self.receipt {
            out.say(&ToControl::Receipt { receipt: receipt.clone() });
        }
        self.control = Some(out);
        self.ask_for_receipt();
    }

    /// What is said first to an agent that comes back after the end.
    pub(super) fn last_words_to_agent(&self) -> Option<ToAgent> {
        let state = self.state().filter(|state| state.phase() > Phase::Active)?;
        Some(match state.ended() {
            Some((by, why)) => ToAgent::Ended { by, why },
            None => ToAgent::Expired {},
        })
    }

    /// The same for Control.
    pub(super) fn last_words_to_control(&self) -> Option<ToControl> {
        let state = self.state().filter(|state| state.phase() > Phase::Active)?;
        Some(match state.ended() {
            Some((by, why)) => ToControl::Ended { by, why },
            None => ToControl::Expired {},
        })
    }
}

impl Handler<Proven> for SessionActor {
    type Result = Result<(), DispatchError>;

    fn handle(&mut self, proven: Proven, _: &mut Self::Context) -> Self::Result {
        let Some(receipt) = proven.receipt else {
            // Whoever comes back asks again.
            self.receipt = Receipt::Nothing;
            return Ok(());
        };
        if let Some(agent) = &self.agent {
            agent.say(&ToAgent::Receipt { receipt: receipt.clone() });
        }
        if let Some(control) = &self.control {
            control.say(&ToControl::Receipt { receipt: receipt.clone() });
        }
        self.receipt = Receipt::Here(receipt);
        Ok(())
    }
}

impl Handler<SignHead> for SessionActor {
    type Result = AtomicResponse<Self, Result<Done, DispatchError>>;

    fn handle(&mut self, signed: SignHead, _: &mut Self::Context) -> Self::Result {
        let mut core = self.lend();
        let (hub, id) = (self.hub.clone(), self.id);
        let SignHead { source, by, statement } = signed;
        let executing = async move {
            let leaf = async {
                core.load().await?;
                match core.state().closed() {
                    Some(version) => hub.stored(id, version).await.map(|event| event.leaf()),
                    // The rules refuse it, whatever the leaf.
                    None => Ok(Digest::ZERO),
                }
            };
            let result = match leaf.await {
                Ok(leaf) => core.execute(source, Command::SignHead { by, leaf, statement }).await,
                Err(error) => Err(error.into()),
            };
            (core, result)
        };
        AtomicResponse::new(Box::pin(
            executing.into_actor(self).map(|executed, actor, _| actor.settle(executed)),
        ))
    }
}

impl Hub {
    /// One event of a session, as stored.
    pub(crate) async fn stored(
        &self,
        session: SessionId,
        version: u64,
    ) -> Result<StoredEvent, DispatchError> {
        let readers = self.journal.readers();
        let read = move || readers.reader()?.read_stream(&StreamName::session(session), version, 1);
        let failed = |why: String| DispatchError::Unavailable(why);
        let read = tokio::task::spawn_blocking(read).await.map_err(|e| failed(e.to_string()))?;
        let mut found = read.map_err(|error| failed(error.to_string()))?.into_iter();
        let found = found.next().filter(|event| event.version == version);
        found.ok_or_else(|| failed("the event is not in the log".to_owned()))
    }

    /// The proof that `version` of a session stands in the log; none where it cannot be had.
    async fn receipt(&self, session: SessionId, version: u64) -> Option<ReceiptProof> {
        for left in (0..TRIES).rev() {
            let receipt = match self.stored(session, version).await {
                Ok(event) => {
                    let receipt = self.evidence.receipt(event.position).await;
                    receipt.map_err(|error| error.to_string())
                }
                Err(error) => Err(error.to_string()),
            };
            match receipt {
                Ok(receipt) => return Some(receipt),
                Err(error) => tracing::warn!(%session, error, left, "there is no receipt yet"),
            }
            tokio::time::sleep(AGAIN_AFTER).await;
        }
        None
    }
}
