//! One sentence about every event of every stream.

use beckon_events::operator::{List, Role};
use beckon_events::{
    OperatorId, Personal, Recorded, RecordedEvent, SessionId, Subject, SubjectKind, Timestamp,
    account, node, operator, session,
};
use uuid::Uuid;

use super::{claimed, label, sentence, to_do, visible, within};
use crate::projection::stream_id;
use crate::{Roster, SessionTimeline};

/// What the sentences need to know besides the event itself. What is not known is told without.
pub trait Names {
    /// The name of this operator.
    fn operator(&self, id: OperatorId) -> Option<Personal<String>>;

    /// Whose session this is.
    fn holder(&self, _session: SessionId) -> Option<OperatorId> {
        None
    }

    /// What this session is called.
    fn session(&self, _session: SessionId) -> Option<String> {
        None
    }

    /// What this API token is for.
    fn token(&self, _token: Uuid) -> Option<String> {
        None
    }
}

impl Names for Roster {
    fn operator(&self, id: OperatorId) -> Option<Personal<String>> {
        self.get(id).map(|row| row.name.clone())
    }
}

/// What this event says by itself, in one sentence or two.
pub fn audit_sentence(event: &RecordedEvent, names: &dyn Names) -> String {
    capital(match event {
        RecordedEvent::Session(recorded) => of_session(recorded, names),
        RecordedEvent::Operator(recorded) => of_operator(recorded, names),
        RecordedEvent::Account(recorded) => of_account(&recorded.event, names),
        RecordedEvent::Node(recorded) => of_node(&recorded.event),
    })
}

/// The name of an operator within a sentence.
pub(super) fn called(id: Option<OperatorId>, names: &dyn Names) -> Personal<String> {
    let unknown = || Personal::from("the operator");
    let name = id.map_or_else(unknown, |id| names.operator(id).unwrap_or_else(unknown));
    match name {
        Personal::Known(name) => Personal::Known(label(&name)),
        Personal::Erased => Personal::Erased,
    }
}

fn of_session(recorded: &Recorded<session::Event>, names: &dyn Names) -> String {
    let id = stream_id(&recorded.metadata);
    let about = match &recorded.event {
        session::Event::OperatorConnected { operator, .. }
        | session::Event::OperatorLeft { operator, .. } => Some(*operator),
        session::Event::GrantExtended { actions, .. } => {
            // By itself it tells everything that is allowed, not what was added.
            let operator = called(id.and_then(|id| names.holder(id)), names);
            let actions = to_do(*actions);
            return format!("the user now allows {} to {actions}.", within(&operator));
        }
        session::Event::Created { .. }
        | session::Event::InvitationSent { .. }
        | session::Event::InvitationCancelled {}
        | session::Event::Joined { .. }
        | session::Event::ApprovalRequested { .. }
        | session::Event::ApprovalCancelled { .. }
        | session::Event::Approved { .. }
        | session::Event::Rejected { .. }
        | session::Event::ApprovalLapsed { .. }
        | session::Event::ActionStarted { .. }
        | session::Event::ActionStopped { .. }
        | session::Event::ClipboardShared { .. }
        | session::Event::ExtensionRequested { .. }
        | session::Event::ExtensionRefused { .. }
        | session::Event::GrantWithdrawn { .. }
        | session::Event::Paused {}
        | session::Event::Continued {}
        | session::Event::AgentLost { .. }
        | session::Event::AgentResumed {}
        | session::Event::Ended { .. }
        | session::Event::Expired { .. }
        | session::Event::AgentRemoved { .. }
        | session::Event::HeadSigned { .. } => id.and_then(|id| names.holder(id)),
    };
    sentence(&SessionTimeline::alone(&recorded.event, called(about, names)))
}

fn of_operator(recorded: &Recorded<operator::Event>, names: &dyn Names) -> String {
    use operator::Event;
    let id = stream_id(&recorded.metadata);
    let operator = called(id, names);
    let who = within(&operator);
    match &recorded.event {
        Event::Invited { name, role, .. } => {
            format!("{} was invited as {}.", shown(name), a_role(*role))
        }
        Event::Registered { name, email } => {
            format!("{} registered with {}.", shown(name), address(email))
        }
        Event::RoleChanged { role } => format!("{who} is {} now.", a_role(*role)),
        Event::PasswordChanged {} => format!("{who} has another password."),
        Event::SignedIn { address: from } => format!("{who} signed in from {}.", address(from)),
        Event::SignInRefused { address: from } => format!(
            "somebody at {} tried to sign in as {who}, with a wrong password.",
            address(from)
        ),
        Event::SignedOut {} => format!("{who} signed out."),
        Event::ControlEnrolled { device, .. } => {
            format!("a Control on {} may act for {who} from now on.", claimed(device))
        }
        Event::ControlRevoked { .. } => format!("a Control may no longer act for {who}."),
        Event::Disabled {} => format!("{who} may no longer sign in."),
        Event::Enabled {} => format!("{who} may sign in again."),
        Event::AuditViewed { session: None } => format!("{who} looked at the audit log."),
        Event::AuditViewed { session: Some(session) } => {
            format!("{who} looked at {}.", the_session(*session, names))
        }
        Event::ListExported { list, rows } => {
            let list = match list {
                List::AuditLog => "audit log",
                List::SessionHistory => "session history",
                List::WorkReport => "work report",
            };
            format!("{who} exported the {list}: {}.", counted(*rows, "row", "rows"))
        }
    }
}

