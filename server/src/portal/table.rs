//! Lists in columns: on a page, and the same as a file.

use beckon_events::Timestamp;

use super::csv::Csv;
use super::moment::Moment;

/// What stands above a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its name for scripts and tests.
    pub slug: &'static str,
    /// Its name for people.
    pub words: &'static str,
}

/// What stands in one column of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A moment.
    At(Timestamp),
    /// Words.
    Words(String),
    /// A number.
    Number(u64, Option<String>),
    /// Words that lead somewhere, and the address of the list with nothing but this.
    Link(Link),
    /// A state, and how it came to it.
    State(&'static str, &'static str, &'static str),
}

/// Words that lead somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The words.
    pub words: String,
    /// Where they lead.
    pub to: String,
    /// The list with nothing but this.
    pub only: Option<String>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its name for scripts and tests.
    pub id: String,
    /// One cell for each column.
    pub cells: Vec<Cell>,
}

/// A list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name for scripts and tests.
    pub id: &'static str,
    /// What it lists.
    pub caption: &'static str,
    /// The columns.
    pub heads: Vec<Head>,
    /// The rows.
    pub lines: Vec<Line>,
}

impl Head {
    /// A column.
    pub const fn of(slug: &'static str, words: &'static str) -> Self {
        Self { slug, words }
    }
}

impl Cell {
    /// A moment, where there is one.
    pub fn at(at: Option<Timestamp>) -> Self {
        at.map_or(Self::Empty, Self::At)
    }

    /// Words, where there are any.
    pub fn words(words: impl Into<String>) -> Self {
        let words = words.into();
        if words.is_empty() { Self::Empty } else { Self::Words(words) }
    }

    /// The moment, for a template.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    pub fn moment(at: &Timestamp) -> Moment {
        Moment(*at)
    }

    fn plain(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::At(at) => at.to_string(),
            Self::Words(words) | Self::Link(Link { words, .. }) => words.clone(),
            Self::Number(number, _) => number.to_string(),
            Self::State(_, words, "") => (*words).to_owned(),
            Self::State(_, words, how) => format!("{words}: {how}"),
        }
    }
}

impl Table {
    /// The head of a column, in the order of the columns.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    pub fn head(&self, nth: &usize) -> Head {
        self.heads.get(*nth).copied().unwrap_or(Head::of("", ""))
    }

    /// An empty file with these columns.
    pub fn file(&self) -> Csv {
        Csv::new(self.heads.iter().map(|head| head.words))
    }

    /// Adds the rows to a file.
    pub fn add_to(&self, csv: &mut Csv) {
        for line in &self.lines {
            csv.row(line.cells.iter().map(Cell::plain));
        }
    }
}
