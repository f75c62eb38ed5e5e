//! A stretch of time that somebody chose, in UTC.

use beckon_events::Timestamp;

use super::query::Query;
use crate::text;

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// A stretch by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// Since midnight.
    Today,
    /// Since Monday.
    ThisWeek,
    /// Since the first of the month.
    ThisMonth,
    /// The month before.
    LastMonth,
    /// Always.
    AnyTime,
    /// From and to, as typed.
    Custom,
}

/// A stretch of time: `from` is in it, `to` is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// What was chosen.
    pub preset: Preset,
    /// Its beginning, where it has one.
    pub from: Option<Timestamp>,
    /// Its end, where it has one.
    pub to: Option<Timestamp>,
}

impl Preset {
    /// Every one, in the order in which they are offered.
    pub const ALL: [Self; 6] = [
        Self::Today,
        Self::ThisWeek,
        Self::ThisMonth,
        Self::LastMonth,
        Self::AnyTime,
        Self::Custom,
    ];

    /// Its name in addresses.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::ThisWeek => "week",
            Self::ThisMonth => "month",
            Self::LastMonth => "last-month",
            Self::AnyTime => "any",
            Self::Custom => "custom",
        }
    }

    /// Its name on the page.
    pub fn words(self) -> &'static str {
        match self {
            Self::Today => text::TODAY,
            Self::ThisWeek => text::THIS_WEEK,
            Self::ThisMonth => text::THIS_MONTH,
            Self::LastMonth => text::LAST_MONTH,
            Self::AnyTime => text::ANY_TIME,
            Self::Custom => text::CUSTOM,
        }
    }

    fn period(self, now: Timestamp) -> Period {
        let since = |from| Period { preset: self, from: Some(from), to: None };
        match self {
            Self::Today => since(midnight(now)),
            Self::ThisWeek => since(monday(now)),
            Self::ThisMonth => since(first_of_month(now)),
            Self::LastMonth => {
                let to = first_of_month(now);
                let from = first_of_month(Timestamp::from_micros(to.micros() - 1));
                Period { preset: self, from: Some(from), to: Some(to) }
            }
            Self::AnyTime | Self::Custom => Period { preset: self, from: None, to: None },
        }
    }
}

impl Period {
    /// What `range`, `from` and `to` say; `default` where they say nothing. The error is what is
    /// wrong, in words.
    pub fn read(query: &Query, default: Preset, now: Timestamp) -> Result<Self, String> {
        let (range, from, to) = (query.first("range"), query.first("from"), query.first("to"));
        let preset = match range {
            "" if !from.is_empty() || !to.is_empty() => Preset::Custom,
            "" => default,
            slug => Preset::ALL
                .into_iter()
                .find(|preset| preset.slug() == slug)
                .ok_or_else(|| text::unknown_choice(slug))?,
        };
        if preset != Preset::Custom {
            return Ok(preset.period(now));
        }
        let bound = |typed: &str, whole_day| match typed {
            "" => Ok(None),
            typed => moment(typed, whole_day).map(Some).ok_or_else(|| text::not_a_time(typed)),
        };
        let (from, to) = (bound(from, Edge::Start)?, bound(to, Edge::End)?);
        if from.zip(to).is_some_and(|(from, to)| from >= to) {
            return Err(text::FROM_AFTER_TO.to_owned());
        }
        Ok(Self { preset, from, to })
    }

    /// Its part of an address; nothing where it is `default`.
    pub fn add_to(self, query: Query, default: Preset) -> Query {
        let typed = |bound: Option<Timestamp>| bound.map(short).unwrap_or_default();
        match self.preset {
            Preset::Custom => {
                query.with("from", &typed(self.from)).with("to", &typed(self.to)).with(
                    "range",
                    if self.from.or(self.to).is_some() { "" } else { Preset::Custom.slug() },
                )
            }
            preset if preset == default => query,
            preset => query.with("range", preset.slug()),
        }
    }

    /// In words, for a filter that is in force.
    pub fn words(self) -> String {
        match (self.preset, self.from, self.to) {
            (Preset::Custom, Some(from), Some(to)) => text::between(&short(from), &short(to)),
            (Preset::Custom, Some(from), None) => text::since(&short(from)),
            (Preset::Custom, None, Some(to)) => text::until(&short(to)),
            (Preset::Custom, None, None) => Preset::AnyTime.words().to_owned(),
            (preset, _, _) => preset.words().to_owned(),
        }
    }
}

/// What a date without a time means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Its first moment.
    Start,
    /// The first moment after it.
    End,
}

/// A moment in UTC as browsers send it (`2026-11-22T08:00`, with or without seconds) or as people
/// type it (`2026-11-22`, `2026-11-22 08:00`, a `Z` behind it).
pub fn moment(typed: &str, edge: Edge) -> Option<Timestamp> {
    let typed = typed.trim().trim_end_matches("UTC").trim_end();
    let typed = typed.strip_suffix(['Z', 'z']).unwrap_or(typed);
    let (date, time) = typed.split_once(['T', 't', ' ']).unwrap_or((typed, ""));
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let digits = fraction.bytes().all(|byte| byte.is_ascii_digit()) && fraction.len() <= 6;
    let time = match time.len() {
        0 if fraction.is_empty() => "00:00:00".to_owned(),
        5 if fraction.is_empty() => format!("{time}:00"),
        8 => time.to_owned(),
        _ => return None,
    };
    let exact = format!("{date}T{time}.{fraction:0<6}Z");
    let at: Timestamp = digits.then(|| exact.parse().ok())??;
    let whole_day = typed.len() == date.len() && edge == Edge::End;
    Some(if whole_day { Timestamp::from_micros(at.micros() + DAY) } else { at })
}

