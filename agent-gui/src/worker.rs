//! Does what `update` says, on a thread of its own.

mod intake;
mod relay_link;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use beckon_desk::clipboard::{Clipboard, ClipboardEvent, Shares};
use beckon_desk::{Line, LineEvent};
use beckon_peer::{AgentMessage, Identity};
use beckon_protocol::{AgentSays, Kind, ServerAddress, ToAgent};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{MissedTickBehavior, interval};

use crate::border::{self, Border};
use crate::effect::Effect;
use crate::hands::Hands;
use crate::input::{self, Input};
use crate::monitors::Monitors;
use crate::outward::Tone;
use crate::own_window::OwnWindow;
use crate::shared::Shared;
use crate::sharing::Sharing;
use crate::termination::Termination;
use crate::ticket_file::TicketFile;
use crate::{capture, receipt_file, removal};
use relay_link::RelayLink;

/// How often time alone is looked at.
const TICK: Duration = Duration::from_millis(100);
/// The border is raised above new windows every so many ticks.
const RAISE_EVERY: u32 = 10;

/// Everything that is connected to the world.
pub struct Worker {
    shared: Arc<Shared>,
    identity: Arc<Identity>,
    user: String,
    line: Option<Line<AgentSays>>,
    goodbyes: Vec<tokio::task::JoinHandle<()>>,
    link: Option<RelayLink>,
    hands: Hands,
    /// Kept while the program runs: what came is in it.
    clipboard: Option<Clipboard>,
    monitors: Monitors,
    border: Box<dyn Border>,
    tone: Option<Tone>,
}

