use beckon_events::account::Names as Readers;
use beckon_events::envelope::Actor;

use super::*;
use crate::AuditLog;
use crate::history::{ACCOUNT, ANA, History, session};
use crate::samples::{Readable, whole};

/// Ana's session is called Printer and there is one token.
struct Known;

impl Names for Known {
    fn operator(&self, _: OperatorId) -> Option<Personal<String>> {
        Some("Ana Silva".into())
    }

    fn holder(&self, _: SessionId) -> Option<OperatorId> {
        Some(ANA)
    }

    fn session(&self, _: SessionId) -> Option<String> {
        Some("Printer".to_owned())
    }

    fn token(&self, _: Uuid) -> Option<String> {
        Some("collector".to_owned())
    }
}

/// Nothing is known.
struct Nobody;

impl Names for Nobody {
    fn operator(&self, _: OperatorId) -> Option<Personal<String>> {
        None
    }
}

/// Every event, and what is told about its sample.
const TOLD: &[(&str, &str)] = &[
    ("Created", "The session was created."),
    ("InvitationSent", "The invitation was sent to ida@example.org."),
    (
        "Joined",
        "The user joined from “DESK-7”, signed in as “ida”, with Debian 12 (all as the computer \
         says).",
    ),
    ("ApprovalRequested", "Ana Silva asked to see the screen and use mouse and keyboard."),
    ("ApprovalCancelled", "Ana Silva withdrew the request."),
    ("Rejected", "The user declined the request of Ana Silva."),
    ("ApprovalLapsed", "The user did not answer the request of Ana Silva."),
    ("Approved", "The user allowed Ana Silva to see the screen and use mouse and keyboard."),
    ("OperatorConnected", "Ana Silva connected."),
    ("ActionStarted", "Ana Silva started seeing the screen."),
    ("ActionStopped", "Ana Silva stopped seeing the screen."),
    ("ClipboardShared", "Ana Silva sent what was copied to the user: text, 312 bytes."),
    ("ExtensionRequested", "Ana Silva also asked to chat."),
    (
        "GrantExtended",
        "The user now allows Ana Silva to see the screen, use mouse and keyboard and chat.",
    ),
    ("ExtensionRefused", "The user did not allow Ana Silva to send and receive files."),
    ("GrantWithdrawn", "The user no longer allows Ana Silva to chat."),
    ("Paused", "The user paused the session."),
    ("Continued", "The user let the session go on."),
    ("AgentLost", "The connection to the user's computer broke."),
    ("AgentResumed", "The user's computer is connected again."),
    ("OperatorLeft", "Ana Silva left. The session stays available."),
    ("Ended", "The user ended the session."),
    ("AgentRemoved", "The agent removed one thing and had to leave “ticket”."),
    ("HeadSigned", "The user's computer signed the end of the record."),
    ("Expired", "The session expired: nobody connected in time."),
    ("InvitationCancelled", "The invitation was cancelled."),
    ("Invited", "A. Silva was invited as an operator."),
    ("Registered", "Ana Silva registered with ana@example.org."),
    ("RoleChanged", "Ana Silva is an auditor now."),
    ("PasswordChanged", "Ana Silva has another password."),
    ("SignedIn", "Ana Silva signed in from 192.0.2.9."),
    (
        "SignInRefused",
        "Somebody at 192.0.2.8 tried to sign in as Ana Silva, with a wrong password.",
    ),
    ("SignedOut", "Ana Silva signed out."),
    ("ControlEnrolled", "A Control on “desk” may act for Ana Silva from now on."),
    ("ControlRevoked", "A Control may no longer act for Ana Silva."),
    ("Disabled", "Ana Silva may no longer sign in."),
    ("Enabled", "Ana Silva may sign in again."),
    ("AuditViewed", "Ana Silva looked at the session “Printer”."),
    ("ListExported", "Ana Silva exported the audit log: 12 rows."),
    ("Opened", "The server was set up for Acme."),
    ("Renamed", "The company is called Acme & Co now."),
    (
        "JoinThrottled",
        "Whoever joins from 198.51.100.1 has to wait until 1970-01-01 00:15 UTC, after too many \
         wrong codes.",
    ),
    ("JoinReleased", "Whoever joins from 198.51.100.1 need not wait any longer."),
    ("Exported", "The session “Printer” was exported, with the names of one person readable."),
    (
        "SubjectErased",
        "What is personal about the operator 00000000-0000-0000-0000-000000000002 was erased: \
         Asked.",
    ),
    ("TokenIssued", "The API token “collector” may read the log from now on."),
    ("TokenUsed", "The API token “collector” was used, for the first time on this day."),
    ("TokenRevoked", "The API token “collector” is no longer good."),
    ("ServerStarted", "The server started, version 0.1.0."),
    ("ServerStopped", "The server stopped."),
    ("LogRestored", "The log was put back from a backup with 1204 events, and era 1 begins."),
];

