//! What agent and Control are told about an event: a pure function of it.

use beckon_events::Timestamp;
use beckon_events::session::{Event, Session};
use beckon_protocol::{Base64, SignedCertificate, ToAgent, ToControl};

/// What becomes of the relay between agent and Control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelayAfter {
    /// It stays as it is.
    Keep,
    /// Both get tickets for a new one.
    Open,
    /// It is shut.
    Shut,
}

/// What is to be told.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    /// To the agent.
    pub agent: Option<ToAgent>,
    /// To Control.
    pub control: Option<ToControl>,
    /// The relay.
    pub relay: RelayAfter,
}

/// What the messages need beside the event.
pub struct Facts<'a> {
    /// The time.
    pub now: Timestamp,
    /// P, where a request is told of.
    pub policy: &'a dyn Fn() -> Vec<u8>,
    /// The certificate of the operator who asks.
    pub certificate: &'a dyn Fn(&beckon_events::session::Request, &str) -> SignedCertificate,
}

/// What `event` means for agent and Control.
pub fn of(event: &Event, facts: &Facts<'_>) -> Outcome {
    use RelayAfter::{Keep, Open, Shut};
    let told = |agent, control, relay| Outcome { agent, control, relay };
    match event {
        Event::Created { .. }
        | Event::InvitationSent { .. }
        | Event::InvitationCancelled {}
        | Event::Joined { .. }
        | Event::OperatorConnected { .. }
        | Event::ActionStarted { .. }
        | Event::ActionStopped { .. }
        | Event::ClipboardShared { .. }
        // Its connection answers, also where it says so a second time.
        | Event::AgentRemoved { .. }
        | Event::HeadSigned { .. } => told(None, None, Keep),
        Event::ApprovalRequested {
            request,
            operator,
            operator_name,
            control,
            actions,
            continues,
            lapses,
            ..
        } => {
            let asked = beckon_events::session::Request {
                number: *request,
                operator: *operator,
                control: *control,
                actions: *actions,
                continues: *continues,
                lapses: *lapses,
            };
            let lapse_seconds = lapses.since(facts.now).as_secs();
            told(
                Some(asked_again(&asked, operator_name.or("operator"), facts)),
                Some(ToControl::Asked { request: *request, lapse_seconds }),
                Open,
            )
        }
        Event::ApprovalCancelled { request } => told(
            Some(ToAgent::Withdrawn { request: *request }),
            Some(ToControl::Cancelled {}),
            Shut,
        ),
        Event::Approved { n, statement, .. } => told(
            Some(ToAgent::Recorded { n: *n }),
            Some(ToControl::Approved { statement: statement.clone() }),
            Keep,
        ),
        Event::Rejected { .. } => told(None, Some(ToControl::Rejected {}), Shut),
        Event::ApprovalLapsed { request, .. } => {
            told(Some(ToAgent::Lapsed { request: *request }), Some(ToControl::Lapsed {}), Shut)
        }
        Event::ExtensionRequested { actions } => {
            told(Some(ToAgent::ExtensionAsked { actions: *actions }), None, Keep)
        }
        Event::GrantExtended { n, statement, .. } => told(
            Some(ToAgent::Recorded { n: *n }),
            Some(ToControl::Extended { statement: statement.clone() }),
            Keep,
        ),
        Event::ExtensionRefused { .. } => told(None, Some(ToControl::ExtensionRefused {}), Keep),
        Event::GrantWithdrawn { statement, .. } => {
            told(None, Some(ToControl::Withdrawn { statement: statement.clone() }), Keep)
        }
        Event::Paused {} => told(None, Some(ToControl::Paused {}), Keep),
        Event::Continued {} => told(None, Some(ToControl::Continued {}), Keep),
        Event::OperatorLeft { .. } => {
            told(Some(ToAgent::OperatorLeft {}), Some(ToControl::Left {}), Shut)
        }
        Event::AgentLost { .. } => told(None, Some(ToControl::AgentLost {}), Shut),
        Event::AgentResumed {} => told(None, Some(ToControl::AgentResumed {}), Keep),
        Event::Ended { by, why, .. } => told(
            Some(ToAgent::Ended { by: *by, why: *why }),
            Some(ToControl::Ended { by: *by, why: *why }),
            Shut,
        ),
        Event::Expired { .. } => told(Some(ToAgent::Expired {}), Some(ToControl::Expired {}), Shut),
    }
}

/// The question as the agent gets it, also when it comes back while it waits.
pub fn asked_again(
    request: &beckon_events::session::Request,
    operator_name: &str,
    facts: &Facts<'_>,
) -> ToAgent {
    ToAgent::Asked {
        request: request.number,
        policy: Base64((facts.policy)()),
        certificate: (facts.certificate)(request, operator_name),
        actions: request.actions,
        continues: request.continues,
        lapse_seconds: request.lapses.since(facts.now).as_secs(),
    }
}

/// Whether agent and Control have something to say to each other through the relay.
pub fn wants_relay(session: &Session) -> bool {
    session.request().is_some() || session.grant().is_some()
}
