//! What sessions, replays, receipts and comparisons say.

use std::fmt;

use beckon_events::{OperatorId, SessionId, Timestamp};
use beckon_projections::SessionState;
use beckon_projections::text::label;
use beckon_protocol::evidence::{CheckedReceipt, Receipt, ReceiptError, fingerprint};

use crate::comparison::{Comparison, Difference};
use crate::export::NamesIn;
use crate::verdict::Wrong;
use crate::{terminal, text};

/// Nothing can be printed.
pub const CANNOT_PRINT: &str = "the result cannot be printed";
/// No session at all.
pub const EMPTY: &str = "This export has no sessions.";
/// What an id looks like.
pub const SESSION_ID: &str = "the id of a session looks like \
    0192f3a4-5b6c-7d8e-9f01-23456789abcd; `beckon-audit sessions EXPORT` lists them";
/// A folder in place of a receipt.
pub const FOLDER: &str = "this is a folder; give the file of a receipt";
/// None that was looked for.
pub const NO_SESSIONS: &str = "There is no such session in this export.";
/// A value that cannot be read.
pub const ERASED: &str = "erased or not exported";
/// A body that is not there.
pub const WITHHELD: &str = "(its body is withheld)";
/// Two logs.
pub const OTHER_LOG: &str = "these are exports of two different logs; give two of the same";
/// A log and a session.
pub const OTHER_KIND: &str = "one is of a whole log or of another session; give two exports of the \
    whole log, or two of the same session";
/// `--as-of`.
pub const AS_OF: &str = "give a time such as 2026-11-22T08:00:00.000000Z, 2026-11-22T08:00:00Z or 2026-11-22, or the \
     index of an event";

/// Above a story that nobody has verified.
pub fn unverified(names: NamesIn) -> String {
    let names = match names {
        NamesIn::All => "",
        NamesIn::None => " Names were not exported: they read as erased here.",
        NamesIn::Some => " Some names were not exported: they read as erased here.",
    };
    format!(
        "Told from the export as it is; `beckon-audit verify` says whether it was changed.{names}"
    )
}

/// Bodies that are not there.
pub fn withheld(events: u64) -> String {
    let whose = if events == 1 { "its body is" } else { "their bodies are" };
    format!("({} cannot be told: {whose} withheld)", text::events(events))
}

/// Events of a newer server.
pub fn unknown(events: u64) -> String {
    let were = if events == 1 { "was" } else { "were" };
    format!(
        "({} of a kind that this program does not know {were} left out: use a newer beckon-audit)",
        text::events(events)
    )
}

/// A session that the export does not hold.
pub fn no_session(session: SessionId) -> String {
    format!(
        "there is no session {session} in this export; `beckon-audit sessions EXPORT` lists them"
    )
}

/// A session that began later.
pub fn not_yet(session: SessionId) -> String {
    format!("there was no session {session} at that time; leave out --as-of to see all of it")
}

/// An event that cannot be read.
pub fn unreadable(index: u64, what: &str) -> String {
    format!("event {index} cannot be read: {what}; run `beckon-audit verify` on this export")
}

/// An export that cannot be read.
pub fn damaged(wrong: &Wrong) -> String {
    format!("the export cannot be read ({wrong})")
}

/// Where a session stands.
pub fn state(state: SessionState) -> &'static str {
    match state {
        SessionState::WaitingForUser => "waiting for user",
        SessionState::Available => "available",
        SessionState::ApprovalRequested => "approval requested",
        SessionState::InSession => "in session",
        SessionState::Ended => "ended",
        SessionState::Expired => "expired",
    }
}

/// An operator.
pub fn operator(name: Option<&str>, id: OperatorId) -> String {
    match name {
        Some(name) => format!("by {name} ({id})"),
        None => format!("by {id}"),
    }
}

/// A note.
pub fn note(note: &str) -> String {
    format!("note: {note}")
}

/// A device, as it says itself.
pub fn device(host: &str, user: &str, system: &str) -> String {
    format!("on “{host}” of “{user}”, {system} (as the computer says)")
}

/// When it was over.
pub fn closed(at: Timestamp) -> String {
    format!("over {at}")
}

/// A receipt that does not hold.
pub fn receipt_wrong(why: &ReceiptError) -> String {
    format!("WRONG: {why}")
}

/// A receipt that holds.
pub fn receipt(receipt: &Receipt, checked: &CheckedReceipt, pinned: bool) -> String {
    let first = if pinned {
        "VERIFIED: the log with the key that you named contains the end of this session."
    } else {
        "CONSISTENT IN ITSELF, BUT NOT ANCHORED: whoever wrote this receipt could have made up \
         its key. Compare the log key below with the one that the company published, or name it: \
         --key FINGERPRINT."
    };
    let session = receipt.session().map_or_else(String::new, |session| session.to_string());
    let point = &checked.checkpoint;
    format!(
        "{first}\n\
         session      {session}\n\
         {:<12} {}\n\
         log          {}\n\
         place        event {} of {} when it was signed\n\
         log key      {}\n\
         company      {} (as the keeper of the receipt noted it)\n\
         not checked  whether the log still contains it: give the receipt to `beckon-audit verify \
         EXPORT --seen FILE`",
        checked.metadata.kind.to_lowercase(),
        checked.metadata.at,
        terminal::line(&point.origin.to_string()),
        checked.index,
        point.size,
        fingerprint(&receipt.proof.log_key),
        label(&receipt.company),
    )
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shared = self.shared;
        match self.difference {
            None => writeln!(
                f,
                "CONTINUES: the newer export begins with {} of the older one.",
                if shared == 1 {
                    "the one event".to_owned()
                } else {
                    format!("all {shared} events")
                }
            )?,
            Some(Difference::Event(index)) => writeln!(
                f,
                "DIFFERS at event {index}: the newer export has another one there. What stands \
                 before it is the same ({}). Somebody changed the log or forked it.",
                text::events(shared)
            )?,
            Some(Difference::Turned(index)) => writeln!(
                f,
                "DIFFERS at event {index}: there the older export was put back from a backup, and \
                 the newer one was not. The two may have been given in the wrong order: try it the \
                 other way round. If the order is right, somebody changed the log or forked it."
            )?,
            Some(Difference::Shorter(index)) => writeln!(
                f,
                "SHORTER: the newer export ends before event {index}, which the older one has. Its \
                 end was cut off, or the two were given in the wrong order."
            )?,
            Some(Difference::Restored(index)) => writeln!(
                f,
                "RESTORED: the log was put back from a backup to {}; what the older export has from \
                 event {index} on is lost.",
                text::events(index)
            )?,
        }
        writeln!(f, "root         {} over what both have ({})", self.root, text::events(shared))?;
        let added: u64 = self.added.values().sum();
        writeln!(f, "added        {}", text::events(added))?;
        for (kind, count) in &self.added {
            writeln!(f, "             {count:>7} {}", label(kind))?;
        }
        for subject in &self.erased {
            writeln!(f, "erased       {subject}")?;
        }
        for (era, size) in &self.eras {
            writeln!(f, "era          {era} began after {}, from a backup", text::events(*size))?;
        }
        if self.withheld > 0 {
            let bodies = text::counted(self.withheld, "body", "bodies");
            writeln!(f, "not checked  {bodies} that one of the two withholds")?;
        }
        if self.unknown > 0 {
            writeln!(f, "not told     {}", unknown(self.unknown))?;
        }
        f.write_str("not checked  signatures: run `beckon-audit verify` on both")
    }
}
