//! The thread that reads and writes the clipboard.

use std::borrow::Cow;

use beckon_peer::Clip;

use super::guard::{Guard, Mark, bounded};
use super::source::{Content, Source, of_this_system};
use super::waker::Sleep;
use super::{ClipboardEvent, Door, Pass, Shares, Sort, picture};

/// Everything that the thread has.
pub struct Keeper {
    door: Door,
    sleep: Sleep,
    tell: Box<dyn Fn(ClipboardEvent) + Send>,
    guard: Guard,
    /// INVARIANT: it notices what is copied exactly while `Some`.
    source: Option<Box<dyn Source>>,
    /// Kept while the program runs: what was put into the clipboard vanishes with it.
    board: Option<arboard::Clipboard>,
    shares: Shares,
}

impl Keeper {
    /// Nothing is shared yet.
    pub fn new(door: Door, sleep: Sleep, tell: Box<dyn Fn(ClipboardEvent) + Send>) -> Self {
        let (guard, shares) = (Guard::default(), Shares::NOTHING);
        Self { door, sleep, tell, guard, source: None, board: None, shares }
    }

    /// Until nobody uses the clipboard any more.
    pub fn run(mut self) {
        loop {
            if self.door.is_gone() {
                return;
            }
            self.look();
            while let Some((clip, pass)) = self.door.take() {
                self.put(clip, pass);
            }
            let Some(source) = &mut self.source else {
                #[cfg(target_os = "linux")]
                let slept = self.sleep.until(None, None);
                #[cfg(not(target_os = "linux"))]
                let slept = self.sleep.until(None);
                if let Err(error) = slept {
                    return self.fail(error.to_string());
                }
                continue;
            };
            let pass = self.door.pass();
            match source.wait(&self.sleep) {
                Ok(true) => self.changed(pass),
                Ok(false) => {}
                Err(error) => {
                    self.source = None;
                    self.fail(error.to_string());
                }
            }
        }
    }

    fn look(&mut self) {
        let shares = self.door.shares();
        if shares == self.shares {
            return;
        }
        self.shares = shares;
        self.guard.forget();
        if let Some(source) = &mut self.source {
            source.ignore();
        }
        self.source = None;
        if shares.sends {
            // Also where it was shared before: what was copied meanwhile stays here.
            let mut source = of_this_system();
            match source.watch() {
                Ok(()) => self.source = Some(source),
                Err(error) => self.fail(error.to_string()),
            }
        }
    }

    /// Something was copied here, perhaps by this program.
    fn changed(&mut self, pass: Pass) {
        let door = self.door.clone();
        let goes_on = || door.admits(pass) && door.shares().sends;
        let Some(source) = self.source.as_mut().filter(|_| goes_on()) else { return };
        let read = match source.read(&goes_on) {
            Ok(Content::Text(text)) => {
                let news = self.guard.is_news(Mark::of_text(&text));
                if news { bounded(Clip::text(text)) } else { Ok(None) }
            }
            Ok(Content::Picture(pixels)) => {
                let news = self.guard.is_news(Mark::of_pixels(&pixels));
                if news { bounded(picture::encode(&pixels)) } else { Ok(None) }
            }
            Ok(Content::Kept(why)) => Err(why),
            Ok(Content::Nothing) => Ok(None),
            Err(error) => return self.fail(error.to_string()),
        };
        let event = match read {
            Ok(Some(clip)) => ClipboardEvent::Copied(clip),
            Ok(None) => return,
            Err(why) => {
                // The other side does not have it.
                self.guard.forget();
                ClipboardEvent::Kept(why)
            }
        };
        if goes_on() {
            (self.tell)(event);
        }
    }

    fn put(&mut self, clip: Clip, pass: Pass) {
        if !self.door.admits(pass) {
            return;
        }
        let sort = Sort::of(&clip);
        match self.write(clip, pass) {
            Ok(true) => (self.tell)(ClipboardEvent::Took(sort)),
            Ok(false) => {}
            Err(why) => {
                self.guard.forget();
                self.fail(why);
            }
        }
    }

    /// Whether it is in the clipboard now and was not before.
    fn write(&mut self, clip: Clip, pass: Pass) -> Result<bool, String> {
        let (mark, ready) = match clip {
            Clip::Text(text) => (Mark::of_text(&text), Ready::Text(text)),
            Clip::Png(png) => {
                let pixels = picture::decode(png).map_err(|error| error.to_string())?;
                (Mark::of_pixels(&pixels), Ready::Picture(pixels))
            }
        };
        if !self.guard.came(mark) {
            return Ok(false);
        }
        let board = match &mut self.board {
            Some(board) => board,
            none => none.insert(arboard::Clipboard::new().map_err(|error| error.to_string())?),
        };
        // Nothing is written from the moment on at which it is no longer allowed.
        let written = match ready {
            Ready::Text(text) => self.door.through(pass, || board.set_text(text)),
            // It is compressed there, which may take seconds: nobody waits for that at the door.
            Ready::Picture(pixels) => self.door.admits(pass).then(|| {
                board.set_image(arboard::ImageData {
                    width: usize::try_from(pixels.width).unwrap_or(0),
                    height: usize::try_from(pixels.height).unwrap_or(0),
                    bytes: Cow::Owned(pixels.rgba),
                })
            }),
        };
        if !self.door.admits(pass) && matches!(written, Some(Ok(()))) {
            self.guard.forget();
            return board.clear().map(|()| false).map_err(|error| error.to_string());
        }
        match written {
            Some(Ok(())) => Ok(true),
            Some(Err(error)) => Err(error.to_string()),
            None => {
                self.guard.forget();
                Ok(false)
            }
        }
    }

    fn fail(&self, why: String) {
        (self.tell)(ClipboardEvent::Failed(why));
    }
}

/// Decoded, to be put into the clipboard.
enum Ready {
    Text(String),
    Picture(picture::Pixels),
}
