//! How a session's state follows from its events.

use super::{Event, InForce, Phase, Refusals, Request, Session, Suspended};
use crate::{Action, ActionSet, Statement, Timestamp};

impl Session {
    pub(super) fn fold(mut self, event: &Event) -> Self {
        self.events += 1;
        match event {
            Event::Created { session, operator, expires, .. } => {
                self.phase = Phase::Created;
                self.id = Some(*session);
                self.operator = Some(*operator);
                self.deadline = *expires;
            }
            Event::InvitationSent { .. }
            | Event::OperatorConnected { .. }
            | Event::ClipboardShared { .. } => {}
            Event::InvitationCancelled {} => self.close(Phase::Ended),
            Event::Ended { by, why, .. } => {
                self.close(Phase::Ended);
                self.ended = Some((*by, *why));
            }
            Event::Expired { .. } => self.close(Phase::Expired),
            Event::Joined { agent, wait_until, .. } => {
                self.phase = Phase::Available;
                self.agent = Some(*agent);
                self.deadline = *wait_until;
            }
            Event::ApprovalRequested {
                request,
                operator,
                control,
                actions,
                continues,
                lapses,
                ..
            } => {
                self.phase = Phase::Requested;
                self.requests = *request;
                self.request = Some(Request {
                    number: *request,
                    operator: *operator,
                    control: *control,
                    actions: *actions,
                    continues: *continues,
                    lapses: *lapses,
                });
                if !continues {
                    self.suspended = None;
                }
            }
            Event::ApprovalCancelled { .. } => self.back_to_available(),
            Event::Rejected { damped_until, .. } | Event::ApprovalLapsed { damped_until, .. } => {
                self.refused(*damped_until);
            }
            Event::Approved { n, actions, until, statement, .. } => {
                if let Some(request) = self.request.take() {
                    self.grant = Some(InForce {
                        n: *n,
                        operator: request.operator,
                        control: request.control,
                        actions: *actions,
                        until: *until,
                        statement: statement.clone(),
                    });
                }
                self.controlled = self.grant.as_ref().map(|grant| grant.control.ed25519);
                self.phase = Phase::Active;
                self.granted = *n;
                self.refusals = Refusals::default();
                self.suspended = None;
            }
            Event::ActionStarted { action } => {
                self.running = self.running.with(*action);
                self.has_shared |= *action == Action::Clipboard;
            }
            Event::ActionStopped { action, .. } => self.running = self.running.without(*action),
            Event::ExtensionRequested { actions } => self.extension = Some(*actions),
            Event::ExtensionRefused { .. } => self.extension = None,
            Event::GrantExtended { n, actions, until, statement } => {
                self.extension = None;
                self.regranted(*n, *actions, Some(*until), statement);
            }
            Event::GrantWithdrawn { n, actions, statement, .. } => {
                self.regranted(*n, *actions, None, statement);
            }
            Event::Paused {} => self.paused = true,
            Event::Continued {} => self.paused = false,
            Event::OperatorLeft { continue_until, .. } => {
                self.suspended = self.grant.take().map(|grant| Suspended {
                    control: grant.control,
                    actions: grant.actions,
                    operator: grant.operator,
                    until: *continue_until,
                });
                // Whoever comes back in time must find the session.
                self.deadline = self.deadline.max(*continue_until);
                self.back_to_available();
            }
            Event::AgentLost { until } => self.lost_until = Some(*until),
            Event::AgentResumed {} => self.lost_until = None,
            Event::AgentRemoved { .. } => self.removed = true,
            Event::HeadSigned { by, .. } => {
                self.signed.insert(*by);
            }
        }
        self
    }

    fn close(&mut self, phase: Phase) {
        self.back_to_available();
        self.phase = phase;
        self.closed = self.events.checked_sub(1);
        self.lost_until = None;
        self.suspended = None;
    }

    fn back_to_available(&mut self) {
        self.phase = Phase::Available;
        self.request = None;
        self.grant = None;
        self.running = ActionSet::EMPTY;
        self.extension = None;
        self.paused = false;
    }

    fn refused(&mut self, damped_until: Option<Timestamp>) {
        let of = self.request.as_ref().map_or(ActionSet::EMPTY, |request| request.actions);
        let count = if self.refusals.of == of { self.refusals.count + 1 } else { 1 };
        self.refusals = Refusals { count, of, damped_until };
        self.suspended = None;
        self.back_to_available();
    }

    fn regranted(
        &mut self,
        n: u32,
        actions: ActionSet,
        until: Option<Timestamp>,
        said: &Statement,
    ) {
        self.granted = n;
        if let Some(grant) = &mut self.grant {
            grant.n = n;
            grant.actions = actions;
            grant.until = until.unwrap_or(grant.until);
            grant.statement = said.clone();
            self.running = self.running.and(actions);
        }
    }
}
