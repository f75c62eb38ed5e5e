//! What stands behind the `?` of an address, so that a view can be linked.

use std::fmt;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

use super::refusal::Refusal;

/// The longest, in bytes: every filter there may be fits.
const LONGEST: usize = 8 * 1024;

/// Names and values, in the order in which they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads what stands behind the `?`.
    pub fn read(text: &str) -> Self {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(text);
        Self(pairs.map(web::Query::into_inner).unwrap_or_default())
    }

    /// Reads what a browser sent, unless it is longer than every page needs.
    pub fn sent(text: &str) -> Result<Self, Refusal> {
        if text.len() > LONGEST { Err(Refusal::AddressLong) } else { Ok(Self::read(text)) }
    }

    /// The first value of this name, without spaces around it; empty where there is none.
    pub fn first(&self, name: &str) -> &str {
        let values = self.0.iter().filter(|(known, _)| known == name);
        values.map(|(_, value)| value.trim()).find(|value| !value.is_empty()).unwrap_or("")
    }

    /// Every value of this name that says something, without spaces around it.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let values = self.0.iter().filter(move |(known, _)| known == name);
        values.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// With one value more; what says nothing is left out.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.0.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// The address of a page that is asked this.
    pub fn of(&self, path: &str) -> String {
        if self.0.is_empty() { path.to_owned() } else { format!("{path}?{self}") }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, (name, value)) in self.0.iter().enumerate() {
            let and = if nth == 0 { "" } else { "&" };
            write!(f, "{and}{}={}", Escaped(name), Escaped(value))?;
        }
        Ok(())
    }
}

impl FromRequest for Query {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::sent(request.query_string()))
    }
}

/// A text in an address.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            match byte {
                b'a'..=b'z'
                | b'A'..=b'Z'
                | b'0'..=b'9'
                | b'-'
                | b'.'
                | b'_'
                | b'~'
                | b':'
                | b',' => write!(f, "{}", char::from(byte))?,
                b' ' => f.write_str("+")?,
                other => write!(f, "%{other:02X}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        let read = Query::read("q=a+b%26c&kind=Joined&kind=Ended&from=2026-11-22T08:00&x=%F0");
        assert_eq!(read.first("q"), "a b&c");
        assert_eq!(read.all("kind").collect::<Vec<_>>(), ["Joined", "Ended"]);
        let written = read.to_string();
        assert_eq!(Query::read(&written), read);
        assert!(written.starts_with("q=a+b%26c&kind=Joined&kind=Ended&from=2026-11-22T08:00&x="));
        assert!(written.is_ascii(), "{written}");
    }

    #[test]
    fn what_is_longer_than_every_page_needs_is_not_read() {
        let long = format!("q={}", "x".repeat(LONGEST - 2));
        assert_eq!(Query::sent(&long), Ok(Query::read(&long)));
        assert_eq!(Query::sent(&format!("{long}x")), Err(Refusal::AddressLong));
    }

    #[test]
    fn what_says_nothing_is_left_out() {
        let query = Query::default().with("kind", "Joined").with("kind", "Ended").with("q", "");
        assert_eq!(query.of("/audit/log"), "/audit/log?kind=Joined&kind=Ended");
        assert_eq!(Query::default().of("/audit/log"), "/audit/log");
        assert_eq!(Query::read("q=+&q=+x").first("q"), "x", "what says nothing is skipped");
    }
}
