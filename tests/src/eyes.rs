//! Eyes: what a person reads on a picture, for windows that say nothing about themselves.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::shot::{Place, Shot};

/// Letters are read better when they are larger.
const LARGER: u32 = 3;
/// Half the side of the square in which the most frequent brightness is that of the background.
const AROUND: u32 = 10;
/// Words that are closer than this, in pixels, belong together.
const GAP: i32 = 14;

/// A word and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// As it was read.
    pub text: String,
    /// Where, counted from the corner of the picture.
    pub place: Place,
    line: (u32, u32, u32),
}

/// What was read on a picture, in reading order.
#[derive(Debug, Clone, Default)]
pub struct Reading(Vec<Word>);

impl Reading {
    /// Reads a picture with Tesseract.
    pub fn of(picture: &Shot) -> Self {
        let mut tesseract = Command::new("tesseract")
            .args(["stdin", "stdout", "--psm", "6", "tsv"])
            .env("OMP_THREAD_LIMIT", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("tesseract: {error}; run scripts/setup windows"));
        let page = page(picture);
        let mut input = tesseract.stdin.take().expect("it has an input");
        input.write_all(&page).expect("it reads");
        drop(input);
        let output = tesseract.wait_with_output().expect("it ends");
        assert!(output.status.success(), "tesseract failed: {}", output.status);
        let table = String::from_utf8_lossy(&output.stdout);
        Self(table.lines().skip(1).filter_map(word).collect())
    }

    /// The words, separated by spaces.
    pub fn text(&self) -> String {
        self.0.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Whether these words are to be read, one after the other.
    pub fn shows(&self, words: &str) -> bool {
        self.0.iter().map(|word| shape(&word.text)).collect::<String>().contains(&shape(words))
    }

    /// Where these words stand for themselves, as on a button; the last such place.
    pub fn alone(&self, words: &str) -> Option<Place> {
        let wanted = shape(words);
        (0..self.0.len()).rev().find_map(|first| {
            let mut read = String::new();
            let along = self.0.get(first..)?.iter().position(|word| {
                read.push_str(&shape(&word.text));
                read.len() >= wanted.len()
            })?;
            let run = self.0.get(first..=first + along)?;
            (read == wanted && self.is_apart(first, first + along)).then(|| around(run))
        })
    }

    /// Whether nothing stands close before or after on the same line.
    fn is_apart(&self, first: usize, last: usize) -> bool {
        let close = |left: Option<&Word>, right: Option<&Word>| match (left, right) {
            (Some(left), Some(right)) if left.line == right.line && is_word(left, right) => {
                let end = left.place.x + left.place.width.cast_signed();
                right.place.x - end < GAP
            }
            _ => false,
        };
        let before = first.checked_sub(1).and_then(|before| self.0.get(before));
        !close(before, self.0.get(first)) && !close(self.0.get(last), self.0.get(last + 1))
    }
}

/// The edge of a button is now and then read as a sign.
fn is_word(left: &Word, right: &Word) -> bool {
    !shape(&left.text).is_empty() && !shape(&right.text).is_empty()
}

fn around(words: &[Word]) -> Place {
    let far = |at: i32, length: u32| at + length.cast_signed();
    let left = words.iter().map(|word| word.place.x).min().unwrap_or(0);
    let top = words.iter().map(|word| word.place.y).min().unwrap_or(0);
    let right = words.iter().map(|word| far(word.place.x, word.place.width)).max().unwrap_or(0);
    let bottom = words.iter().map(|word| far(word.place.y, word.place.height)).max().unwrap_or(0);
    let (width, height) = ((right - left).unsigned_abs(), (bottom - top).unsigned_abs());
    Place { x: left, y: top, width, height }
}

/// Without what eyes mistake for each other: case, signs, spaces, `1lI|`, `0Oo`.
fn shape(words: &str) -> String {
    let letters = words.chars().filter(|letter| letter.is_alphanumeric() || *letter == '|');
    letters
        .flat_map(char::to_lowercase)
        .map(|letter| match letter {
            'l' | '1' | '|' => 'i',
            '0' => 'o',
            other => other,
        })
        .collect()
}

/// A line of Tesseract's table: level, page, block, paragraph, line, word, left, top, width,
/// height, confidence, text.
fn word(line: &str) -> Option<Word> {
    let fields: Vec<_> = line.split('\t').collect();
    let text = (*fields.get(11)?).trim();
    let number = |at: usize| fields.get(at)?.parse::<u32>().ok();
    if text.is_empty() || number(0)? != 5 {
        return None;
    }
    let at = |field: usize| Some((number(field)? / LARGER).cast_signed());
    let place =
        Place { x: at(6)?, y: at(7)?, width: number(8)? / LARGER, height: number(9)? / LARGER };
    Some(Word { text: text.to_owned(), place, line: (number(2)?, number(3)?, number(4)?) })
}

/// Black letters on white, whatever they stood on, larger, as a PGM file.
fn page(picture: &Shot) -> Vec<u8> {
    let (width, height) = (picture.width(), picture.height());
    let grey: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| {
            let [red, green, blue] = picture.colour(x, y).map(u32::from);
            u8::try_from((red * 299 + green * 587 + blue * 114) / 1_000).unwrap_or(u8::MAX)
        })
        .collect();
    let at = |x: u32, y: u32| grey[(y * width + x) as usize];
    let mut page = format!("P5 {} {} 255\n", width * LARGER, height * LARGER).into_bytes();
    let mut ink = vec![0_u8; grey.len()];
    for y in 0..height {
        let rows = y.saturating_sub(AROUND)..(y + AROUND + 1).min(height);
        let mut counts = [0_u32; 256];
        for x in 0..width + AROUND {
            for row in rows.clone() {
                if x < width {
                    counts[usize::from(at(x, row))] += 1;
                }
                if let Some(gone) = x.checked_sub(2 * AROUND + 1).filter(|gone| *gone < width) {
                    counts[usize::from(at(gone, row))] -= 1;
                }
            }
            if let Some(middle) = x.checked_sub(AROUND) {
                let most = counts.iter().max().copied().unwrap_or(0);
                let background = counts.iter().position(|count| *count == most).unwrap_or(0);
                let own = at(middle, y);
                let differs = u8::try_from(background).unwrap_or(0).abs_diff(own);
                ink[(y * width + middle) as usize] = differs.saturating_mul(2);
            }
        }
    }
    let inked = |x: u32, y: u32| u32::from(ink[(y * width + x) as usize]);
    for y in 0..height * LARGER {
        for x in 0..width * LARGER {
            // Between the pixels, in steps of a third.
            let ((left, right), (upper, lower)) = (between(x, width), between(y, height));
            let (across, down) = (x % LARGER, y % LARGER);
            let mixed =
                |row: u32| inked(left, row) * (LARGER - across) + inked(right, row) * across;
            let sum = mixed(upper) * (LARGER - down) + mixed(lower) * down;
            page.push(u8::MAX - u8::try_from(sum / LARGER / LARGER).unwrap_or(u8::MAX));
        }
    }
    page
}

fn between(at: u32, length: u32) -> (u32, u32) {
    let first = at / LARGER;
    (first, (first + 1).min(length - 1))
}
