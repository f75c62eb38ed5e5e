//! Moments and spans of time in words.

use std::time::Duration;

use beckon_desk::widgets::duration;
use beckon_events::Timestamp;
use time::{OffsetDateTime, UtcOffset};

/// How long somebody has been helping, in minutes.
pub fn for_so_long(time: Duration) -> String {
    let minutes = time.as_secs() / 60;
    match (minutes / 60, minutes % 60) {
        (0, 0) => "For less than a minute".to_owned(),
        (0, minutes) => format!("For {minutes} min"),
        (hours, minutes) => format!("For {hours} h {minutes} min"),
    }
}

/// From when to when, in the zone of this computer.
pub fn lasted(from: Timestamp, to: Timestamp, zone: UtcOffset) -> String {
    let clock = |at: Timestamp| {
        let at = here(at, zone);
        format!("{:02}:{:02}", at.hour(), at.minute())
    };
    format!("From {} to {} ({}).", clock(from), clock(to), duration(to.since(from)))
}

/// `2026-11-22`, in the zone of this computer.
pub fn day(at: Timestamp, zone: UtcOffset) -> String {
    let at = here(at, zone);
    format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day())
}

fn here(at: Timestamp, zone: UtcOffset) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.micros()) * 1_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .to_offset(zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_the_zone_of_this_computer() {
        let from = Timestamp::from_micros(1_795_334_400_000_000);
        let to = from.plus(Duration::from_secs(754));
        let zone = UtcOffset::from_hms(2, 0, 0).unwrap();
        assert_eq!(lasted(from, to, zone), "From 10:00 to 10:12 (12:34).");
    }

    #[test]
    fn the_time_of_a_session_is_told_in_minutes() {
        let told = [59, 60, 3_599, 3_600, 7_500].map(|secs| for_so_long(Duration::from_secs(secs)));
        let minutes = ["For less than a minute", "For 1 min", "For 59 min"];
        assert_eq!(told[..3], minutes);
        assert_eq!(told[3..], ["For 1 h 0 min", "For 2 h 5 min"]);
    }
}
