//! The columns of the audit log.

use crate::portal::query::Query;
use crate::text;

/// One column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// When it was recorded.
    When,
    /// Who did it.
    Who,
    /// What, in a sentence.
    What,
    /// The session or the person that it is about.
    Where,
    /// What kind of event.
    Kind,
    /// Its stream.
    Stream,
    /// Where in its stream.
    Version,
    /// Where in the log.
    Position,
}

/// What is shown when nothing else is asked.
pub const DEFAULT: [Column; 5] =
    [Column::When, Column::Who, Column::What, Column::Where, Column::Position];

impl Column {
    /// Every one, in the order in which they stand.
    pub const ALL: [Self; 8] = [
        Self::When,
        Self::Who,
        Self::What,
        Self::Where,
        Self::Kind,
        Self::Stream,
        Self::Version,
        Self::Position,
    ];

    /// Its name in addresses.
    pub fn slug(self) -> &'static str {
        match self {
            Self::When => "when",
            Self::Who => "who",
            Self::What => "what",
            Self::Where => "where",
            Self::Kind => "kind",
            Self::Stream => "stream",
            Self::Version => "version",
            Self::Position => "position",
        }
    }

    /// Its name on the page.
    pub fn words(self) -> &'static str {
        match self {
            Self::When => text::WHEN,
            Self::Who => text::WHO,
            Self::What => text::WHAT,
            Self::Where => text::WHERE,
            Self::Kind => text::KIND,
            Self::Stream => text::STREAM,
            Self::Version => text::VERSION,
            Self::Position => text::POSITION,
        }
    }
}

/// The columns that an address names, with commas or one by one.
pub fn read(query: &Query) -> Result<Vec<Column>, String> {
    let mut named = Vec::new();
    for slug in query.all("cols").flat_map(|some| some.split(',')).map(str::trim) {
        let column = Column::ALL.into_iter().find(|column| column.slug() == slug);
        named.push(column.ok_or_else(|| text::unknown_choice(slug))?);
    }
    if named.is_empty() {
        return Ok(DEFAULT.to_vec());
    }
    Ok(Column::ALL.into_iter().filter(|column| named.contains(column)).collect())
}

/// Their part of an address; nothing where it goes without saying.
pub fn slugs(columns: &[Column]) -> String {
    if *columns == DEFAULT {
        return String::new();
    }
    columns.iter().map(|column| column.slug()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_in_one_order_each_once() {
        let read = |query: &str| read(&Query::read(query)).unwrap();
        assert_eq!(read("cols=position&cols=when,when"), [Column::When, Column::Position]);
        assert_eq!(read("cols=when&cols=who&cols=what&cols=where&cols=position"), DEFAULT);
        assert_eq!(slugs(&DEFAULT), "");
        assert_eq!(slugs(&read("cols=kind,when")), "when,kind");
    }
}
