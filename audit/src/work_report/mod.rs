//! One session on paper: who, when, what was allowed and used, and how it ended.

mod html;
#[cfg(test)]
mod tests;
mod words;

use std::path::Path;

use beckon_events::session::{Endpoint, Event};
use beckon_events::{Action, ActionSet, Committed, Personal, RecordedEvent, SessionId, Timestamp};
use beckon_projections::text::{label, sentence};
use beckon_projections::{AccountSettings, Entry, Projection};
use serde::Serialize;

use crate::export::Manifest;
use crate::reading::{Reading, Told, Untold};
use crate::replay::timeline;
use crate::terminal::{self, line};
use crate::text::told::ERASED;
use crate::verdict::CannotLook;
use crate::verify::{Options, Report, Verdict, verify};

/// In which form a report is given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Plain text.
    Text,
    /// JSON.
    Json,
    /// A page to print, which needs nothing else.
    Html,
}

/// Everything that a report says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkReport {
    /// The first line: whether the export could be verified.
    pub verified: String,
    /// The session; nothing else is said where the export is wrong.
    pub told: Option<Work>,
    #[serde(skip)]
    exit_code: u8,
}

/// The work itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Work {
    /// The session.
    pub session: SessionId,
    /// The company, where the export tells.
    pub company: Option<String>,
    /// The log.
    pub log: String,
    /// The fingerprint of its key.
    pub key: String,
    /// The names that the end user was shown, each once.
    pub operators: Vec<String>,
    /// The device, as it says itself.
    pub device: Option<String>,
    /// When it was created.
    pub created: Timestamp,
    /// When the end user came.
    pub joined: Option<Timestamp>,
    /// When it was over.
    pub ended: Option<Timestamp>,
    /// How, in a sentence.
    pub ending: Option<String>,
    /// What was used.
    pub used: Vec<Used>,
    /// What the end user decided.
    pub decided: Vec<Moment>,
    /// What the agent removed, and what it had to leave.
    pub removal: Option<Removal>,
    /// Which endpoints signed the end.
    pub signed: Vec<Endpoint>,
    /// Everything that happened.
    pub happened: Vec<Moment>,
    /// How many bodies are withheld.
    pub withheld: u64,
    /// How many events this program does not know.
    pub unknown: u64,
    /// Whether the export has everything that happened, up to when it was made.
    #[serde(skip)]
    complete: bool,
}

/// An action while it was in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Used {
    /// What.
    pub action: Action,
    /// From when.
    pub from: Timestamp,
    /// Until when; none where it was still in use.
    pub to: Option<Timestamp>,
    /// For how many seconds.
    pub seconds: Option<u64>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// Its place in the log.
    pub index: u64,
    /// What.
    pub what: String,
}

/// What became of the agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Removal {
    /// Removed.
    pub removed: Vec<String>,
    /// Left.
    pub left: Vec<String>,
}

impl std::str::FromStr for Format {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            "html" => Ok(Self::Html),
            _ => Err("choose text, json or html"),
        }
    }
}

impl Format {
    /// The report in this form.
    pub fn of(self, report: &WorkReport) -> Result<String, serde_json::Error> {
        match self {
            Self::Text => Ok(words::text(report)),
            Self::Json => Ok(terminal::json(&serde_json::to_string_pretty(report)?)),
            Self::Html => Ok(html::page(report)),
        }
    }
}

impl WorkReport {
    /// What the program exits with: that of the verification.
    pub fn exit_code(&self) -> u8 {
        self.exit_code
    }
}

/// Verifies the export and reports about one session of it.
pub fn of(export: &Path, session: SessionId, options: &Options) -> Result<WorkReport, CannotLook> {
    let verification = verify(export, options)?;
    let first = verification.to_string().lines().next().unwrap_or_default().to_owned();
    let exit_code = verification.exit_code();
    if matches!(verification.verdict, Verdict::Wrong(_)) {
        return Ok(WorkReport { verified: first, told: None, exit_code });
    }
    let reading = Reading::open(export)?;
    let events = reading.session(session, None)?;
    let company = company(&reading)?;
    let told = Some(work(session, company, &reading.manifest, &verification, &events));
    Ok(WorkReport { verified: first, told, exit_code })
}

