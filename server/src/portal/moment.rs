//! Moments on pages.

use std::fmt;

use askama::filters::HtmlSafe;
use beckon_events::Timestamp;

use crate::text;

/// A moment as an HTML `time` element: in UTC, until the page's script shows the viewer's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub Timestamp);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<time datetime=\"{}\">{}</time>", self.0, text::utc(self.0))
    }
}

// It consists of digits and fixed words.
impl HtmlSafe for Moment {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_says_the_exact_time_to_machines_and_the_minute_to_people() {
        let at: Timestamp = "2026-11-22T08:00:59.000001Z".parse().unwrap();
        assert_eq!(
            Moment(at).to_string(),
            "<time datetime=\"2026-11-22T08:00:59.000001Z\">2026-11-22 08:00 UTC</time>"
        );
    }
}