impl Worker {
    /// Starts the thread; it ends after [`Effect::Exit`].
    pub fn start(
        shared: Arc<Shared>,
        effects: UnboundedReceiver<Effect>,
        own: OwnWindow,
    ) -> std::io::Result<JoinHandle<()>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("worker".to_owned()).spawn(move || {
            runtime.block_on(async {
                let model = shared.model();
                let (monitors, turn) = (Monitors::default(), shared.turn());
                let worker = Self {
                    shared,
                    identity: model.identity,
                    user: model.device.user,
                    line: None,
                    goodbyes: Vec::new(),
                    link: None,
                    hands: Hands::new(turn, monitors.clone(), own),
                    clipboard: None,
                    monitors,
                    border: border::of_this_system(),
                    tone: None,
                };
                worker.run(effects).await;
            });
            // Nobody waits for a question to the system that has no answer yet.
            runtime.shutdown_background();
        })
    }

    async fn run(mut self, mut effects: UnboundedReceiver<Effect>) {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ticks = 0;
        let termination = Termination::watch(&self.shared);
        loop {
            tokio::select! {
                effect = effects.recv() => match effect {
                    Some(Effect::Exit) | None => break,
                    Some(effect) => self.execute(effect),
                },
                _ = tick.tick() => {
                    self.shared.feed(Input::Passed);
                    self.pictures(Sharing::watch);
                    ticks += 1;
                    if ticks % RAISE_EVERY == 0 {
                        self.draw_border();
                    }
                }
            }
        }
        self.border.hide();
        self.link = None;
        self.close_line();
        for goodbye in self.goodbyes {
            drop(goodbye.await);
        }
        drop(termination);
    }

    fn execute(&mut self, effect: Effect) {
        match effect {
            Effect::LoadTicket(server) => {
                if let Some(ticket) = self.ticket(&server).load() {
                    self.shared.feed(Input::TicketFound(server, ticket));
                }
            }
            Effect::SaveTicket(server, ticket) => {
                if let Err(error) = self.ticket(&server).save(&ticket) {
                    tracing::warn!(%error, "the ticket cannot be kept");
                }
            }
            Effect::DropTicket(server) => {
                if let Err(error) = self.ticket(&server).remove() {
                    tracing::warn!(%error, "the ticket cannot be removed");
                }
            }
            Effect::Connect(number, server) => self.connect(number, server),
            Effect::Disconnect => self.close_line(),
            Effect::Say(said) => {
                if !self.line.as_ref().is_some_and(|line| line.send(said)) {
                    tracing::info!("the server could not be told");
                }
            }
            Effect::OpenRelay(terms) => {
                let (identity, shared) = (Arc::clone(&self.identity), Arc::clone(&self.shared));
                self.link = Some(RelayLink::open(terms, identity, shared));
            }
            Effect::CloseRelay => self.link = None,
            Effect::Tell(message) => self.tell(&message),
            Effect::StartPictures(number) => self.start_pictures(number),
            Effect::StopPictures => {
                if let Some(link) = &self.link {
                    link.stop_pictures();
                }
            }
            Effect::FullPicture => self.pictures(Sharing::full_picture),
            Effect::ShowMonitor(id) => self.pictures(|sharing| sharing.show(id)),
            Effect::Pong(nonce) => {
                if let Some(link) = &self.link {
                    link.answer(nonce);
                }
            }
            Effect::Acked(update) => {
                if let Some(link) = &self.link {
                    link.acknowledged(update);
                }
            }
            Effect::TakeHands => {
                let shared = Arc::clone(&self.shared);
                self.hands.take(move |why| shared.feed(Input::NoHands(why)));
            }
            Effect::ReleaseHands => self.hands.release(),
            Effect::Inject(event) => self.hands.inject(event),
            Effect::ReleaseAll => self.hands.release_all(),
            Effect::ShareClipboard(shares) => self.share_clipboard(shares),
            Effect::RecallClips => {
                if let Some(link) = &self.link {
                    link.recall_clips();
                }
            }
            Effect::PutClip(clip) => {
                if let Some(clipboard) = &self.clipboard {
                    clipboard.put(clip);
                }
            }
            Effect::SendClip(number, clip) => {
                if let Some(link) = self.link.as_ref().filter(|link| link.number() == number) {
                    link.send_clip(clip);
                }
            }
            Effect::Border(tone) => {
                self.tone = tone;
                self.draw_border();
            }
            Effect::Remove(server) => {
                let removal = removal::remove(&self.ticket(&server));
                self.shared.feed(Input::Removed(removal));
            }
            Effect::Save { name, text } => {
                let saved = receipt_file::save(&receipt_file::folders(), &name, &text);
                let path = saved.map(|path| path.display().to_string());
                self.shared.feed(Input::Saved(path.map_err(|error| error.to_string())));
            }
            // Handled where effects arrive.
            Effect::Exit => {}
        }
    }

    fn ticket(&self, server: &ServerAddress) -> TicketFile {
        TicketFile::of(server, &self.user)
    }

    fn connect(&mut self, number: u64, server: ServerAddress) {
        let shared = Arc::clone(&self.shared);
        let tell = move |event: LineEvent<ToAgent>| {
            let line = match event {
                LineEvent::Up { nonce, now } => input::Line::Up { nonce, now },
                LineEvent::Message(message) => input::Line::Message(message),
                LineEvent::Down { why, .. } => input::Line::Down { why: why.to_string() },
                LineEvent::OtherVersion { download } => input::Line::OtherVersion { download },
            };
            shared.feed(Input::Line(number, line));
        };
        self.close_line();
        self.line = Some(Line::open::<ToAgent>(server, Kind::Agent, tell));
    }

    fn close_line(&mut self) {
        if let Some(line) = self.line.take() {
            self.goodbyes.push(tokio::spawn(line.close()));
        }
    }

    fn tell(&self, message: &AgentMessage) {
        if let Some(link) = &self.link {
            link.tell(message);
        }
    }

    fn start_pictures(&mut self, number: u64) {
        let shared = Arc::clone(&self.shared);
        let Some(link) = self.link.as_mut().filter(|link| link.number() == number) else { return };
        let fail = Box::new(move |why| shared.feed(Input::NoPictures(why)));
        link.start_pictures(Box::new(capture::of_this_system), self.monitors.clone(), fail);
    }

    fn pictures(&self, act: impl FnOnce(&Sharing)) {
        if let Some(sharing) = self.link.as_ref().and_then(RelayLink::sharing) {
            act(sharing);
        }
    }

    fn share_clipboard(&mut self, shares: Shares) {
        if let Some(link) = &self.link {
            link.share_clips(shares.sends);
        }
        if self.clipboard.is_none() && shares != Shares::NOTHING {
            let feed = Arc::clone(&self.shared);
            match Clipboard::start(move |event| feed.feed(Input::Clipboard(event))) {
                Ok(clipboard) => self.clipboard = Some(clipboard),
                Err(error) => {
                    let failed = ClipboardEvent::Failed(error.to_string());
                    self.shared.feed(Input::Clipboard(failed));
                }
            }
        }
        if let Some(clipboard) = &self.clipboard {
            clipboard.share(shares);
        }
    }

    fn draw_border(&mut self) {
        match (self.tone, self.monitors.shown()) {
            (Some(tone), Some(monitor)) => self.border.show(&monitor, tone),
            _ => self.border.hide(),
        }
    }
}