#[test]
fn every_event_has_its_sentence() {
    let log = whole(Readable::Yes);
    let told: Vec<_> = (log.iter())
        .map(|event| (event.metadata().kind.as_str(), audit_sentence(event, &Known)))
        .collect();
    let told: Vec<_> = told.iter().map(|(kind, told)| (*kind, told.as_str())).collect();
    assert_eq!(told, TOLD);
    for (_, kind) in AuditLog::kinds() {
        assert_eq!(TOLD.iter().filter(|(told, _)| *told == kind).count(), 1, "{kind}");
    }
}

#[test]
fn what_is_erased_or_unknown_is_told_without() {
    let log = whole(Readable::No);
    let told = |kind: &str, names: &dyn Names| {
        let event = log.iter().find(|event| event.metadata().kind == kind).unwrap();
        audit_sentence(event, names)
    };
    for event in &log {
        let told = audit_sentence(event, &Nobody);
        assert!(told.ends_with('.') && !told.starts_with(char::is_lowercase), "{told}");
        assert!(!told.contains("Ana Silva"), "{told}");
    }
    assert_eq!(told("ActionStarted", &Nobody), "The operator started seeing the screen.");
    assert_eq!(
        told("Registered", &Known),
        "An operator whose name has been erased registered with an address that has been erased."
    );
    assert_eq!(
        told("TokenUsed", &Nobody),
        "An API token was used, for the first time on this day."
    );
    let id = session(1);
    assert_eq!(told("AuditViewed", &Nobody), format!("The operator looked at the session {id}."));
}

fn of_account(event: account::Event) -> String {
    let mut history = History::default();
    history.add(ACCOUNT.0, 0, Actor::SYSTEM, event);
    audit_sentence(&history.log()[0], &Known)
}

fn of_ana(event: operator::Event) -> String {
    let mut history = History::default();
    history.add(ANA.0, 0, Actor::operator(ANA), event);
    audit_sentence(&history.log()[0], &Known)
}

#[test]
fn an_export_says_what_left_and_who_can_be_read_in_it() {
    let exported = |session, names| {
        of_account(account::Event::Exported { export: Uuid::nil(), session, names })
    };
    assert_eq!(exported(None, Readers::None), "The whole log was exported, with no name readable.");
    assert_eq!(
        exported(None, Readers::All),
        "The whole log was exported, with every name readable."
    );
    let two = vec![Subject::user(session(1)), Subject::operator(ANA)];
    assert_eq!(
        exported(Some(session(1)), Readers::Some(two)),
        "The session “Printer” was exported, with the names of 2 people readable."
    );
    let list = |list, rows| of_ana(operator::Event::ListExported { list, rows });
    assert_eq!(list(List::SessionHistory, 1), "Ana Silva exported the session history: one row.");
    assert_eq!(list(List::WorkReport, 0), "Ana Silva exported the work report: no rows.");
}

#[test]
fn an_erasure_says_whose_without_a_name() {
    let reason = || "Asked.".to_owned();
    let erased = |subject| of_account(account::Event::SubjectErased { subject, reason: reason() });
    assert_eq!(
        erased(Subject::user(session(1))),
        "What is personal about the user in the session “Printer” was erased: Asked."
    );
    assert_eq!(
        erased(Subject::address(Uuid::nil())),
        "What is personal about one network address was erased: Asked."
    );
    let viewed = of_ana(operator::Event::AuditViewed { session: None });
    assert_eq!(viewed, "Ana Silva looked at the audit log.");
}
