//! What an examination found.

use std::fmt;

use serde::Serialize;

/// One thing that is looked at, in the order in which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// The configuration can be read.
    Configuration,
    /// The data folder is there, private, and held by one server.
    DataFolder,
    /// The disk has room.
    Disk,
    /// A server runs on the data folder and answers.
    Server,
    /// The log can be read and written.
    Store,
    /// The read models have all events.
    ReadModels,
    /// Every event has its place in the tree.
    Tree,
    /// The clock is right.
    Clock,
    /// The name in `public_url` is known.
    Name,
    /// Something listens there.
    Connection,
    /// Its certificate is for the name, trusted, and valid for long enough.
    Certificate,
    /// It leads to this server.
    Address,
    /// WebSockets pass.
    WebSockets,
    /// The longest message passes.
    FrameSize,
    /// Streams are not kept back.
    Buffering,
    /// The server sees where visitors come from.
    Visitors,
    /// The mail server takes mail.
    Mail,
    /// There are programs to hand out.
    Downloads,
    /// The port for EventStoreDB clients.
    Face,
    /// The port for Prometheus.
    Metrics,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Nothing to do.
    Ok,
    /// It works; something should be done.
    Warning,
    /// It does not work.
    Failed,
}

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: Check,
    /// How bad it is.
    pub outcome: Outcome,
    /// What was found.
    pub found: String,
    /// What to do, where something is to be done.
    #[serde(rename = "do", skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// Every finding, in order. What could not be looked at because of another finding is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The findings.
    pub checks: Vec<Finding>,
}

impl Check {
    /// Its name, as in the JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::DataFolder => "data-folder",
            Self::Disk => "disk",
            Self::Server => "server",
            Self::Store => "store",
            Self::ReadModels => "read-models",
            Self::Tree => "tree",
            Self::Clock => "clock",
            Self::Name => "name",
            Self::Connection => "connection",
            Self::Certificate => "certificate",
            Self::Address => "address",
            Self::WebSockets => "web-sockets",
            Self::FrameSize => "frame-size",
            Self::Buffering => "buffering",
            Self::Visitors => "visitors",
            Self::Mail => "mail",
            Self::Downloads => "downloads",
            Self::Face => "face",
            Self::Metrics => "metrics",
        }
    }
}

impl Report {
    /// Whether nothing failed; warnings pass.
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|finding| finding.outcome != Outcome::Failed)
    }

    /// What `check` found worst; `None` where it was not looked at.
    pub fn worst(&self, check: Check) -> Option<&Finding> {
        let of = self.checks.iter().filter(|finding| finding.check == check);
        of.max_by_key(|finding| finding.outcome)
    }

    pub(super) fn ok(&mut self, check: Check, found: impl Into<String>) {
        let (outcome, found) = (Outcome::Ok, found.into());
        self.checks.push(Finding { check, outcome, found, remedy: None });
    }

    pub(super) fn warn(
        &mut self,
        check: Check,
        (found, remedy): (impl Into<String>, impl Into<String>),
    ) {
        self.bad(check, Outcome::Warning, found.into(), remedy.into());
    }

    pub(super) fn fail(
        &mut self,
        check: Check,
        (found, remedy): (impl Into<String>, impl Into<String>),
    ) {
        self.bad(check, Outcome::Failed, found.into(), remedy.into());
    }

    fn bad(&mut self, check: Check, outcome: Outcome, found: String, remedy: String) {
        let remedy = Some(remedy).filter(|remedy| !remedy.is_empty());
        self.checks.push(Finding { check, outcome, found, remedy });
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            Outcome::Ok => "ok",
            Outcome::Warning => "warning",
            Outcome::Failed => "FAILED",
        };
        write!(f, "{outcome:<8}{:<14} {}", self.check.name(), self.found)?;
        self.remedy.as_ref().map_or(Ok(()), |remedy| write!(f, ": {remedy}"))
    }
}

/// One line for each finding.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.checks.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{finding}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_line_for_each_check_and_passes_with_warnings() {
        let mut report = Report::default();
        report.ok(Check::Disk, "20 GiB free");
        report.warn(Check::Clock, ("it is 5 s late", "run NTP"));
        assert!(report.passed());
        report.fail(Check::WebSockets, ("they do not pass", "let them"));
        assert!(!report.passed());
        let lines = "ok      disk           20 GiB free\n\
                     warning clock          it is 5 s late: run NTP\n\
                     FAILED  web-sockets    they do not pass: let them";
        assert_eq!(report.to_string(), lines);
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["checks"][2]["outcome"], "failed");
        assert_eq!(json["checks"][2]["check"], "web-sockets");
        assert_eq!(json["checks"][2]["do"], "let them");
        assert_eq!(json["checks"][0].get("do"), None);
        assert_eq!(report.worst(Check::Clock).unwrap().outcome, Outcome::Warning);
    }
}
