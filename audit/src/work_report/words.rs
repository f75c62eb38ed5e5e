//! A report in plain text, and the words that it shares with the printed page.

use std::fmt::Write as _;

use beckon_events::session::Endpoint;
use beckon_events::{Action, ActionSet, Timestamp};
use beckon_projections::text::to_do;

use super::{Used, Work, WorkReport};
use crate::reading::Untold;

/// The heading.
pub const TITLE: &str = "Report of a remote support session";
/// Nothing is said about a session in an export that is wrong.
pub const NOTHING: &str =
    "There is no report, because this export is not what the log was. Take another copy.";

/// What was not recorded anywhere.
pub const UNKNOWN: &str = "not in this export";

/// The facts at the top, each with its name.
pub fn facts(work: &Work) -> Vec<(&'static str, String)> {
    let unknown = || UNKNOWN.to_owned();
    let open = |open: &str| if work.complete { open.to_owned() } else { unknown() };
    let moment = |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), moment);
    vec![
        ("Session", work.session.to_string()),
        ("Company", work.company.clone().unwrap_or_else(unknown)),
        (
            "Operator",
            if work.operators.is_empty() { "nobody".to_owned() } else { work.operators.join(", ") },
        ),
        ("Device", work.device.clone().unwrap_or_else(|| "none".to_owned())),
        ("Created", self::moment(work.created)),
        ("Joined", moment(work.joined)),
        ("Ended", work.ended.map_or_else(|| open("not yet"), self::moment)),
        ("How", work.ending.clone().unwrap_or_else(|| open("It goes on."))),
        ("Signed by", signed(&work.signed)),
        ("Log", work.log.clone()),
        ("Log key", work.key.clone()),
    ]
}

/// A device, as it says itself.
pub fn device(host: &str, user: &str, system: &str) -> String {
    format!("“{host}” of “{user}”, {system} (as the computer says)")
}

/// `2026-11-22 08:00:00 UTC`.
pub fn moment(at: Timestamp) -> String {
    let at = at.to_string();
    let seconds = at.split_once('.').map_or(at.as_str(), |(seconds, _)| seconds);
    format!("{} UTC", seconds.replace('T', " "))
}

/// `2 h 03 min 07 s`.
pub fn duration(all: u64) -> String {
    let (hours, minutes, seconds) = (all / 3_600, all / 60 % 60, all % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {seconds:02} s"),
        _ => format!("{hours} h {minutes:02} min {seconds:02} s"),
    }
}

/// What an action is for the end user.
pub fn action(action: Action) -> String {
    let view = ActionSet::EMPTY.with(Action::View);
    let set = ActionSet::EMPTY.with(action);
    to_do(if action == Action::Control { set.minus(view) } else { set })
}

/// How long each action was in use, in all; without those whose end is not known.
pub fn totals(used: &[Used]) -> Vec<(Action, u64)> {
    let of = |action: Action| {
        let seconds = used.iter().filter(|one| one.action == action).filter_map(|one| one.seconds);
        (action, seconds.sum())
    };
    let open = |one: &Used| one.seconds.is_none();
    let there = |action: &Action| {
        let mut own = used.iter().filter(|one| one.action == *action).peekable();
        own.peek().is_some() && !own.any(open)
    };
    Action::ALL.into_iter().filter(there).map(of).collect()
}

/// The sections below the facts: a heading, and lines.
pub fn sections(work: &Work) -> Vec<(&'static str, Vec<String>)> {
    let mut sections = Vec::new();
    let used = |one: &Used| {
        let from = moment(one.from);
        match (one.to, one.seconds) {
            (Some(to), Some(seconds)) => {
                format!("{}: {from} to {}, {}", action(one.action), moment(to), duration(seconds))
            }
            _ if work.complete => format!("{}: {from} to now, in use", action(one.action)),
            _ => format!("{}: {from}, its end is {UNKNOWN}", action(one.action)),
        }
    };
    let mut actions: Vec<String> = work.used.iter().map(used).collect();
    actions.extend(
        totals(&work.used)
            .into_iter()
            .map(|(one, seconds)| format!("in all, {}: {}", action(one), duration(seconds))),
    );
    let decided = work.decided.iter().map(|one| format!("{}  {}", moment(one.at), one.what));
    let happened = work.happened.iter();
    let happened = happened.map(|one| format!("{}  #{}  {}", moment(one.at), one.index, one.what));
    sections.push(("What was used", actions));
    sections.push(("What the user decided", decided.collect()));
    if let Some(removal) = &work.removal {
        let removed = removal.removed.iter().map(|thing| format!("removed: {thing}"));
        let left = removal.left.iter().map(|thing| format!("left behind: {thing}"));
        sections.push(("What was removed from the user's computer", removed.chain(left).collect()));
    }
    sections.push(("Everything that happened", happened.collect()));
    let untold = Untold { withheld: work.withheld, unknown: work.unknown };
    if untold != Untold::default() {
        sections.push(("What is missing", untold.lines()));
    }
    sections
}

/// The report in plain text.
pub fn text(report: &WorkReport) -> String {
    let mut text = format!("{TITLE}\n\n{}\n", report.verified);
    let Some(work) = &report.told else { return format!("{text}\n{NOTHING}") };
    text.push('\n');
    for (name, value) in facts(work) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:<10} {value}");
    }
    for (heading, lines) in sections(work) {
        let _ = writeln!(text, "\n{heading}");
        if lines.is_empty() {
            text.push_str("  nothing\n");
        }
        for line in lines {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}

fn signed(by: &[Endpoint]) -> String {
    match (by.contains(&Endpoint::Agent), by.contains(&Endpoint::Control)) {
        (true, true) => "the user's and the operator's computer",
        (true, false) => "the user's computer",
        (false, true) => "the operator's computer",
        (false, false) => "neither computer",
    }
    .to_owned()
}
