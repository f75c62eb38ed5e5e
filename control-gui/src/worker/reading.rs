//! What comes from the agent, opened and decoded on a thread of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use beckon_desk::{RelayReceiver, clock};
use beckon_peer::screen::{Anew, DecodeError, Decoder, Update};
use beckon_peer::{AgentMessage, Clip, ControlMessage, Opener, Stream};

use super::asked::Expected;
use super::outgoing::Outgoing;
use super::rate::Rate;
use super::tunnel::Teller;
use crate::input::TunnelEvent;
use crate::picture::{Age, Answer, Patches};

/// What takes longer was not measured, but made up.
const LONGEST_LATENCY: Duration = Duration::from_mins(1);
/// What nobody who means well says in ten seconds, though this program was halted for as long,
const MESSAGES: (Duration, usize) = (Duration::from_secs(10), 10_000);
/// how often a screen is never shown anew in a second: acknowledgements pace an agent to less,
const UPDATES: usize = 1_000;
/// how many pixels pictures have that begin anew: of the largest, eleven within ten seconds (in tests
/// one: a slow computer does not decode more in that time),
const RENEWED: (Duration, usize) =
    (Duration::from_secs(10), if cfg!(test) { 40_000_000 } else { 400_000_000 });
/// and what no link carries in a second that shows a screen.
const BYTES: usize = 512 * 1024 * 1024;

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

/// What is known of the picture.
struct Screen {
    decoder: Decoder,
    age: Age,
    /// Whether the last full picture was too large: what changes in it is of no interest.
    too_large: bool,
    /// Pixels of pictures that began anew: each needs memory three times.
    renewed: Rate,
}

impl Reading {
    /// Starts the thread; it ends with the relay.
    pub fn start(self) -> std::io::Result<()> {
        std::thread::Builder::new().name("picture".to_owned()).spawn(move || self.run())?;
        Ok(())
    }

    fn run(mut self) {
        // From this thread, so that it comes before all else.
        self.teller.event(TunnelEvent::Up);
        let read = catch_unwind(AssertUnwindSafe(|| self.read_all()));
        self.answers.close();
        self.teller.event(match read {
            Ok(Ok(())) => TunnelEvent::Down,
            Ok(Err(Disturbed(why))) => {
                tracing::warn!(why, "the tunnel was disturbed");
                TunnelEvent::Disturbed(why)
            }
            // Never a picture that stands still as if nothing changed.
            Err(_) => TunnelEvent::Disturbed("the picture could not be read".to_owned()),
        });
    }

    /// Until the relay closes.
    fn read_all(&mut self) -> Result<(), Disturbed> {
        let (mut updates, mut bytes) = (Rate::new(UPDATES), Rate::new(BYTES));
        let mut messages = Rate::within(MESSAGES.0, MESSAGES.1);
        let mut screen = Screen::new();
        while let Some(record) = self.receiver.blocking_recv() {
            let now = clock::uptime();
            let opened = self.opener.open(&record);
            let opened = opened.map_err(|error| Disturbed(error.to_string()))?;
            let fine = bytes.is_fine(record.len(), now)
                && match opened {
                    Some((Stream::Screen, _)) => updates.is_fine(1, now),
                    Some(_) => messages.is_fine(1, now),
                    None => true,
                };
            if !fine {
                return Err(Disturbed("the other computer says too much".to_owned()));
            }
            let Some((stream, message)) = opened else { continue };
            let expected = self.answers.asked().expects(stream, now);
            match (stream, expected) {
                (Stream::Control, _) => self.told(&message, &mut screen.age, now)?,
                (Stream::Screen, Expected::Now | Expected::Before) => {
                    self.shown(&mut screen, &message, expected)?;
                }
                (Stream::Clipboard, Expected::Now) => self.copied(message)?,
                (_, Expected::Before) => {}
                (stream, _) => {
                    let what = format!("the other computer sent {stream:?} that nobody asked for");
                    return Err(Disturbed(what));
                }
            }
        }
        Ok(())
    }

    fn told(&self, message: &[u8], age: &mut Age, now: Duration) -> Result<(), Disturbed> {
        let read = AgentMessage::from_bytes(message);
        let message = read.map_err(|error| Disturbed(error.to_string()))?;
        self.answers.asked().heard(&message, now);
        if let AgentMessage::Pong { nonce, clock_ms, newest, behind } = message {
            self.answers.answered(nonce);
            let sent = Duration::from_micros(nonce);
            let latency = now.checked_sub(sent).filter(|latency| *latency <= LONGEST_LATENCY);
            if let Some(latency) = latency {
                age.answered(Answer { sent, clock_ms, newest, behind }, now);
                self.teller.event(TunnelEvent::Fresh(age.freshness()));
                self.teller.event(TunnelEvent::Latency(latency));
            }
        } else {
            self.teller.event(TunnelEvent::Told(message));
        }
        Ok(())
    }

    fn shown(
        &self,
        screen: &mut Screen,
        update: &[u8],
        expected: Expected,
    ) -> Result<(), Disturbed> {
        match screen.decoder.decode(update) {
            Ok(update) => {
                screen.too_large = false;
                let pixels = screen.decoder.picture().map_or(0, |picture| picture.size().pixels());
                if update.anew != Anew::No && !screen.renewed.is_fine(pixels, clock::uptime()) {
                    return Err(Disturbed("the other screen begins anew too often".to_owned()));
                }
                self.answers.send(ControlMessage::Ack { update: update.number });
                if expected == Expected::Now {
                    self.show(screen, &update);
                }
            }
            Err(DecodeError::Size(error)) => {
                tracing::warn!(%error, "a picture cannot be shown");
                screen.too_large = true;
                self.skip(update);
                self.teller.event(TunnelEvent::TooLarge);
            }
            Err(DecodeError::NoPicture) if screen.too_large => self.skip(update),
            Err(error) => return Err(Disturbed(error.to_string())),
        }
        Ok(())
    }

    /// Acknowledges what is not shown, so that a smaller picture can follow.
    fn skip(&self, update: &[u8]) {
        if let Some(update) = Decoder::number(update) {
            self.answers.send(ControlMessage::Ack { update });
        }
    }

    fn show(&self, screen: &mut Screen, update: &Update) {
        if let Some(picture) = screen.decoder.picture() {
            self.patches.put(picture, update);
        }
        let Update { number, captured_ms, behind, monitor, .. } = *update;
        screen.age.decoded(number, captured_ms, behind, clock::uptime());
        self.teller.event(TunnelEvent::Picture { monitor });
        self.teller.event(TunnelEvent::Fresh(screen.age.freshness()));
    }

    fn copied(&self, clip: Vec<u8>) -> Result<(), Disturbed> {
        let clip = Clip::from_bytes(clip).map_err(|error| Disturbed(error.to_string()))?;
        self.teller.event(TunnelEvent::Copied(clip));
        Ok(())
    }
}

impl Screen {
    fn new() -> Self {
        Self {
            decoder: Decoder::new(),
            age: Age::new(clock::uptime()),
            too_large: false,
            renewed: Rate::within(RENEWED.0, RENEWED.1),
        }
    }
}
