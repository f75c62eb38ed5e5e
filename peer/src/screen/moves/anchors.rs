//! Places by which a shift is recognised.

use super::{Move, Part, Rect, SEGMENT, Shift, differ, is_plain, pixels, source};

/// Places all over a part that show something, and something else than before.
pub(super) struct Anchors {
    places: Vec<(u32, u32)>,
    /// How many there were at first.
    count: usize,
    /// Shifts that are explained or of no use.
    done: Vec<Shift>,
}

impl Anchors {
    /// Places that are looked at from left to right and from top to bottom.
    const COLUMNS: u32 = 16;
    const ROWS: u32 = 24;
    /// With fewer anchors a part shows too little.
    const LEAST: usize = 4;
    /// From so many on, of those that are looked at, much has changed.
    const MANY: usize = 32;
    /// A shift explains at least this part of the anchors that there were at first.
    const PART: usize = 16;

    pub(super) fn of(new: &Part<'_>, old: &Part<'_>) -> Self {
        let Rect { x: left, y: top, width, height } = new.rect;
        let mut places = Vec::new();
        let room = width.saturating_sub(SEGMENT);
        for row in 0..Self::ROWS {
            for column in 0..Self::COLUMNS {
                // Away from a grid, or all may fall between two lines of text.
                let down = (column * 7 + row * 3) % Self::COLUMNS;
                let y = top + (row * Self::COLUMNS + down) * height / (Self::ROWS * Self::COLUMNS);
                let across = (row * 5 + column * 11) % Self::ROWS;
                let x = left + (column * Self::ROWS + across) * room / (Self::ROWS * Self::COLUMNS);
                let row = pixels(new, x, y, SEGMENT);
                if !is_plain(row) && differ(row, pixels(old, x, y, SEGMENT)) {
                    places.push((x, y));
                }
            }
        }
        Self { count: places.len(), places, done: Vec::new() }
    }

    /// Whether there are enough of them left to recognise anything.
    pub(super) fn suffice(&self) -> bool {
        self.places.len() >= self.least()
    }

    /// Whether most of the part may have changed.
    pub(super) fn are_many(&self) -> bool {
        self.places.len() >= Self::MANY
    }

    fn least(&self) -> usize {
        (self.count / Self::PART).max(Self::LEAST)
    }

    /// Their left ends.
    pub(super) fn places(&self) -> &[(u32, u32)] {
        &self.places
    }

    /// The shift that explains most of them, if it explains enough, and how many those are.
    pub(super) fn best(
        &self,
        shifts: impl Iterator<Item = Shift>,
        new: &Part<'_>,
        old: &Part<'_>,
    ) -> Option<(usize, Shift)> {
        let least = self.least();
        if self.places.len() < least {
            return None;
        }
        let mut seen = self.done.clone();
        seen.push(Shift { dx: 0, dy: 0 });
        let mut best = None;
        for shift in shifts {
            if seen.contains(&shift) {
                continue;
            }
            seen.push(shift);
            let explains = |(x, y): &&(u32, u32)| {
                let target = Rect { x: *x, y: *y, width: SEGMENT, height: 1 };
                source(target, shift, old.rect).is_some_and(|from| {
                    !differ(pixels(new, *x, *y, SEGMENT), pixels(old, from.x, from.y, SEGMENT))
                })
            };
            let count = self.places.iter().filter(explains).count();
            if count >= least && best.is_none_or(|(most, _)| count > most) {
                best = Some((count, shift));
            }
        }
        best
    }

    /// Forgets those that moves explain, and the shift.
    pub(super) fn leave(&mut self, shift: Shift, moves: &[Move]) {
        self.done.push(shift);
        self.places.retain(|(x, y)| {
            let place = Rect { x: *x, y: *y, width: 1, height: 1 };
            !moves.iter().any(|change| change.target().within(place) == place)
        });
    }
}
