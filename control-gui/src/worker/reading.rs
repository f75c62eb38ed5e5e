//! What comes from the agent, opened and decoded on a thread of its own.

use std::time::Duration;

use beckon_desk::{RelayReceiver, clock};
use beckon_peer::screen::{DecodeError, Decoder};
use beckon_peer::{AgentMessage, ControlMessage, Opener, Stream};

use super::outgoing::Outgoing;
use super::rate::Rate;
use super::tunnel::Teller;
use crate::input::TunnelEvent;
use crate::picture::Patches;

/// What takes longer was not measured, but made up.
const LONGEST_LATENCY: Duration = Duration::from_mins(1);

/// The receiving end of a tunnel. Every byte is hostile until it is opened and decoded.
pub struct Reading {
    /// Opens records.
    pub opener: Opener,
    /// Where records come from.
    pub receiver: RelayReceiver,
    /// Where pictures go.
    pub patches: Patches,
    /// Where acknowledgements go.
    pub answers: Outgoing,
    /// Where everything else goes.
    pub teller: Teller,
}

/// Something came that cannot be trusted.
struct Disturbed(String);

impl Reading {
    /// Starts the thread; it ends with the relay.
    pub fn start(self) -> std::io::Result<()> {
        std::thread::Builder::new().name("picture".to_owned()).spawn(move || self.run())?;
        Ok(())
    }

    fn run(mut self) {
        // From this thread, so that it comes before all else.
        self.teller.event(TunnelEvent::Up);
        let mut decoder = Decoder::new();
        let mut rate = Rate::default();
        let mut asked_for_all = false;
        while let Some(record) = self.receiver.blocking_recv() {
            let message = match self.opener.open(&record) {
                Ok(message) => message,
                Err(error) => return self.disturbed(Disturbed(error.to_string())),
            };
            let read = match message {
                None => Ok(()),
                Some((Stream::Control, message)) if rate.is_fine(clock::uptime()) => {
                    self.told(&message)
                }
                Some((Stream::Control, _)) => {
                    Err(Disturbed("the other computer says too much".to_owned()))
                }
                Some((Stream::Screen, update)) => {
                    self.shown(&mut decoder, &update, &mut asked_for_all)
                }
                Some((stream, _)) => Err(Disturbed(format!("nobody asked for {stream:?}"))),
            };
            if let Err(why) = read {
                return self.disturbed(why);
            }
        }
        self.answers.close();
        self.teller.event(TunnelEvent::Down);
    }

    fn disturbed(&self, Disturbed(why): Disturbed) {
        tracing::warn!(why, "the tunnel was disturbed");
        self.answers.close();
        self.teller.event(TunnelEvent::Disturbed(why));
    }

    fn told(&self, message: &[u8]) -> Result<(), Disturbed> {
        let read = AgentMessage::from_bytes(message);
        match read.map_err(|error| Disturbed(error.to_string()))? {
            AgentMessage::Pong { nonce, .. } => {
                let latency = clock::uptime().checked_sub(Duration::from_micros(nonce));
                if let Some(latency) = latency.filter(|latency| *latency <= LONGEST_LATENCY) {
                    self.teller.event(TunnelEvent::Latency(latency));
                }
            }
            // The pointer is drawn from the picture in this version.
            AgentMessage::Cursor(_) => {}
            message => self.teller.event(TunnelEvent::Told(message)),
        }
        Ok(())
    }

    fn shown(
        &self,
        decoder: &mut Decoder,
        update: &[u8],
        asked_for_all: &mut bool,
    ) -> Result<(), Disturbed> {
        match decoder.decode(update) {
            Ok(update) => {
                *asked_for_all = false;
                self.answers.send(ControlMessage::Ack { update: update.number });
                if let Some(picture) = decoder.picture() {
                    self.patches.put(picture, &update);
                }
                self.teller.event(TunnelEvent::Picture { monitor: update.monitor });
            }
            Err(DecodeError::Size(error)) => {
                tracing::warn!(%error, "a picture cannot be shown");
                self.teller.event(TunnelEvent::TooLarge);
            }
            Err(error @ (DecodeError::NoPicture | DecodeError::OutOfOrder { .. })) => {
                tracing::warn!(%error, "a full picture is needed");
                if !std::mem::replace(asked_for_all, true) {
                    self.answers.send(ControlMessage::RequestFullPicture);
                }
            }
            Err(error) => return Err(Disturbed(error.to_string())),
        }
        Ok(())
    }
}
