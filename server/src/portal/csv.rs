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
        let formula = looks_like_formula(cell);
        if formula || cell.contains([',', '"', '\r', '\n']) {
            self.text.push('"');
            if formula {
                self.text.push('\'');
            }
            self.text.push_str(&cell.replace('"', "\"\""));
            self.text.push('"');
        } else {
            self.text.push_str(cell);
        }
    }
}

/// Refuses a file that would have more rows than a person can look through.
pub fn few_enough(rows: usize) -> Result<(), Refusal> {
    if rows > ROWS_MAX { Err(Refusal::Rule(text::TOO_MANY_ROWS.to_owned())) } else { Ok(()) }
}

/// Spreadsheets calculate what begins like this, whatever somebody else wrote there.
fn looks_like_formula(cell: &str) -> bool {
    let first = cell.trim_start_matches([' ', '\u{a0}', '\u{feff}']).chars().next();
    first.is_some_and(|first| {
        matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
    })
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
        for evil in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u{feff}=1", "＝1"] {
            assert_eq!(written(evil), format!("\"'{evil}\",x\r\n"));
        }
        assert_eq!(written("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\",x\r\n");
        assert_eq!(written("a=1"), "a=1,x\r\n");
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
