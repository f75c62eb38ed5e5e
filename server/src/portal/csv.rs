//! Lists as CSV (RFC 4180), in UTF-8, safe to open in a spreadsheet.

use actix_web::HttpResponse;
use actix_web::http::header;
use beckon_events::envelope::Actor;
use beckon_events::operator::{self, List};

use super::person::Person;
use super::refusal::Refusal;
use crate::hub::Hub;
use crate::text;

/// The most rows of one file.
pub const ROWS_MAX: usize = 100_000;

/// A file in the making.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Csv {
    text: String,
    rows: u64,
}

impl Csv {
    /// A file with these columns.
    pub fn new<S: AsRef<str>>(columns: impl IntoIterator<Item = S>) -> Self {
        let mut csv = Self::default();
        csv.row(columns);
        csv.rows = 0;
        csv
    }

    /// Adds a row.
    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        for (nth, cell) in cells.into_iter().enumerate() {
            if nth > 0 {
                self.text.push(',');
            }
            self.cell(cell.as_ref());
        }
        self.text.push_str("\r\n");
        self.rows += 1;
    }

    /// Hands the file out, once it is recorded that `person` takes it.
    pub async fn answer(
        self,
        hub: &Hub,
        person: &Person,
        list: List,
        name: &str,
    ) -> Result<HttpResponse, Refusal> {
        // What leaves twice is recorded twice.
        let source = hub.own(Actor::operator(person.id()));
        let export = operator::Command::ExportList { list, rows: self.rows };
        let done = hub.operator(person.id(), source, export).await?;
        hub.reached(&done).await;
        let now = hub.clock.now().to_string();
        let date = now.get(..10).unwrap_or_default();
        let name = format!("attachment; filename=\"beckon-{name}-{date}.csv\"");
        Ok(HttpResponse::Ok()
            .content_type("text/csv; charset=utf-8; header=present")
            .insert_header((header::CONTENT_DISPOSITION, name))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(self.text))
    }

    fn cell(&mut self, cell: &str) {
        let cell = without_formulas(cell);
        if cell.starts_with('\'') || cell.contains([',', ';', '"']) || cell.contains(breaks) {
            self.text.push('"');
            self.text.push_str(&cell.replace('"', "\"\""));
            self.text.push('"');
        } else {
            self.text.push_str(&cell);
        }
    }
}

/// Refuses a file that would have more rows than a person can look through.
pub fn few_enough(rows: usize) -> Result<(), Refusal> {
    if rows > ROWS_MAX { Err(Refusal::Rule(text::TOO_MANY_ROWS.to_owned())) } else { Ok(()) }
}

/// The cell with an apostrophe before everything that a spreadsheet would calculate, whatever
/// somebody else wrote there: at its beginning, and wherever one that takes `;`, tabs or line
/// breaks for the end of a cell would see another one begin.
fn without_formulas(cell: &str) -> String {
    let mut safe = String::with_capacity(cell.len() + 1);
    let mut rest = cell;
    let mut first = true;
    loop {
        // What is dropped when a cell is read does not hide what comes next.
        let seen = rest.trim_start_matches([' ', '\u{a0}', '\u{feff}', '"']).chars().next();
        let calculated = |c| {
            matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') || first && breaks(c)
        };
        if seen.is_some_and(calculated) {
            safe.push('\'');
        }
        let Some(end) = rest.find(|c| c == ';' || breaks(c)) else { break };
        let next = rest.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        let (part, after) = rest.split_at(end + next);
        safe.push_str(part);
        (rest, first) = (after, false);
    }
    safe.push_str(rest);
    safe
}

/// What ends a line or a cell for some reader.
fn breaks(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cell: &str) -> String {
        let mut csv = Csv::default();
        csv.row([cell, "x"]);
        csv.text
    }

    #[test]
    fn commas_quotes_and_lines_are_quoted_and_nothing_else() {
        assert_eq!(written("Printer"), "Printer,x\r\n");
        assert_eq!(written("a,b"), "\"a,b\",x\r\n");
        assert_eq!(written("say \"hi\""), "\"say \"\"hi\"\"\",x\r\n");
        assert_eq!(written("two\nlines"), "\"two\nlines\",x\r\n");
        assert_eq!(written("Söhne – “x”"), "Söhne – “x”,x\r\n");
    }

    #[test]
    fn what_a_spreadsheet_would_calculate_is_text() {
        for evil in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", " =1", "\u{feff}=1", "＝1"] {
            assert_eq!(written(evil), format!("\"'{evil}\",x\r\n"));
        }
        assert_eq!(written("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\",x\r\n");
        assert_eq!(written("a=1"), "a=1,x\r\n");
    }

    /// What a reader sees who knows of quotes, and splits there.
    fn cells(file: &str, at: &[char]) -> Vec<String> {
        let (mut cells, mut cell) = (Vec::new(), String::new());
        let (mut quoted, mut letters) = (false, file.chars().peekable());
        while let Some(letter) = letters.next() {
            match letter {
                '"' if quoted && letters.peek() == Some(&'"') => cell.extend(letters.next()),
                '"' if quoted => quoted = false,
                '"' if cell.is_empty() => quoted = true,
                '\r' | '\n' if !quoted => cells.push(std::mem::take(&mut cell)),
                at_end if !quoted && at.contains(&at_end) => cells.push(std::mem::take(&mut cell)),
                letter => cell.push(letter),
            }
        }
        cells.push(cell);
        cells
    }

    #[test]
    fn whoever_splits_at_something_else_sees_no_formula_either() {
        let evil = [
            "Printer;=1+1;x",
            "x\t=2+2",
            "line1\n=1+1",
            "line1\r\n \"=1+1\"",
            "a;\"=1+1\"",
            "\"=1",
            ";;+1",
            "\t=1",
            "a\u{2028}-1",
            "a\u{b}@x;-1",
        ];
        for evil in evil {
            for row in [[evil, "x"], ["x", evil]] {
                let mut csv = Csv::default();
                csv.row(row);
                for at in [&[','][..], &[';'], &['\t'], &[',', ';', '\t']] {
                    for cell in cells(&csv.text, at) {
                        let first = cell.trim_start_matches([' ', '"']).chars().next();
                        let formula = first.is_some_and(|c| "=+-@".contains(c));
                        assert!(!formula, "{evil:?} at {at:?}: {cell:?} of {:?}", csv.text);
                    }
                }
            }
        }
        assert_eq!(written("Printer;=1+1;x"), "\"Printer;'=1+1;x\",x\r\n");
        assert_eq!(written("a; -1\n\nb"), "\"a;' -1\n\nb\",x\r\n", "once where one begins");
        assert_eq!(cells(&written("a;\"b\""), &[',']), ["a;\"b\"", "x", "", ""]);
    }

    #[test]
    fn a_file_has_its_columns_first_and_counts_its_rows() {
        let mut csv = Csv::new(["When", "Who"]);
        assert_eq!((csv.rows, csv.text.as_str()), (0, "When,Who\r\n"));
        csv.row(["1", "2"]);
        assert_eq!(csv.rows, 1);
        assert!(few_enough(ROWS_MAX).is_ok());
        assert_eq!(few_enough(ROWS_MAX + 1), Err(Refusal::Rule(text::TOO_MANY_ROWS.to_owned())));
    }
}
