//! From captured pixels to updates.

mod canvas;
mod packer;
mod photographer;
mod text;

use std::collections::VecDeque;
use std::fmt;

use canvas::Canvas;
use photographer::{Photographer, frame};
use text::{As, Packed, Text};

use super::Captured;
use super::contents::Contents;
use super::header::{Header, Reset};

/// When an update has this many bytes, what else changed waits for the next one: with what the
/// stream still holds back and the header it stays below the bound of a screen message.
const FULL: usize = 15 * 1024 * 1024;
/// The most tiles that become exact in one update, so that the next change does not wait long.
const MOST_REFINED: usize = 96;

/// Where not all text finds room, one in so many tiles is the one that waits longest.
const OLDEST_IN: u32 = 4;
/// So many updates in a row may have no room for a photo that waits.
const MOST_CROWDED: u8 = 8;

/// Photos that cover at least one of so many tiles, in so many updates in a row, are a film.
const LARGE: usize = 8;
const FILM_AFTER: u8 = 3;
/// The quality of a film, at most: its pictures are seen for an instant, and what is left on the
/// screen when it stops becomes exact. Measured on one full of detail: 0.6 dB less than with 85,
/// in half of the bytes.
const FILM_QUALITY: u8 = 60;

/// Turns what was captured of one monitor at a time into updates. One encoder lives as long as
/// its channel.
pub struct Encoder {
    monitor: u32,
    number: u32,
    canvas: Option<Canvas>,
    /// `None` when the next update begins anew.
    text: Option<Text>,
    photographer: Option<Photographer>,
    /// The tile from which photos are taken first, so that none waits for ever.
    turn: u16,
    /// Updates in a row without room for the photos that wait.
    crowded: u8,
    /// Updates in a row with large photos.
    film: u8,
}

/// How much an update may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes at which no more tiles are added; what is left comes with the next update.
    pub bytes: usize,
    /// The quality of photos: 1 to 100.
    pub quality: u8,
    /// Whether the picture rests, so that what is shown roughly becomes exact.
    pub at_rest: bool,
    /// When it was captured, by the agent's clock, in milliseconds; wraps.
    pub captured_ms: u32,
}

/// What a look at captured pixels showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The same as before.
    Nothing,
    /// Something else: there is an update to be sent.
    Changed,
}

/// Why something was not encoded; the next update begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the picture could not be encoded; the next one begins anew")]
pub struct EncodeError;

impl From<std::io::Error> for EncodeError {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

impl Encoder {
    /// Begins with a full picture of `monitor`.
    pub fn new(monitor: u32) -> Self {
        Self {
            monitor,
            number: 0,
            canvas: None,
            text: None,
            photographer: None,
            turn: 0,
            crowded: 0,
            film: 0,
        }
    }

    /// The number of the last update; 0 before the first.
    pub fn update_number(&self) -> u32 {
        self.number
    }

    /// Whether something that changed is not sent yet.
    pub fn is_behind(&self) -> bool {
        let is_behind = |canvas: &Canvas| self.text.is_none() || canvas.is_behind();
        self.canvas.as_ref().is_some_and(is_behind)
    }

    /// Whether something was sent with loss and waits for a rest to become exact.
    pub fn is_rough(&self) -> bool {
        self.canvas.as_ref().is_some_and(Canvas::is_rough)
    }

    /// The next update begins anew with everything that was seen last.
    pub fn restart(&mut self) {
        self.text = None;
        if let Some(canvas) = &mut self.canvas {
            canvas.forget();
        }
    }

    /// From now on what is captured is `monitor`, of which nothing was seen yet; the next update
    /// begins anew.
    pub fn show(&mut self, monitor: u32) {
        self.monitor = monitor;
        self.text = None;
        self.canvas = None;
    }

    /// Takes in what was captured: compares it with what was seen last, and finds what moved.
    // Inlined into a caller that is compiled for size, its loops would be too.
    #[inline(never)]
    pub fn look(&mut self, captured: &Captured<'_>) -> Result<Seen, EncodeError> {
        if !captured.parts.iter().all(|part| part.is_sound(captured.size)) {
            return Err(self.fail());
        }
        let same = |canvas: &Canvas| {
            let picture = canvas.picture();
            picture.size() == captured.size && picture.order() == captured.order
        };
        if !self.canvas.as_ref().is_some_and(same) {
            self.text = None;
            // The old picture goes before the new one comes.
            self.canvas = None;
        }
        let new = || Canvas::new(captured.size, captured.order);
        let has_changed = self.canvas.get_or_insert_with(new).look(captured);
        let seen = has_changed || self.text.is_none();
        Ok(if seen { Seen::Changed } else { Seen::Nothing })
    }

    /// The next update, as one screen message; `None` where nothing waits. First comes what
    /// moved, then text that changed last, other text, photos, and at rest what makes photos
    /// exact. Where not everything finds room, some of it goes to what waits longest.
    #[inline(never)]
    pub fn next_update(&mut self, limits: &Limits) -> Result<Option<Vec<u8>>, EncodeError> {
        self.encode(limits).map_err(|_| self.fail())
    }