/// The company, which stands at the beginning of a whole log.
fn company(reading: &Reading) -> Result<Option<String>, CannotLook> {
    let mut settings = AccountSettings::default();
    reading.lines(&mut |index, line| {
        let account = b"\"stream\":\"account-";
        if line.metadata.windows(account.len()).any(|part| part == account)
            && let Some(event) = reading.event(index, &line)?
        {
            settings.apply(&event);
        }
        Ok(true)
    })?;
    Ok(Some(label(settings.company())).filter(|company| !company.is_empty()))
}

fn work(
    session: SessionId,
    company: Option<String>,
    manifest: &Manifest,
    verification: &Report,
    events: &[Told],
) -> Work {
    let timeline = timeline(session, events);
    let untold = Untold::of(events);
    let mut work = Work {
        session,
        company,
        log: line(&manifest.origin),
        key: verification.fingerprint.clone().unwrap_or_default(),
        operators: Vec::new(),
        device: None,
        created: Timestamp::default(),
        joined: None,
        ended: None,
        ending: None,
        used: Vec::new(),
        decided: Vec::new(),
        removal: None,
        signed: Vec::new(),
        happened: Vec::new(),
        withheld: untold.withheld,
        unknown: untold.unknown,
        complete: manifest.is_whole() && untold == Untold::default(),
    };
    for entry in timeline.entries() {
        let what = line(&sentence(&entry.entry));
        let moment = Moment { at: entry.at, index: entry.position, what };
        work.note(&entry.entry, &moment);
        work.happened.push(moment);
    }
    for event in events.iter().filter_map(|one| one.event.as_ref()) {
        if let RecordedEvent::Session(recorded) = event {
            work.use_of(&recorded.event, recorded.metadata.at);
        }
    }
    work
}

impl Work {
    fn note(&mut self, entry: &Entry, moment: &Moment) {
        let at = moment.at;
        match entry {
            Entry::Created => self.created = at,
            Entry::Joined { device } => {
                self.joined = Some(at);
                let shown = |name: &Personal<String>| label(name.or(ERASED));
                let (host, user) = (shown(&device.host), shown(&device.user));
                self.device = Some(words::device(&host, &user, &label(&device.system)));
            }
            Entry::ApprovalRequested { operator, .. } => {
                let name = label(operator.or(ERASED));
                if !self.operators.contains(&name) {
                    self.operators.push(name);
                }
            }
            Entry::Approved { .. }
            | Entry::Rejected { .. }
            | Entry::ApprovalLapsed { .. }
            | Entry::GrantExtended { .. }
            | Entry::ExtensionRefused { .. }
            | Entry::GrantWithdrawn { .. }
            | Entry::Paused
            | Entry::Continued => self.decided.push(moment.clone()),
            Entry::InvitationCancelled | Entry::Ended { .. } | Entry::Expired { .. } => {
                self.ended = Some(at);
                self.ending = Some(moment.what.clone());
            }
            Entry::AgentRemoved { removed, left } => {
                let names = |things: &[Personal<Committed>]| {
                    things.iter().map(|thing| label(thing.or(ERASED))).collect()
                };
                self.removal = Some(Removal { removed: names(removed), left: names(left) });
            }
            Entry::HeadSigned { by } => self.signed.push(*by),
            Entry::InvitationSent { .. }
            | Entry::ApprovalCancelled { .. }
            | Entry::OperatorConnected { .. }
            | Entry::ActionStarted { .. }
            | Entry::ActionStopped { .. }
            | Entry::ClipboardShared { .. }
            | Entry::ExtensionRequested { .. }
            | Entry::OperatorLeft { .. }
            | Entry::AgentLost
            | Entry::AgentResumed => {}
        }
    }

    fn use_of(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::ActionStarted { action } => {
                let running = |action: &Action| {
                    self.used.iter().any(|used| used.action == *action && used.to.is_none())
                };
                // Control brings view along.
                let begun: Vec<Action> =
                    ActionSet::EMPTY.with(*action).iter().filter(|one| !running(one)).collect();
                let used = |action| Used { action, from: at, to: None, seconds: None };
                self.used.extend(begun.into_iter().map(used));
            }
            Event::ActionStopped { action, .. } => {
                let open = |used: &&mut Used| used.action == *action && used.to.is_none();
                if let Some(used) = self.used.iter_mut().find(open) {
                    used.to = Some(at);
                    used.seconds = Some(at.since(used.from).as_secs());
                }
            }
            _ => {}
        }
    }
}