/// A moment as a `datetime-local` field shows it: to the minute, or exact where that says more.
pub fn short(at: Timestamp) -> String {
    let exact = at.to_string();
    let exact = exact.trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.');
    let minute = at.to_string().get(..16).unwrap_or_default().to_owned();
    let seconds = at.to_string().get(..19).unwrap_or_default().to_owned();
    if exact.len() > 19 {
        exact.to_owned()
    } else if at.micros() % 60_000_000 == 0 {
        minute
    } else {
        seconds
    }
}

fn midnight(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.micros() - at.micros().rem_euclid(DAY))
}

fn monday(at: Timestamp) -> Timestamp {
    let midnight = midnight(at);
    // The first day of all was a Thursday.
    let since_monday = (midnight.micros().div_euclid(DAY) + 3).rem_euclid(7);
    Timestamp::from_micros(midnight.micros() - since_monday * DAY)
}

fn first_of_month(at: Timestamp) -> Timestamp {
    let midnight = midnight(at);
    let day: i64 = at.to_string().get(8..10).and_then(|day| day.parse().ok()).unwrap_or(1);
    Timestamp::from_micros(midnight.micros() - (day - 1) * DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-22T08:30:59.000001Z";

    fn read(query: &str) -> Result<(Option<String>, Option<String>), String> {
        let period = Period::read(&Query::read(query), Preset::ThisWeek, NOW.parse().unwrap())?;
        let exact = |at: Option<Timestamp>| at.map(|at| at.to_string().replace(".000000", ""));
        Ok((exact(period.from), exact(period.to)))
    }

    fn since(from: &str) -> (Option<String>, Option<String>) {
        (Some(format!("{from}T00:00:00Z")), None)
    }

    #[test]
    fn presets_begin_at_midnight_on_monday_and_on_the_first() {
        assert_eq!(read("range=today"), Ok(since("2026-11-22")));
        assert_eq!(read(""), Ok(since("2026-11-16")), "a Sunday belongs to the week before");
        assert_eq!(read("range=month"), Ok(since("2026-11-01")));
        let (from, to) = read("range=last-month").unwrap();
        assert_eq!(from.as_deref(), Some("2026-10-01T00:00:00Z"));
        assert_eq!(to.as_deref(), Some("2026-11-01T00:00:00Z"));
        assert_eq!(read("range=any&from=2026-01-01"), Ok((None, None)));
    }

    #[test]
    fn a_day_as_the_end_is_meant_whole() {
        let (from, to) = read("from=2026-11-20&to=2026-11-21").unwrap();
        assert_eq!(from.as_deref(), Some("2026-11-20T00:00:00Z"));
        assert_eq!(to.as_deref(), Some("2026-11-22T00:00:00Z"));
        let (_, to) = read("range=custom&to=2026-11-21T09:05").unwrap();
        assert_eq!(to.as_deref(), Some("2026-11-21T09:05:00Z"));
    }

    #[test]
    fn what_is_no_time_is_named() {
        for typed in ["yesterday", "2026-02-30", "2026-11-22T25:00", "2026-11-22T08", "1.5", "∞"]
        {
            let said = read(&Query::default().with("from", typed).to_string());
            assert_eq!(said, Err(text::not_a_time(typed)));
        }
        assert_eq!(read("range=ever"), Err(text::unknown_choice("ever")));
        let backwards = read("from=2026-11-22T09:00&to=2026-11-22T08:00");
        assert_eq!(backwards, Err(text::FROM_AFTER_TO.to_owned()));
    }

    #[test]
    fn moments_are_read_as_people_and_browsers_write_them() {
        let eight: Timestamp = "2026-11-22T08:00:00.000000Z".parse().unwrap();
        for typed in [
            "2026-11-22T08:00",
            "2026-11-22 08:00 UTC",
            "2026-11-22T08:00:00Z",
            " 2026-11-22t08:00:00.0 ",
        ] {
            assert_eq!(moment(typed, Edge::End), Some(eight), "{typed}");
        }
        for exact in ["2026-11-22T08:00", "2026-11-22T08:00:30", "2026-11-22T08:00:30.000001"] {
            assert_eq!(short(moment(exact, Edge::Start).unwrap()), exact);
        }
    }

    #[test]
    fn an_address_says_what_was_chosen_and_nothing_more() {
        let now = NOW.parse().unwrap();
        for address in ["", "range=any", "range=today", "from=2026-11-20T00:00", "range=custom"] {
            let period = Period::read(&Query::read(address), Preset::ThisWeek, now).unwrap();
            let again = period.add_to(Query::default(), Preset::ThisWeek);
            assert_eq!(again.to_string(), address);
        }
    }
}
