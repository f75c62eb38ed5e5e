//! One relay: the handshake, then sealed records both ways.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use beckon_desk::clipboard::{Clips, Next, Outbox};
use beckon_desk::{RelayReceiver, RelaySender, clock, relay};
use beckon_peer::{
    AgentHandshake, AgentMessage, AgentTerms, Clip, ControlMessage, Frame, HandshakeError,
    Identity, Opener, Sealer, Stream,
};
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use super::intake::Intake;
use crate::capture::Open;
use crate::clock_ms;
use crate::effect::Terms;
use crate::input::{Input, Link};
use crate::model::Who;
use crate::monitors::Monitors;
use crate::shared::Shared;
use crate::sharing::{Outlet, Sharing, is_open};

/// So many messages to Control wait at most.
const WAITING: usize = 64;
/// So many updates wait at most; the pace lets fewer be on their way.
const UPDATES: usize = 8;
/// How long Control may take for each step of the handshake.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(15);

/// A relay and what goes over it. Dropping it closes both.
pub struct RelayLink {
    number: u64,
    tell: mpsc::Sender<Vec<u8>>,
    updates: mpsc::Sender<(u64, Vec<u8>)>,
    turns: watch::Sender<u64>,
    clips: Clips,
    sharing: Option<Sharing>,
    shared: Arc<Shared>,
    task: AbortHandle,
}

/// What is to be sent.
struct Out {
    telling: mpsc::Receiver<Vec<u8>>,
    updating: mpsc::Receiver<(u64, Vec<u8>)>,
    turn: watch::Receiver<u64>,
    outbox: Outbox,
}

/// How a relay comes to its end.
enum End {
    Broke,
    NotVerified(String),
    Disturbed(String),
}

impl RelayLink {
    /// Opens the relay and waits for the other side.
    pub fn open(terms: Terms, identity: Arc<Identity>, shared: Arc<Shared>) -> Self {
        let (tell, telling) = mpsc::channel(WAITING);
        let (updates, updating) = mpsc::channel(UPDATES);
        let (turns, turn) = watch::channel(0);
        let (clips, outbox) = Clips::new();
        let out = Out { telling, updating, turn, outbox };
        let number = terms.link;
        let feed = Arc::clone(&shared);
        let conversation = async move {
            let say = |link| feed.feed(Input::Link(number, link));
            let end = Box::pin(talk(&terms, &identity, &say, out)).await;
            say(match end {
                End::Broke => Link::Broke,
                End::NotVerified(why) => {
                    tracing::warn!(%why, "the other side is not believed");
                    Link::NotVerified(why)
                }
                End::Disturbed(why) => {
                    tracing::error!(%why, "the channel was disturbed");
                    Link::Disturbed
                }
            });
        };
        let task = tokio::spawn(conversation).abort_handle();
        Self { number, tell, updates, turns, clips, sharing: None, shared, task }
    }

    /// Its number.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What shows the screen, once that has begun.
    pub fn sharing(&self) -> Option<&Sharing> {
        self.sharing.as_ref()
    }

    /// Tells Control.
    pub fn tell(&self, message: &AgentMessage) {
        if self.tell.try_send(message.to_bytes()).is_err() {
            tracing::warn!("Control does not read");
        }
    }

    /// Shows the screen.
    pub fn start_pictures(
        &mut self,
        open: Open,
        monitors: Monitors,
        fail: Box<dyn Fn(String) + Send + Sync>,
    ) {
        if self.sharing.is_none() {
            let outlet = Outlet { updates: self.updates.clone(), tell: self.tell.clone(), fail };
            match Sharing::new(open, outlet, monitors, self.turns.clone()) {
                Ok(sharing) => self.sharing = Some(sharing),
                Err(error) => self.shared.feed(Input::NoPictures(error.to_string())),
            }
        }
        if let Some(sharing) = &self.sharing {
            sharing.start();
        }
    }

    /// Shows nothing more.
    pub fn stop_pictures(&self) {
        if let Some(sharing) = &self.sharing {
            sharing.stop();
        }
    }

    /// Lets out what is copied here from now on, or no more than what has begun.
    pub fn share_clips(&self, open: bool) {
        if open {
            self.clips.open(true);
        } else {
            self.clips.close();
        }
    }