    fn fail(&mut self) -> EncodeError {
        self.restart();
        EncodeError
    }

    fn encode(&mut self, limits: &Limits) -> Result<Option<Vec<u8>>, EncodeError> {
        let Some(canvas) = &mut self.canvas else { return Ok(None) };
        let (size, order) = (canvas.picture().size(), canvas.picture().order());
        let reset = Reset { monitor: self.monitor, size, order };
        let (text, reset) = match &mut self.text {
            Some(text) => (text, None),
            none => (none.insert(Text::new()?), Some(reset)),
        };
        let budget = limits.bytes.min(FULL);
        let tiles = canvas.tiles();
        let mut contents = Contents { moves: canvas.take_moves(), ..Contents::default() };
        let mut waiting = canvas.waiting();
        let needed = text.estimate(waiting.text.len());
        if needed > budget {
            waiting.text = newest_and_oldest(waiting.text, self.number);
        }
        for tile in &waiting.text {
            canvas.unmark(*tile);
        }
        let (packed, mut jpegs) = if waiting.photos.is_empty() {
            let chosen = waiting.text.iter().copied();
            (text.pack(canvas.picture(), tiles, chosen, As::Text, budget)?, Vec::new())
        } else {
            let photographer = match &mut self.photographer {
                Some(photographer) => photographer,
                none => none.insert(Photographer::new()?),
            };
            let left = budget.saturating_sub(needed);
            let is_due = waiting.text.is_empty() || self.crowded >= MOST_CROWDED;
            let fitting = photographer.fitting(left).max(usize::from(is_due));
            self.crowded = if fitting == 0 { self.crowded + 1 } else { 0 };
            let chosen = in_turn(&waiting.photos, &mut self.turn, fitting);
            let is_large = chosen.len() * LARGE >= tiles.count();
            self.film = if is_large { self.film.saturating_add(1) } else { 0 };
            let most = if self.film > FILM_AFTER { FILM_QUALITY } else { u8::MAX };
            contents.photos = frame(tiles, &chosen);
            let picture = canvas.picture();
            let (packed, jpegs) = photographer.take(
                picture,
                tiles,
                &mut contents.photos,
                limits.quality.min(most),
                || text.pack(picture, tiles, waiting.text.iter().copied(), As::Text, budget),
            )?;
            (packed?, jpegs)
        };
        let Packed { runs, tiles: sent, bytes: mut packed } = packed;
        contents.text = runs;
        for (tile, cost) in sent {
            canvas.sent_text(tile, cost);
        }
        // Photos that turned out too large for the message wait.
        let mut length = packed.len();
        let fitting = jpegs.iter().take_while(|jpeg| {
            length += jpeg.len();
            length <= FULL
        });
        let fitting = fitting.count();
        jpegs.truncate(fitting);
        contents.photos.truncate(fitting);
        for photo in &contents.photos {
            canvas.sent_photo(*photo);
        }
        if limits.at_rest && contents.text.is_empty() && !canvas.is_behind() && jpegs.is_empty() {
            let rough: Vec<u16> = canvas.rough().take(MOST_REFINED).collect();
            let chosen = rough.into_iter();
            let refined = text.pack(canvas.picture(), tiles, chosen, As::Smooth, budget)?;
            contents.smooth = refined.runs;
            packed = refined.bytes;
            for (tile, _) in refined.tiles {
                canvas.unmark(tile);
                canvas.refined(tile);
            }
        }
        if contents.is_empty() && reset.is_none() {
            return Ok(None);
        }
        self.number = self.number.wrapping_add(1);
        let header = Header {
            number: self.number,
            captured_ms: limits.captured_ms,
            behind: canvas.is_behind(),
            rough: canvas.is_rough(),
            reset,
        };
        let mut update = header.to_bytes();
        contents.write(&mut update);
        update.extend(u32::try_from(packed.len()).map_err(|_| EncodeError)?.to_be_bytes());
        update.append(&mut packed);
        for jpeg in &jpegs {
            update.extend_from_slice(jpeg);
        }
        Ok(Some(update))
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder")
            .field("monitor", &self.monitor)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// The same tiles, of which the newest stand first, with one in so many from the end; which ones
/// changes with `turn`.
fn newest_and_oldest(newest_first: Vec<u16>, turn: u32) -> Vec<u16> {
    let mut left = VecDeque::from(newest_first);
    let mut next = turn;
    std::iter::from_fn(|| {
        next = next.wrapping_add(1);
        if next.is_multiple_of(OLDEST_IN) { left.pop_back() } else { left.pop_front() }
    })
    .collect()
}

/// At most so many of the waiting tiles, those first that come at or after the one whose turn it
/// is; rising.
fn in_turn(waiting: &[u16], turn: &mut u16, most: usize) -> Vec<u16> {
    let begin = waiting.partition_point(|tile| tile < turn);
    let (before, after) = waiting.split_at(begin);
    let mut chosen: Vec<u16> = after.iter().chain(before).take(most).copied().collect();
    if let Some(last) = chosen.last() {
        *turn = last.wrapping_add(1);
    }
    chosen.sort_unstable();
    chosen
}
