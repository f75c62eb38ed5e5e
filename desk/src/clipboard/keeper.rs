//! The thread that reads and writes the clipboard.

use beckon_peer::Clip;

use super::board::{self, Board};
use super::guard::{Guard, Mark, bounded};
use super::source::{Content, Source, of_this_system};
use super::waker::Sleep;
use super::{ClipboardEvent, Door, Kept, Pass, Shares, Sort, lines, picture};

/// Everything that the thread has.
pub struct Keeper {
    door: Door,
    sleep: Sleep,
    tell: Box<dyn Fn(ClipboardEvent) + Send>,
    guard: Guard,
    /// INVARIANT: it notices what is copied exactly while `Some`.
    source: Option<Box<dyn Source>>,
    /// Kept while the program runs: what was put into the clipboard vanishes with it.
    board: Option<Box<dyn Board>>,
    /// A picture was put into the clipboard, and that is not noticed yet.
    put: bool,
    shares: Shares,
}

impl Keeper {
    /// Nothing is shared yet.
    pub fn new(door: Door, sleep: Sleep, tell: Box<dyn Fn(ClipboardEvent) + Send>) -> Self {
        let (guard, shares) = (Guard::default(), Shares::NOTHING);
        Self { door, sleep, tell, guard, source: None, board: None, put: false, shares }
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
        self.put = false;
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
        let own = std::mem::take(&mut self.put);
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
            // What came packed tightly is unpacked and packed again by whoever holds it here.
            Ok(Content::Kept(Kept::TooLarge)) if own => Ok(None),
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
            Clip::Text(text) => (Mark::of_text(&lines::read_back(&text)), Ready::Text(text)),
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
            none => none.insert(board::of_this_system()?),
        };
        self.put = false;
        let written = match ready {
            // Nothing is written from the moment on at which it is no longer allowed.
            Ready::Text(text) => self.door.through(pass, || board.put_text(text)),
            // It is compressed there: nobody waits for that at the door.
            Ready::Picture(pixels) => self.door.admits(pass).then(|| {
                let put = board.put_picture(pixels);
                self.put = put.is_ok();
                put
            }),
        };
        if self.put && !self.door.admits(pass) {
            self.guard.forget();
            return board.clear().map(|()| false);
        }
        match written {
            Some(Ok(())) => Ok(true),
            Some(Err(why)) => Err(why),
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::super::source::SourceError;
    use super::super::waker::Waker;
    use super::*;

    /// What happens, in order.
    type Happened = Arc<Mutex<Vec<String>>>;

    /// While a picture is put into it, the user may take the clipboard back.
    struct Slow {
        door: Door,
        taken_back: bool,
        happened: Happened,
    }

    impl Board for Slow {
        fn put_text(&mut self, text: String) -> Result<(), String> {
            self.happened.lock().unwrap().push(text);
            Ok(())
        }

        fn put_picture(&mut self, _: picture::Pixels) -> Result<(), String> {
            assert!(self.door.state.try_lock().is_ok(), "nobody waits for it");
            if self.taken_back {
                self.door.set(Shares::NOTHING);
            }
            self.happened.lock().unwrap().push("a picture".to_owned());
            Ok(())
        }

        fn clear(&mut self) -> Result<(), String> {
            self.happened.lock().unwrap().push("cleared".to_owned());
            Ok(())
        }
    }

    /// Something too large was copied.
    struct TooLarge;

    impl Source for TooLarge {
        fn watch(&mut self) -> Result<(), SourceError> {
            Ok(())
        }

        fn ignore(&mut self) {}

        fn wait(&mut self, _: &Sleep) -> Result<bool, SourceError> {
            Ok(true)
        }

        fn read(&mut self, _: &dyn Fn() -> bool) -> Result<Content, SourceError> {
            Ok(Content::Kept(Kept::TooLarge))
        }
    }

    /// A keeper who shares both ways, and what happens to the board and is told.
    fn keeper(taken_back: bool) -> (Keeper, Happened) {
        let (happened, door) = (Happened::default(), Door::default());
        let told = Arc::clone(&happened);
        let tell = move |event| told.lock().unwrap().push(format!("{event:?}"));
        let mut keeper = Keeper::new(door.clone(), Waker::new().unwrap().1, Box::new(tell));
        keeper.shares = Shares { sends: true, takes: true };
        door.set(keeper.shares);
        keeper.board = Some(Box::new(Slow { door, taken_back, happened: Arc::clone(&happened) }));
        keeper.source = Some(Box::new(TooLarge));
        (keeper, happened)
    }

    fn put(keeper: &mut Keeper, clip: Clip) {
        let pass = keeper.door.pass();
        keeper.put(clip, pass);
    }

    fn picture() -> Clip {
        picture::encode(&picture::Pixels { width: 1, height: 1, rgba: vec![9; 4] }).unwrap()
    }

    #[test]
    fn nobody_waits_for_a_picture_and_one_that_is_taken_back_meanwhile_does_not_stay() {
        let (mut taken, happened) = keeper(false);
        put(&mut taken, picture());
        let done = std::mem::take(&mut *happened.lock().unwrap());
        assert!(done[0] == "a picture" && done[1].starts_with("Took"), "{done:?}");
        let (mut taken_back, happened) = keeper(true);
        put(&mut taken_back, picture());
        assert_eq!(*happened.lock().unwrap(), ["a picture", "cleared"]);
    }

    #[test]
    fn what_came_is_not_held_against_the_user_when_it_is_too_large_to_go_back() {
        let (mut keeper, happened) = keeper(false);
        put(&mut keeper, picture());
        happened.lock().unwrap().clear();
        assert!(keeper.guard.is_news(Mark::of_text("another")));
        keeper.changed(keeper.door.pass());
        assert_eq!(*happened.lock().unwrap(), [""; 0], "it is what came");
        assert!(!keeper.guard.is_news(Mark::of_text("another")), "what both have is not forgotten");
        keeper.changed(keeper.door.pass());
        assert_eq!(*happened.lock().unwrap(), ["Kept(TooLarge)"], "that is the user's");
    }
}