    /// Stops what is halfway out, though that takes the relay with it.
    pub fn recall_clips(&self) {
        self.clips.open(false);
    }

    /// Sends what was copied here, after everything else.
    pub fn send_clip(&self, clip: Clip) {
        self.clips.send(clip, self.sharing.as_ref().and_then(Sharing::rate));
    }

    /// Answers a ping.
    pub fn answer(&self, nonce: u64) {
        let standing = self.sharing.as_ref().map(Sharing::standing).unwrap_or_default();
        let (newest, behind) = (standing.newest, standing.is_behind);
        self.tell(&AgentMessage::Pong { nonce, clock_ms: clock_ms::now(), newest, behind });
    }

    /// Control has decoded an update.
    pub fn acknowledged(&self, update: u32) {
        let Some(sharing) = &self.sharing else { return };
        if let Err(error) = sharing.acknowledged(update) {
            tracing::error!(%error, "the channel was disturbed");
            self.shared.feed(Input::Link(self.number, Link::Disturbed));
        }
    }
}

impl Drop for RelayLink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn talk(terms: &Terms, identity: &Identity, say: &(impl Fn(Link) + Sync), out: Out) -> End {
    let (sender, mut receiver) = match relay::open(&terms.server, terms.ticket.clone()).await {
        Ok(halves) => halves,
        Err(error) => {
            tracing::info!(%error, "no relay");
            return End::Broke;
        }
    };
    match shake_hands(terms, identity, say, &sender, &mut receiver).await {
        Ok((sealer, opener)) => {
            let (turns, sending) = (out.turn.clone(), AtomicBool::new(false));
            let busy = || sending.load(Ordering::Acquire) || !sender.is_empty();
            let both = async {
                tokio::select! {
                    end = write(sealer, &sender, out, &sending, say) => end,
                    end = read(opener, &mut receiver, say) => end,
                }
            };
            tokio::select! {
                biased;
                () = recall(turns, busy) => End::Broke,
                end = both => end,
            }
        }
        Err(end) => end,
    }
}

async fn shake_hands(
    terms: &Terms,
    identity: &Identity,
    say: &(impl Fn(Link) + Sync),
    sender: &RelaySender,
    receiver: &mut RelayReceiver,
) -> Result<(Sealer, Opener), End> {
    let known = AgentTerms {
        identity,
        session: terms.session,
        policy: &terms.policy,
        account_key: terms.account_key,
        now: terms.now.at.plus(clock::uptime().saturating_sub(terms.now.up)),
        pinned: terms.pinned,
    };
    let first = handshake_message(receiver).await?;
    let random = clock::random();
    let (handshake, second) =
        AgentHandshake::start(&known, &first, &random).map_err(|error| refused(&error))?;
    sender.send(second).await.map_err(|_| End::Broke)?;
    say(Link::Answered);
    let third = handshake_message(receiver).await?;
    let (channel, certificate) = match handshake.finish(&third) {
        Ok(finished) => finished,
        Err(error) => {
            if let HandshakeError::PolicyMismatch { tell: Some(tell), .. } = &error {
                sender.send(tell.clone()).await.map_err(|_| End::Broke)?;
            }
            return Err(refused(&error));
        }
    };
    say(Link::Verified(Who::of(&certificate)));
    Ok((channel.sealer, channel.opener))
}

async fn handshake_message(receiver: &mut RelayReceiver) -> Result<Vec<u8>, End> {
    let message = timeout(HANDSHAKE_WITHIN, receiver.recv()).await.ok().flatten();
    let message = message.ok_or(End::Broke)?;
    match Frame::of(&message) {
        Ok(Frame::Handshake(_)) => Ok(message),
        Ok(Frame::Record(_)) | Err(_) => Err(refused(&HandshakeError::Malformed)),
    }
}

fn refused(error: &HandshakeError) -> End {
    End::NotVerified(error.to_string())
}

