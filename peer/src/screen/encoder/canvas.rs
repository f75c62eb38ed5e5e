//! What was seen of the screen, and what Control has of it.

use std::cmp::Reverse;

use super::text::Cost;
use crate::screen::compare::{COLOURS, FOUR_COLOURS, mark, outside, take, take_marked};
use crate::screen::contents::{MOST_MOVED, MOST_MOVES, Photo};
use crate::screen::moves::Moves;
use crate::screen::tiles::Tiles;
use crate::screen::{Captured, Move, PIXEL, Part, Picture, PixelOrder, Rect, Size};

/// From so many changed tiles on it is worth to look what moved.
const WORTH_A_SEARCH: usize = 3;
/// Slivers at the edge of a picture are no photos.
const NARROW: u32 = 16;

/// The last seen pixels. The fourth byte of each says how Control has it: [`EXACT`] or
/// [`ROUGH`]; so it moves with its pixel.
pub(super) struct Canvas {
    picture: Picture,
    tiles: Tiles,
    states: Vec<Tile>,
    /// What Control has to copy before all else.
    moves: Vec<Move>,
    search: Moves,
    looks: u32,
    /// Whether the last look changed much of the picture.
    is_wide: bool,
}

/// What Control has of a tile.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Clean,
    Changed,
    Lossy,
}

#[derive(Clone, Copy)]
struct Tile {
    state: State,
    /// Whether some of its pixels may be marked as rough.
    is_marked: bool,
    /// What it cost as text the last time.
    cost: Cost,
    /// The look at which it changed.
    since: u32,
    /// How often it has changed without a rest.
    changes: u8,
    /// Whether it was sent as a photo the last time.
    was_photo: bool,
}

/// What waits to be sent, in the order in which it is sent.
pub(super) struct Waiting {
    pub(super) text: Vec<u16>,
    pub(super) photos: Vec<u16>,
}

/// A tile that has changed so often without a rest of more than so many looks shows a film.
const FILM_AFTER: u8 = 4;
const RESTING: u32 = 3;
/// What changes one of so many tiles changes much of the picture.
const WIDE: usize = 8;
/// Every how many changes of a film its tiles are looked at.
const LOOKED_AT: u8 = 8;

const EXACT: u8 = 0;
const ROUGH: u8 = 1;

impl Canvas {
    /// Nothing was seen yet, and Control has nothing.
    pub(super) fn new(size: Size, order: PixelOrder) -> Self {
        let tiles = Tiles::of(size);
        let new = Tile {
            state: State::Changed,
            is_marked: false,
            cost: Cost::Low,
            since: 1,
            was_photo: false,
            changes: 0,
        };
        Self {
            picture: Picture::zero(size, order),
            tiles,
            states: vec![new; tiles.count()],
            moves: Vec::new(),
            search: Moves::default(),
            looks: 0,
            is_wide: false,
        }
    }

    /// Control has nothing any more.
    pub(super) fn forget(&mut self) {
        self.moves.clear();
        for tile in &mut self.states {
            tile.state = State::Changed;
        }
    }

    pub(super) fn picture(&self) -> &Picture {
        &self.picture
    }

    pub(super) fn tiles(&self) -> Tiles {
        self.tiles
    }

    pub(super) fn take_moves(&mut self) -> Vec<Move> {
        std::mem::take(&mut self.moves)
    }

    /// Takes in what was captured; whether anything has changed.
    pub(super) fn look(&mut self, captured: &Captured<'_>) -> bool {
        self.looks = self.looks.wrapping_add(1);
        let Self { picture, tiles, states, search, .. } = &mut *self;
        let stale = |rect| is_stale(*tiles, states, rect);
        // Where much moved, the search compares most of it, and only the rest is left.
        let early = search.find_early(picture, &stale, captured.parts, captured.shifts);
        let is_searched = early.is_some();
        let mut moved = self.follow(captured, early.unwrap_or_default());
        let mut marks = vec![false; self.states.len()];
        if moved.is_empty() {
            for part in captured.parts {
                mark(&self.picture, part, self.tiles, &mut marks);
            }
            let count = marks.iter().filter(|mark| **mark).count();
            if count == 0 {
                return false;
            }
            if count >= WORTH_A_SEARCH {
                moved = self.search_marked(captured, &marks, is_searched);
            }
        }
        if moved.is_empty() {
            for part in captured.parts {
                take_marked(&mut self.picture, part, self.tiles, &mut marks);
            }
        } else {
            marks.fill(false);
            let targets: Vec<Rect> = moved.iter().map(|change| change.target()).collect();
            for part in captured.parts {
                for rest in outside(part.rect, &targets) {
                    take(&mut self.picture, &part.within(rest), self.tiles, &mut marks);
                }
            }
        }
        let count = marks.iter().filter(|mark| **mark).count();
        self.is_wide = count * WIDE >= marks.len();
        // What a move has uncovered scrolls, it is no film.
        for change in &moved {
            for number in self.tiles.around(change.from.around(change.target())) {
                if let Some(tile) = self.states.get_mut(usize::from(number)) {
                    tile.changes = 0;
                }
            }
        }
        for (tile, _) in self.states.iter_mut().zip(&marks).filter(|(_, mark)| **mark) {
            tile.state = State::Changed;
            let goes_on = self.looks.wrapping_sub(tile.since) <= RESTING;
            // Goes around far above what makes a film.
            let next = tile.changes.checked_add(1).unwrap_or(FILM_AFTER);
            tile.changes = if goes_on { next } else { 0 };
            tile.since = self.looks;
        }
        true
    }

