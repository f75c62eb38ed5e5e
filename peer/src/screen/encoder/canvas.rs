//! What was seen of the screen, and what Control has of it.

use std::cmp::Reverse;

use crate::screen::compare::{COLOURS, mark};
use crate::screen::contents::{MOST_MOVED, MOST_MOVES};
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
    /// Whether zstd needed more than a byte a pixel for it the last time.
    is_costly: bool,
    /// The look at which it changed.
    since: u32,
}

/// What waits to be sent, in the order in which it is sent.
pub(super) struct Waiting {
    pub(super) text: Vec<u16>,
    pub(super) photos: Vec<u16>,
}

const EXACT: u8 = 0;
const ROUGH: u8 = 1;

impl Canvas {
    /// Nothing was seen yet, and Control has nothing.
    pub(super) fn new(size: Size, order: PixelOrder) -> Self {
        let tiles = Tiles::of(size);
        let new = Tile { state: State::Changed, is_marked: false, is_costly: false, since: 1 };
        Self {
            picture: Picture::zero(size, order),
            tiles,
            states: vec![new; tiles.count()],
            moves: Vec::new(),
            search: Moves::default(),
            looks: 0,
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
        let mut marks = vec![false; self.states.len()];
        for part in captured.parts {
            mark(&self.picture, part, self.tiles, &mut marks);
        }
        if marks.iter().filter(|mark| **mark).count() >= WORTH_A_SEARCH
            && self.follow_moves(captured, &marks)
        {
            marks.fill(false);
            for part in captured.parts {
                mark(&self.picture, part, self.tiles, &mut marks);
            }
        } else if !marks.contains(&true) {
            return false;
        }
        for part in captured.parts {
            for tile in self.tiles.around(part.rect) {
                if marks.get(usize::from(tile)) == Some(&true) {
                    let part = part.within(self.tiles.rect(tile));
                    for (old, new) in self.picture.part_mut(part.rect).zip(part.rows()) {
                        copy(old, new);
                    }
                }
            }
        }
        for (tile, _) in self.states.iter_mut().zip(&marks).filter(|(_, mark)| **mark) {
            tile.state = State::Changed;
            tile.since = self.looks;
        }
        true
    }

    /// Finds what moved, and moves it; whether anything did.
    fn follow_moves(&mut self, captured: &Captured<'_>, marks: &[bool]) -> bool {
        let changed: Vec<Part<'_>> =
            captured.parts.iter().filter_map(|part| self.around_marks(part, marks)).collect();
        let Self { picture, tiles, states, search, .. } = self;
        let stale = |rect| is_stale(*tiles, states, rect);
        let found = search.find(picture, &stale, &changed, captured.shifts);
        let mut has_moved = false;
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
                has_moved = true;
            }
        }
        has_moved
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
        let tile = |tile| self.states.get(usize::from(tile));
        let mut source = self.tiles.around(change.from).filter_map(tile);
        let from_rough = source.any(|tile| tile.is_marked);
        for number in self.tiles.around(change.target()) {
            let rect = self.tiles.rect(number);
            let Some(tile) = self.states.get_mut(usize::from(number)) else { continue };
            if from_rough || tile.is_marked {
                tile.is_marked = self.picture.part(rect).any(is_rough);
            }
            if tile.state != State::Changed || change.target().within(rect) == rect {
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
        // What was costly may have become something else, but then clearly.
        equal * 100 < pairs * if tile.is_costly { 70 } else { 45 }
    }

    /// Makes a tile ready to be packed: no pixel of it is marked.
    pub(super) fn unmark(&mut self, number: u16) {
        let Some(tile) = self.states.get_mut(usize::from(number)) else { return };
        if std::mem::replace(&mut tile.is_marked, false) {
            self.picture.part_mut(self.tiles.rect(number)).for_each(|row| set_mark(row, EXACT));
        }
    }

    /// A tile was sent as text; where that is known, whether it cost too much.
    pub(super) fn sent_text(&mut self, number: u16, is_costly: bool) {
        if let Some(tile) = self.states.get_mut(usize::from(number)) {
            tile.state = State::Clean;
            tile.is_costly = is_costly;
        }
    }

    /// A tile was sent as part of a photo.
    pub(super) fn sent_photo(&mut self, number: u16) {
        let Some(tile) = self.states.get_mut(usize::from(number)) else { return };
        tile.state = State::Lossy;
        // Also where it was: what was captured since came without marks.
        tile.is_marked = true;
        self.picture.part_mut(self.tiles.rect(number)).for_each(|row| set_mark(row, ROUGH));
    }
}

/// Whether Control has something else of these pixels.
fn is_stale(tiles: Tiles, states: &[Tile], rect: Rect) -> bool {
    let touched = tiles.around(rect).filter_map(|tile| states.get(usize::from(tile)));
    touched.into_iter().any(|tile| tile.state == State::Changed)
}

/// Copies colours; what changed is exact until it is sent.
fn copy(old: &mut [u8], new: &[u8]) {
    let (old, new) = (old.as_chunks_mut::<PIXEL>().0, new.as_chunks::<PIXEL>().0);
    for (old, new) in old.iter_mut().zip(new) {
        *old = (u32::from_le_bytes(*new) & COLOURS).to_le_bytes();
    }
}

fn set_mark(row: &mut [u8], mark: u8) {
    let mark = u32::from_le_bytes([0, 0, 0, mark]);
    for pixel in row.as_chunks_mut::<PIXEL>().0 {
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