fn of_account(event: &account::Event, names: &dyn Names) -> String {
    use account::Event;
    match event {
        Event::Opened { company, .. } => format!("the server was set up for {}.", label(company)),
        Event::Renamed { company } => format!("the company is called {} now.", label(company)),
        Event::JoinThrottled { source, until, .. } => format!(
            "whoever joins from {} has to wait until {}, after too many wrong codes.",
            address(source),
            utc(*until)
        ),
        Event::JoinReleased { source, .. } => {
            format!("whoever joins from {} need not wait any longer.", address(source))
        }
        Event::Exported { session, names: readable, .. } => {
            let what = session
                .map_or_else(|| "the whole log".to_owned(), |session| the_session(session, names));
            format!("{what} was exported, {}.", readable_names(readable))
        }
        Event::SubjectErased { subject, reason } => {
            let reason = visible(reason.trim_end_matches('.'), account::REASON_MAX);
            format!("what is personal about {} was erased: {reason}.", person(*subject, names))
        }
        Event::TokenIssued { label: of, scope: account::Scope::LogRead, .. } => {
            format!("the API token “{}” may read the log from now on.", label(of))
        }
        Event::TokenRevoked { token } => {
            format!("{} is no longer good.", api_token(*token, names))
        }
        Event::TokenUsed { token } => {
            format!("{} was used, for the first time on this day.", api_token(*token, names))
        }
    }
}

fn of_node(event: &node::Event) -> String {
    match event {
        node::Event::ServerStarted { build, era: 0, .. } => {
            format!("the server started, version {}.", label(build))
        }
        node::Event::ServerStarted { build, era, .. } => {
            format!("the server started, version {}, in era {era} of the log.", label(build))
        }
        node::Event::ServerStopped {} => "the server stopped.".to_owned(),
        node::Event::LogRestored { era, size, .. } => format!(
            "the log was put back from a backup with {}, and era {era} begins.",
            counted(*size, "event", "events")
        ),
    }
}

fn shown(name: &Personal<String>) -> String {
    name.known().map_or_else(|| within(name).to_owned(), |name| label(name))
}

fn address(address: &Personal<String>) -> String {
    label(address.or("an address that has been erased"))
}

fn the_session(id: SessionId, names: &dyn Names) -> String {
    names.session(id).map_or_else(
        || format!("the session {id}"),
        |name| format!("the session “{}”", label(&name)),
    )
}

fn api_token(token: Uuid, names: &dyn Names) -> String {
    names
        .token(token)
        .map_or_else(|| "an API token".to_owned(), |of| format!("the API token “{}”", label(&of)))
}

fn person(subject: Subject, names: &dyn Names) -> String {
    match subject.kind() {
        SubjectKind::User => {
            format!("the user in {}", the_session(SessionId(subject.id()), names))
        }
        SubjectKind::Operator => format!("the operator {}", subject.id()),
        SubjectKind::Address => "one network address".to_owned(),
    }
}

fn readable_names(names: &account::Names) -> String {
    match names {
        account::Names::None => "with no name readable".to_owned(),
        account::Names::Some(some) => {
            let people = u64::try_from(some.len()).unwrap_or(u64::MAX);
            format!("with the names of {} readable", counted(people, "person", "people"))
        }
        account::Names::All => "with every name readable".to_owned(),
    }
}

fn a_role(role: Role) -> &'static str {
    match role {
        Role::Admin => "an administrator",
        Role::Operator => "an operator",
        Role::Auditor => "an auditor",
    }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    match count {
        0 => format!("no {many}"),
        1 => format!("one {one}"),
        count => format!("{count} {many}"),
    }
}

/// A moment in UTC, to the minute.
fn utc(at: Timestamp) -> String {
    let iso = at.to_string();
    let (date, time) = (iso.get(..10), iso.get(11..16));
    format!("{} {} UTC", date.unwrap_or_default(), time.unwrap_or_default())
}

fn capital(sentence: String) -> String {
    let mut rest = sentence.chars();
    match rest.next() {
        Some(first) if first.is_lowercase() => first.to_uppercase().chain(rest).collect(),
        _ => sentence,
    }
}

#[cfg(test)]
mod tests;