    /// Finds what moved within the bounds of what is marked, and moves it.
    fn search_marked(
        &mut self,
        captured: &Captured<'_>,
        marks: &[bool],
        is_searched: bool,
    ) -> Vec<Move> {
        let changed: Vec<Part<'_>> =
            captured.parts.iter().filter_map(|part| self.around_marks(part, marks)).collect();
        let area = |parts: &[Part<'_>]| parts.iter().map(|part| part.rect.area()).sum::<u64>();
        if is_searched && area(&changed) * 2 > area(captured.parts) {
            return Vec::new();
        }
        let Self { picture, tiles, states, search, .. } = &mut *self;
        let stale = |rect| is_stale(*tiles, states, rect);
        let found = search.find(picture, &stale, &changed, captured.shifts);
        self.follow(captured, found)
    }

    /// Moves what moved, as far as it may.
    fn follow(&mut self, captured: &Captured<'_>, found: Vec<Move>) -> Vec<Move> {
        let mut moved = Vec::new();
        for change in found {
            let area: u64 = self.moves.iter().map(|change| change.from.area()).sum();
            let target = change.target();
            // Beyond the captured parts nothing would show that a move was wrong.
            let is_seen = captured.parts.iter().any(|part| target.within(part.rect) == target);
            let fits = self.moves.len() < MOST_MOVES
                && area + target.area() <= MOST_MOVED * self.tiles.bounds().area()
                && change.from.within(self.tiles.bounds()) == change.from;
            if is_seen
                && fits
                && target.area() > 0
                && !is_stale(self.tiles, &self.states, change.from)
            {
                self.shift(change);
                moved.push(change);
            }
        }
        moved
    }

    /// What of a part lies within the bounds of its marked tiles.
    fn around_marks<'a>(&self, part: &Part<'a>, marks: &[bool]) -> Option<Part<'a>> {
        let marked = self.tiles.around(part.rect);
        let marked = marked.filter(|tile| marks.get(usize::from(*tile)) == Some(&true));
        let bounds = marked.map(|tile| self.tiles.rect(tile)).reduce(Rect::around)?;
        Some(part.within(bounds))
    }

    fn shift(&mut self, change: Move) {
        self.picture.shift(change);
        self.moves.push(change);
        let (from, target) = (change.from, change.target());
        let was_marked: Vec<bool> = self.states.iter().map(|tile| tile.is_marked).collect();
        for number in self.tiles.around(target) {
            let rect = self.tiles.rect(number);
            let Some(tile) = self.states.get_mut(usize::from(number)) else { continue };
            let here = rect.within(target);
            let source =
                Rect { x: here.x - target.x + from.x, y: here.y - target.y + from.y, ..here };
            let mut sources = self.tiles.around(source);
            let is_from_marked =
                sources.any(|tile| was_marked.get(usize::from(tile)) == Some(&true));
            if is_from_marked || tile.is_marked {
                tile.is_marked = self.picture.part(rect).any(is_rough);
            }
            if tile.state != State::Changed || here == rect {
                tile.state = if tile.is_marked { State::Lossy } else { State::Clean };
            }
        }
    }

    /// The changed tiles: text that changed last first.
    pub(super) fn waiting(&self) -> Waiting {
        let (mut text, mut photos) = (Vec::new(), Vec::new());
        for (number, tile) in (0..=u16::MAX).zip(&self.states) {
            if tile.state == State::Changed {
                if self.is_photo(number, *tile) {
                    photos.push(number);
                } else {
                    text.push((Reverse(tile.since), number));
                }
            }
        }
        text.sort_unstable();
        Waiting { text: text.into_iter().map(|(_, tile)| tile).collect(), photos }
    }

    /// The tiles that Control has only roughly.
    pub(super) fn rough(&self) -> impl Iterator<Item = u16> {
        let tiles = (0..=u16::MAX).zip(&self.states);
        tiles.filter(|(_, tile)| tile.state == State::Lossy).map(|(number, _)| number)
    }

    pub(super) fn is_behind(&self) -> bool {
        !self.moves.is_empty() || self.states.iter().any(|tile| tile.state == State::Changed)
    }

    pub(super) fn is_rough(&self) -> bool {
        self.states.iter().any(|tile| tile.state == State::Lossy)
    }

    fn is_photo(&self, number: u16, tile: Tile) -> bool {
        // A film goes on: now and then is often enough to look whether it does.
        if tile.was_photo && tile.changes >= FILM_AFTER && !tile.changes.is_multiple_of(LOOKED_AT) {
            return true;
        }
        let rect = self.tiles.rect(number);
        if rect.width < NARROW || rect.height < NARROW {
            return false;
        }
        let (mut equal, mut pairs) = (0, 0);
        // Every second row tells enough.
        for row in self.picture.part(rect).step_by(2) {
            let (equal_here, pairs_here) = equal_neighbours(row);
            equal += equal_here;
            pairs += pairs_here;
        }
        // Also soft parts of a film are photos, but no page of text of which little changes.
        let (dear, soft) = if self.is_wide { (Cost::Middle, 95) } else { (Cost::High, 85) };
        let flat = if tile.changes >= FILM_AFTER && tile.cost >= dear {
            soft
        } else if tile.cost == Cost::Excessive {
            // What was costly may have become something else, but then clearly.
            70
        } else {
            45
        };
        equal * 100 < pairs * flat
    }

    /// Makes a tile ready to be packed: no pixel of it is marked.
    pub(super) fn unmark(&mut self, number: u16) {
        let Some(tile) = self.states.get_mut(usize::from(number)) else { return };
        if std::mem::replace(&mut tile.is_marked, false) {
            self.picture.part_mut(self.tiles.rect(number)).for_each(|row| set_mark(row, EXACT));
        }
    }

    /// A tile was sent as text.
    pub(super) fn sent_text(&mut self, number: u16, cost: Cost) {
        if let Some(tile) = self.states.get_mut(usize::from(number)) {
            tile.state = State::Clean;
            tile.cost = cost;
            tile.was_photo = false;
        }
    }

    /// A photo was made exact.
    pub(super) fn refined(&mut self, number: u16) {
        self.sent_text(number, Cost::Low);
    }

    /// The tiles of a photo were sent.
    pub(super) fn sent_photo(&mut self, photo: Photo) {
        for number in photo.tiles(self.tiles) {
            let Some(tile) = self.states.get_mut(usize::from(number)) else { continue };
            tile.state = State::Lossy;
            tile.was_photo = true;
            // Also where it was: what was captured since came without marks.
            tile.is_marked = true;
        }
        self.picture.part_mut(photo.rect(self.tiles)).for_each(|row| set_mark(row, ROUGH));
    }
}

