//! What is searched by words: a full-text index for each stretch of the rows.
//!
//! A search takes the newest rows first and stops at a full page. Within one index SQLite gathers
//! every match of the beginning of a word before it gives the first, so one index for all rows
//! would make a common word slow.

use std::collections::BTreeSet;
use std::ops::Range;

use rusqlite::{Connection, params};

/// How many rows with words one index holds.
const STRETCH: u64 = 50_000;

/// The indexes of one table, by the row they begin with.
#[derive(Clone, Debug)]
pub(super) struct Words {
    name: String,
    // INVARIANT: ascending; the first is 0.
    stretches: Vec<Stretch>,
    /// Of these the count in the file is too low.
    grown: BTreeSet<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Stretch {
    start: u64,
    rows: u64,
    /// The largest row in it.
    last: u64,
}

impl Words {
    /// The words of the rows of `table`.
    pub(super) fn of(table: &str) -> Self {
        Self { name: format!("{table}_words"), stretches: Vec::new(), grown: BTreeSet::new() }
    }

    pub(super) fn create(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let name = &self.name;
        connection.execute_batch(&format!(
            "CREATE TABLE {name} \
             (start INTEGER PRIMARY KEY, rows INTEGER NOT NULL, last INTEGER NOT NULL);"
        ))?;
        self.stretches.clear();
        self.begin(connection, 0)
    }

    pub(super) fn open(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let sql = format!("SELECT start, rows, last FROM {} ORDER BY start", self.name);
        let mut all = connection.prepare_cached(&sql)?;
        let rows = all.query_map([], |row| {
            Ok(Stretch { start: row.get(0)?, rows: row.get(1)?, last: row.get(2)? })
        })?;
        self.stretches = rows.collect::<rusqlite::Result<_>>()?;
        self.grown.clear();
        Ok(())
    }

    /// Changes what a row is found by. A row that comes later has a larger number.
    pub(super) fn put(
        &mut self,
        connection: &Connection,
        row: u64,
        before: &str,
        words: &str,
    ) -> rusqlite::Result<()> {
        if before == words {
            return Ok(());
        }
        // Older rows stay where they are looked for.
        let full = self.stretches.last().is_some_and(|it| it.rows >= STRETCH && it.last < row);
        if full && before.is_empty() {
            self.begin(connection, row)?;
        }
        let at = self.stretches.partition_point(|it| it.start <= row).saturating_sub(1);
        let Some(stretch) = self.stretches.get_mut(at) else { return Ok(()) };
        let (name, start) = (&self.name, stretch.start);
        if !before.is_empty() {
            let sql = format!(
                "INSERT INTO {name}_{start} ({name}_{start}, rowid, words) VALUES ('delete', ?, ?)"
            );
            connection.prepare_cached(&sql)?.execute(params![row, before])?;
        }
        if !words.is_empty() {
            let sql = format!("INSERT INTO {name}_{start} (rowid, words) VALUES (?, ?)");
            connection.prepare_cached(&sql)?.execute(params![row, words])?;
        }
        if before.is_empty() {
            stretch.rows += 1;
            stretch.last = stretch.last.max(row);
            self.grown.insert(at);
        }
        Ok(())
    }

    /// Notes how many rows there are, once for all that were put.
    pub(super) fn note(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        for at in std::mem::take(&mut self.grown) {
            let Some(it) = self.stretches.get(at) else { continue };
            let sql = format!("UPDATE {} SET rows = ?, last = ? WHERE start = ?", self.name);
            connection.prepare_cached(&sql)?.execute([it.rows, it.last, it.start])?;
        }
        Ok(())
    }

    /// The indexes, the newest first, each with the rows that may be in it.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = (String, Range<u64>)> {
        let ends = self.stretches.iter().skip(1).map(|it| it.start).chain([u64::MAX]);
        let all: Vec<_> = self.stretches.iter().zip(ends).collect();
        let of = |it: &Stretch, end| (format!("{}_{}", self.name, it.start), it.start..end);
        all.into_iter().rev().map(move |(it, end)| of(it, end))
    }

    fn begin(&mut self, connection: &Connection, start: u64) -> rusqlite::Result<()> {
        let name = &self.name;
        // Neither the text nor its length is kept here: the row has it.
        connection.execute_batch(&format!(
            "CREATE VIRTUAL TABLE {name}_{start} USING fts5(words, content = '', columnsize = 0, \
                 tokenize = 'unicode61 remove_diacritics 2');
             INSERT INTO {name}_{start} ({name}_{start}, rank) VALUES ('secure-delete', 1);
             INSERT INTO {name} (start, rows, last) VALUES ({start}, 0, 0);"
        ))?;
        self.stretches.push(Stretch { start, rows: 0, last: 0 });
        Ok(())
    }
}

