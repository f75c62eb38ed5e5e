//! Attempts at a join code, counted on disk before the code is looked at.

use std::net::IpAddr;
use std::time::Duration;

use beckon_events::Timestamp;
use data_encoding::BASE64URL_NOPAD;
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::secret::hash;
use super::throttle::{self, Source, Ticket, Wait, Window};
use super::{Vault, VaultError};
use crate::ip_prefix::IpPrefix;

/// How long an unused ticket is remembered: the longest wait, and a day in which it doubles.
const TICKET_LIFE: Duration = Duration::from_hours(48);

/// Whether a code may be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not yet: the code is not looked at and nothing is counted.
    Wait(Wait),
    /// Yes, and it is counted as wrong until [`Vault::forgive_attempt`].
    Allowed(Attempt),
}

/// An attempt that is counted; the fields say what holds if it is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What the agent keeps and shows the next time.
    pub ticket: String,
    /// How many more may be tried before a wait.
    pub attempts_left: u32,
    /// The wait that begins with it.
    pub wait: Option<Wait>,
    source: IpAddr,
}

impl Vault {
    /// Counts an attempt from `source` as wrong, before anybody looks at the code.
    ///
    /// `ticket` is what the agent was given the last time. One that is unknown or was given to
    /// another network counts as none.
    pub fn begin_attempt(
        &self,
        ticket: Option<&str>,
        source: IpAddr,
        now: Timestamp,
    ) -> Result<Verdict, VaultError> {
        let fresh = BASE64URL_NOPAD.encode(&self.0.random.bytes::<16>());
        self.change(|t| {
            let now = highest(t, now)?;
            let prefixes = throttle::prefixes(source);
            let home = prefixes.first().map(ToString::to_string).unwrap_or_default();
            let known = match ticket {
                Some(text) => find_ticket(t, text, &home)?.map(|state| (text, state)),
                None => None,
            };
            let (name, mut state) = known.unwrap_or((&fresh, Ticket::default()));
            let mut sources = Vec::with_capacity(prefixes.len());
            for prefix in prefixes {
                sources.push(find_source(t, prefix)?);
            }
            let counted = match throttle::count(&mut state, &mut sources, now) {
                Ok(counted) => counted,
                Err(wait) => return Ok(Verdict::Wait(wait)),
            };
            store_ticket(t, name, &home, &state, now)?;
            for source in &sources {
                store_source(t, source)?;
            }
            let sql = "UPDATE highest_time SET seen = ?";
            t.execute(sql, [now.micros()])?;
            Ok(Verdict::Allowed(Attempt {
                ticket: name.to_owned(),
                attempts_left: counted.attempts_left,
                wait: counted.wait,
                source,
            }))
        })
    }

    /// Takes back an attempt that was right: its ticket is void and it counts nowhere.
    /// One that was wrong needs nothing more.
    pub fn forgive_attempt(&self, attempt: &Attempt) -> Result<(), VaultError> {
        self.change(|t| {
            let sql = "DELETE FROM join_tickets WHERE ticket = ?";
            t.execute(sql, [hash(&attempt.ticket)])?;
            for prefix in throttle::prefixes(attempt.source) {
                let mut source = find_source(t, prefix)?;
                source.forgive();
                store_source(t, &source)?;
            }
            Ok(())
        })
    }
}

pub(super) fn sweep(t: &Transaction<'_>, now: Timestamp) -> rusqlite::Result<()> {
    let now = highest(t, now)?;
    let micros = |d: Duration| i64::try_from(d.as_micros()).unwrap_or(i64::MAX);
    let sql = "DELETE FROM join_tickets WHERE last <= ?";
    t.execute(sql, [now.micros().saturating_sub(micros(TICKET_LIFE))])?;
    let sql = "DELETE FROM join_sources WHERE day_start <= ?";
    t.execute(sql, [now.micros().saturating_sub(micros(throttle::DAY))]).map(drop)
}

/// `now`, or the highest time ever counted: setting the clock back shortens no count.
fn highest(t: &Transaction<'_>, now: Timestamp) -> rusqlite::Result<Timestamp> {
    let seen = t.query_row("SELECT seen FROM highest_time", [], |row| row.get(0))?;
    Ok(now.max(Timestamp::from_micros(seen)))
}

fn find_ticket(t: &Transaction<'_>, text: &str, home: &str) -> rusqlite::Result<Option<Ticket>> {
    let sql = "SELECT wrong, waits, until FROM join_tickets WHERE ticket = ? AND prefix = ?";
    let read = |row: &Row<'_>| {
        let until = row.get::<_, Option<i64>>(2)?.map(Timestamp::from_micros);
        Ok(Ticket { wrong: row.get(0)?, waits: row.get(1)?, until })
    };
    t.prepare_cached(sql)?.query_row(params![hash(text), home], read).optional()
}

fn store_ticket(
    t: &Transaction<'_>,
    text: &str,
    home: &str,
    state: &Ticket,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO join_tickets VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (ticket) DO UPDATE \
         SET wrong = excluded.wrong, waits = excluded.waits, until = excluded.until, last = excluded.last";
    let until = state.until.map(Timestamp::micros);
    let params = params![hash(text), home, state.wrong, state.waits, until, now.micros()];
    t.prepare_cached(sql)?.execute(params).map(drop)
}

fn find_source(t: &Transaction<'_>, prefix: IpPrefix) -> rusqlite::Result<Source> {
    let sql =
        "SELECT hour_start, hour_wrong, day_start, day_wrong FROM join_sources WHERE prefix = ?";
    let read = |row: &Row<'_>| {
        let window = |start, wrong| -> rusqlite::Result<Window> {
            Ok(Window { start: Timestamp::from_micros(row.get(start)?), wrong: row.get(wrong)? })
        };
        Ok(Source { prefix, hour: window(0, 1)?, day: window(2, 3)? })
    };
    let found = t.prepare_cached(sql)?.query_row([prefix.to_string()], read).optional()?;
    Ok(found.unwrap_or(Source::new(prefix)))
}

fn store_source(t: &Transaction<'_>, source: &Source) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO join_sources VALUES (?, ?, ?, ?, ?)";
    let (hour, day) = (source.hour, source.day);
    let (prefix, hour_start, day_start) =
        (source.prefix.to_string(), hour.start.micros(), day.start.micros());
    let params = params![prefix, hour_start, hour.wrong, day_start, day.wrong];
    t.prepare_cached(sql)?.execute(params).map(drop)
}
