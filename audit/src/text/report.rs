//! The result of a verification, in words.

use std::fmt::{self, Write as _};

use crate::export::Kind;
use crate::verify::{Break, Report, Verdict};

/// No `--seen`.
pub const NOTHING_SEEN: &str = "whether the end was cut off or the log was written anew: only a \
    checkpoint or a receipt that you kept elsewhere shows that (--seen FILE)";
/// Of one session.
pub const REST_OF_LOG: &str = "anything but this one session";
/// No keys.
pub const NO_NAMES: &str =
    "what the sealed fields hold, and whether every erasure is in the log: the export has no names";

/// After the last checkpoint that the caller has seen.
pub fn after_seen(events: u64) -> String {
    format!(
        "whether the last {events} events were written anew: they are newer than what you have seen"
    )
}

/// A break.
pub fn lost(lost: &Break) -> String {
    let Break { era, size, checkpoints, largest } = lost;
    format!(
        "{checkpoints} checkpoints of era {era}: they speak of up to {} events that were lost when \
         the log was put back to {size} events",
        largest.saturating_sub(*size)
    )
}

/// Bodies that are not there.
pub fn withheld(bodies: u64, sessions: u64) -> String {
    format!("{bodies} bodies that are withheld, and from there on the rules of {sessions} sessions")
}

/// Fields that stay shut.
pub fn sealed(fields: u64, keys: usize) -> String {
    format!(
        "what {fields} sealed fields hold: their subjects were erased or not asked for ({keys} keys here)"
    )
}

/// A file of the caller that is about something else.
pub fn not_compared(name: &str) -> String {
    let name = beckon_projections::text::label(name);
    format!("{name}: it is about another part of the log than this export")
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.verdict {
            Verdict::Verified => f.write_str("VERIFIED: nothing in this export was changed.")?,
            Verdict::Consistent => f.write_str(
                "CONSISTENT IN ITSELF, BUT NOT ANCHORED: whoever wrote this export could have \
                 written all of it anew. Name the key you know (--key FINGERPRINT) or a \
                 checkpoint or receipt that you kept (--seen FILE).",
            )?,
            Verdict::Wrong(wrong) => write!(f, "WRONG {wrong}")?,
        }
        let mut lines = String::new();
        self.facts(&mut lines)?;
        f.write_str(lines.trim_end())
    }
}

impl Report {
    fn facts(&self, lines: &mut String) -> fmt::Result {
        let counts = &self.counts;
        lines.push('\n');
        if let (Some(origin), Some(key)) = (&self.origin, &self.fingerprint) {
            let what = match self.kind {
                Some(Kind::Session) => "one session of ",
                Some(Kind::Log) | None => "",
            };
            writeln!(lines, "log          {what}{origin}")?;
            writeln!(lines, "signed by    {key}")?;
        }
        let so_far = if self.wrong().is_some() { "up to there, " } else { "" };
        writeln!(
            lines,
            "looked at    {so_far}{} events in {} streams ({} sessions), {} checkpoints, {} \
             statements of endpoints, {} sealed fields ({} opened), {} erased subjects",
            counts.events,
            counts.streams,
            counts.sessions,
            counts.checkpoints,
            counts.statements,
            counts.sealed,
            counts.opened,
            counts.erased
        )?;
        for one in &self.breaks {
            writeln!(lines, "restored     after event {} (era {} ended)", one.size, one.era)?;
        }
        for one in &self.not_checked {
            writeln!(lines, "not checked  {one}")?;
        }
        let times = &self.times;
        writeln!(
            lines,
            "took         {} ms: V0–V6 {} ms, V7 {} ms ({} signatures/s), V8 {} ms, V9 {} ms, {} jobs",
            times.total,
            times.log,
            times.endpoints,
            times.signatures_per_second,
            times.legality,
            times.sealed,
            times.jobs
        )
    }
}