async fn write(
    mut sealer: Sealer,
    sender: &RelaySender,
    Out { mut telling, mut updating, turn, mut outbox }: Out,
    sending: &AtomicBool,
    say: &(impl Fn(Link) + Sync),
) -> End {
    loop {
        let update = tokio::select! {
            biased;
            Some(message) = telling.recv() => {
                if let Err(end) = send(&mut sealer, sender, &message).await {
                    return end;
                }
                continue;
            }
            Some((of, update)) = updating.recv() => {
                // What was captured before the user stopped it stays here.
                if of != *turn.borrow() {
                    continue;
                }
                update
            }
            () = outbox.ready() => {
                if let Err(end) = send_clip(&mut outbox, &mut sealer, sender, say).await {
                    return end;
                }
                continue;
            }
            else => return End::Broke,
        };
        sending.store(true, Ordering::Release);
        let records = match sealer.seal(Stream::Screen, &update) {
            Ok(records) => records,
            Err(error) => return End::Disturbed(error.to_string()),
        };
        for record in records {
            // A picture does not hold up what is short.
            while let Ok(message) = telling.try_recv() {
                if let Err(end) = send(&mut sealer, sender, &message).await {
                    return end;
                }
            }
            if sender.send(record).await.is_err() {
                return End::Broke;
            }
        }
        sending.store(false, Ordering::Release);
    }
}

/// Ends when the user stops showing the screen while something of it is on its way out: half a
/// picture cannot be taken out of the channel, but the channel can be made anew.
async fn recall(mut turns: watch::Receiver<u64>, busy: impl Fn() -> bool) {
    loop {
        let before = *turns.borrow_and_update();
        if turns.changed().await.is_err() {
            // Nobody can show the screen any more.
            return std::future::pending().await;
        }
        if is_open(before) && busy() {
            return;
        }
    }
}

/// Sends the next record of what was copied here.
async fn send_clip(
    outbox: &mut Outbox,
    sealer: &mut Sealer,
    sender: &RelaySender,
    say: &(impl Fn(Link) + Sync),
) -> Result<(), End> {
    let next = outbox.next(sealer).map_err(|error| End::Disturbed(error.to_string()))?;
    let (record, sent) = match next {
        Next::Record(record) => (record, None),
        Next::Last(record, sort) => (record, Some(sort)),
        Next::Nothing => return Ok(()),
        Next::Recalled => return Err(End::Broke),
    };
    sender.send(record).await.map_err(|_| End::Broke)?;
    if let Some(sort) = sent {
        say(Link::ClipSent(sort));
    }
    Ok(())
}

async fn send(sealer: &mut Sealer, sender: &RelaySender, message: &[u8]) -> Result<(), End> {
    let records = sealer.seal(Stream::Control, message);
    for record in records.map_err(|error| End::Disturbed(error.to_string()))? {
        sender.send(record).await.map_err(|_| End::Broke)?;
    }
    Ok(())
}

async fn read(
    mut opener: Opener,
    receiver: &mut RelayReceiver,
    say: &(impl Fn(Link) + Sync),
) -> End {
    let mut intake = Intake::default();
    while let Some(record) = receiver.recv().await {
        if let Some(pause) = intake.take(clock::uptime()) {
            sleep(pause).await;
        }
        let message = match opener.open(&record) {
            Ok(Some((Stream::Control, message))) => message,
            Ok(Some((Stream::Clipboard, message))) => {
                match Clip::from_bytes(message) {
                    Ok(clip) => say(Link::Clip(clip)),
                    Err(error) => return End::Disturbed(error.to_string()),
                }
                continue;
            }
            Ok(Some(_)) => return End::Disturbed("it sent what nobody asked for".to_owned()),
            Ok(None) => continue,
            Err(error) => return End::Disturbed(error.to_string()),
        };
        match ControlMessage::from_bytes(&message) {
            Ok(message) => say(Link::Message(message)),
            Err(error) => return End::Disturbed(error.to_string()),
        }
    }
    End::Broke
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stop_ends_the_relay_only_while_something_is_on_its_way() {
        for (turn, busy, ends) in
            [(1, true, true), (1, false, false), (2, true, false), (2, false, false)]
        {
            let (turns, watched) = watch::channel(turn);
            let recalled = tokio::spawn(recall(watched, move || busy));
            tokio::task::yield_now().await;
            turns.send_modify(|turn| *turn += 1);
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            assert_eq!(recalled.is_finished(), ends, "{turn} {busy}");
            recalled.abort();
        }
    }
}