/// What somebody typed, as FTS5 understands it: every word must begin a word of the row. None
/// where there is no word in it.
pub(super) fn query(typed: &str) -> Option<String> {
    let words: Vec<String> = pieces(typed)
        // Quoted, nothing of it means anything to FTS5.
        .map(|word| format!("\"{}\"*", word.replace('"', " ")))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Whether every word that somebody typed begins a word of `text`.
pub(super) fn matches(text: &str, typed: &str) -> bool {
    let text = plain(text);
    let have: Vec<&str> = text.split(|symbol: char| !symbol.is_alphanumeric()).collect();
    let wanted = plain(typed);
    wanted
        .split(|symbol: char| !symbol.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .all(|word| have.iter().any(|known| known.starts_with(word)))
}

/// In lower case and, as in the index, without accents on Latin letters.
fn plain(text: &str) -> String {
    let without = |symbol| match symbol {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' => 'i',
        'ĺ' | 'ļ' | 'ľ' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ț' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    };
    text.to_lowercase().chars().map(without).collect()
}

fn pieces(typed: &str) -> impl Iterator<Item = &str> {
    // FTS5 takes a NUL for the end of all that was typed.
    let apart = |symbol: char| symbol.is_whitespace() || symbol.is_control();
    typed.split(apart).filter(|word| word.chars().any(char::is_alphanumeric)).take(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(words: &Words, connection: &Connection, typed: &str) -> Vec<u64> {
        let Some(query) = query(typed) else { return Vec::new() };
        let mut rows = Vec::new();
        for (index, _) in words.newest_first() {
            let sql =
                format!("SELECT rowid FROM {index} WHERE {index} MATCH ? ORDER BY rowid DESC");
            let mut found = connection.prepare(&sql).unwrap();
            let found = found.query_map([&query], |row| row.get::<_, u64>(0)).unwrap();
            rows.extend(found.map(Result::unwrap));
        }
        rows
    }

    #[test]
    fn a_row_is_found_by_the_beginning_of_each_of_its_words_and_not_by_what_it_had_before() {
        let connection = Connection::open_in_memory().unwrap();
        let mut words = Words::of("t");
        words.create(&connection).unwrap();
        words.put(&connection, 3, "", "Printer in Zürich").unwrap();
        words.put(&connection, 7, "", "José's \"printer\"").unwrap();
        words.put(&connection, 9, "", "DESK-7").unwrap();
        words.put(&connection, 3, "Printer in Zürich", "Scanner in Zürich DESK-77").unwrap();
        for (typed, rows) in [
            ("print", vec![7]),
            ("zurich", vec![3]),
            ("desk-7", vec![9, 3]),
            ("Z sca", vec![3]),
            ("jose print", vec![7]),
            ("print* OR scanner", vec![]),
            ("\"print", vec![7]),
            ("- *", vec![]),
            ("NEAR(", vec![]),
            ("desk\0-7", vec![9, 3]),
            ("desk\u{1b}7\0", vec![9, 3]),
        ] {
            assert_eq!(found(&words, &connection, typed), rows, "{typed}");
        }
        assert!(matches("DESK-7 Ana", "an desk") && !matches("DESK-7 Ana", "na"));
        assert!(matches("Zürich", "zur") && matches("zurich", "Zür"));
    }

    #[test]
    fn a_stretch_that_is_full_is_followed_by_the_next_and_old_rows_stay_where_they_are() {
        let connection = Connection::open_in_memory().unwrap();
        let mut words = Words::of("t");
        words.create(&connection).unwrap();
        words.put(&connection, 1, "", "one").unwrap();
        words.stretches[0].rows = STRETCH;
        words.put(&connection, 2, "", "two").unwrap();
        words.put(&connection, 1, "one", "one more").unwrap();
        words.note(&connection).unwrap();
        let mut again = Words::of("t");
        again.open(&connection).unwrap();
        let all: Vec<_> = again.newest_first().collect();
        assert_eq!(all, [("t_words_2".into(), 2..u64::MAX), ("t_words_0".into(), 0..2)]);
        assert_eq!(found(&again, &connection, "o"), [1]);
        assert_eq!(found(&again, &connection, "two"), [2]);
    }
}
