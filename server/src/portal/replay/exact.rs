//! Moments to the second.

use std::fmt;

use askama::filters::HtmlSafe;
use beckon_events::Timestamp;

use crate::text;

/// A moment as an HTML `time` element: to the second, on hover to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact(pub Timestamp);

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let iso = self.0.to_string();
        let date = iso.get(..10).unwrap_or_default();
        let (second, millis) =
            (iso.get(11..19).unwrap_or_default(), iso.get(11..23).unwrap_or_default());
        let utc = text::UTC;
        write!(
            f,
            "<time class=\"exact\" datetime=\"{iso}\" title=\"{date} {millis} {utc}\">{date} {second} {utc}</time>"
        )
    }
}

// It consists of digits and fixed words.
impl HtmlSafe for Exact {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_to_the_second_and_on_hover_to_the_millisecond() {
        let at: Timestamp = "2026-11-22T08:00:59.123456Z".parse().unwrap();
        assert_eq!(
            Exact(at).to_string(),
            "<time class=\"exact\" datetime=\"2026-11-22T08:00:59.123456Z\" \
             title=\"2026-11-22 08:00:59.123 UTC\">2026-11-22 08:00:59 UTC</time>"
        );
    }
}