/// Whether Control has something else of these pixels.
fn is_stale(tiles: Tiles, states: &[Tile], rect: Rect) -> bool {
    let touched = tiles.around(rect).filter_map(|tile| states.get(usize::from(tile)));
    touched.into_iter().any(|tile| tile.state == State::Changed)
}

fn set_mark(row: &mut [u8], mark: u8) {
    let mark = u32::from_le_bytes([0, 0, 0, mark]);
    let four_marks = u128::from(mark) * (u128::MAX / u128::from(u32::MAX));
    let (fours, rest) = row.as_chunks_mut();
    for four in fours {
        *four = (u128::from_le_bytes(*four) & FOUR_COLOURS | four_marks).to_le_bytes();
    }
    for pixel in rest.as_chunks_mut::<PIXEL>().0 {
        *pixel = (u32::from_le_bytes(*pixel) & COLOURS | mark).to_le_bytes();
    }
}

fn is_rough(row: &[u8]) -> bool {
    let pixels = row.as_chunks::<PIXEL>().0.iter();
    pixels.fold(0, |marks, pixel| marks | u32::from_le_bytes(*pixel)) & !COLOURS != 0
}

/// How many pixels are equal to their left neighbour, and how many have one.
fn equal_neighbours(row: &[u8]) -> (u32, u32) {
    let pixels = row.as_chunks::<PIXEL>().0;
    let pairs = pixels.iter().zip(pixels.iter().skip(1));
    pairs.fold((0, 0), |(equal, pairs), (left, right)| {
        let difference = u32::from_le_bytes(*left) ^ u32::from_le_bytes(*right);
        (equal + u32::from(difference & COLOURS == 0), pairs + 1)
    })
}
