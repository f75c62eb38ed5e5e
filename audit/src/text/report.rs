//! The result of a verification, in words.

use std::fmt::{self, Write as _};

use crate::export::Kind;
use crate::verify::{Break, Report, Verdict};
use crate::{terminal, text};

/// No `--seen`.
pub const NOTHING_SEEN: &str = "whether the end was cut off or the log was written anew: only a \
    checkpoint or a receipt that you kept elsewhere shows that (--seen FILE)";
/// Of one session.
pub const REST_OF_LOG: &str = "anything but this one session";
/// Of one session that is not over in its export.
pub fn went_on(last: u64) -> String {
    format!(
        "whether the session went on after event {last}: only the whole log or a receipt given \
         with --seen shows that"
    )
}

/// No keys.
pub const NO_NAMES: &str =
    "what the sealed fields hold, and whether every erasure is in the log: the export has no names";

/// After the last checkpoint that the caller has seen.
pub fn after_seen(events: u64) -> String {
    format!(
        "whether what is newer than what you have seen was written anew: the last {}",
        text::events(events)
    )
}

/// A break.
pub fn lost(lost: &Break) -> String {
    let Break { era, size, checkpoints, largest } = lost;
    format!(
        "{} of era {era}: up to {} that the log had then were lost when it was put back to {}",
        text::counted(*checkpoints, "checkpoint", "checkpoints"),
        text::events(largest.saturating_sub(*size)),
        text::events(*size)
    )
}

/// Bodies that are not there.
pub fn withheld(bodies: u64, sessions: u64) -> String {
    format!(
        "{} withheld, and from there on the rules of {}",
        text::counted(bodies, "body that is", "bodies that are"),
        text::counted(sessions, "session", "sessions")
    )
}

/// Fields that stay shut.
pub fn sealed(fields: u64, keys: usize) -> String {
    format!(
        "what is in {}, of somebody who was erased or not asked for ({} here)",
        text::counted(fields, "sealed field", "sealed fields"),
        text::counted(u64::try_from(keys).unwrap_or(u64::MAX), "key", "keys")
    )
}

/// A file of the caller that is about something else.
pub fn not_compared(name: &str) -> String {
    let name = terminal::line(name);
    format!("{name}: it is about another part of the log than this export")
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.verdict {
            Verdict::Verified if self.kind == Some(Kind::Session) => {
                f.write_str("VERIFIED: what is in this export was not changed.")?;
            }
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
    /// For programs; as safe to show as the text.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        Ok(terminal::json(&serde_json::to_string_pretty(self)?))
    }

    fn facts(&self, lines: &mut String) -> fmt::Result {
        use text::counted;
        let counts = &self.counts;
        lines.push('\n');
        if let (Some(origin), Some(key)) = (&self.origin, &self.fingerprint) {
            let what = match self.kind {
                Some(Kind::Session) => "one session of ",
                Some(Kind::Log) | None => "",
            };
            writeln!(lines, "log          {what}{}", terminal::line(origin))?;
            writeln!(lines, "signed by    {key}")?;
        }
        let so_far = if self.wrong().is_some() { "up to there, " } else { "" };
        writeln!(
            lines,
            "looked at    {so_far}{} in {} ({}), {}, {} of endpoints, {} ({} opened), {}",
            text::events(counts.events),
            counted(counts.streams, "stream", "streams"),
            counted(counts.sessions, "session", "sessions"),
            counted(counts.checkpoints, "checkpoint", "checkpoints"),
            counted(counts.statements, "statement", "statements"),
            counted(counts.sealed, "sealed field", "sealed fields"),
            counts.opened,
            counted(counts.erased, "erased subject", "erased subjects")
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
            "took         {} ms: V0–V6 {} ms, V7 {} ms ({} signatures/s), V8 {} ms, V9 {} ms, {}",
            times.total,
            times.log,
            times.endpoints,
            times.signatures_per_second,
            times.legality,
            times.sealed,
            counted(u64::try_from(times.jobs).unwrap_or(u64::MAX), "job", "jobs")
        )
    }
}
