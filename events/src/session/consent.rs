//! The rules of asking, answering and taking back.

use super::decide::{Decided, one};
use super::{
    Command, DAMPED_FOR, Event, FULL_AT, GRANT_MAX, InForce, Phase, REFUSALS, Rejection,
    START_BEFORE, Session, StopReason,
};
use crate::{ActionSet, Grant, Statement, Timestamp};

impl Session {
    pub(super) fn request_approval(&self, command: Command) -> Decided {
        let Command::RequestApproval {
            operator,
            operator_name,
            control,
            actions,
            now,
            lapses,
            damped,
        } = command
        else {
            return Err(Rejection::NotNow);
        };
        let actions = actions.complete();
        self.require(Phase::Available)?;
        if self.operator != Some(operator) {
            return Err(Rejection::NotYours);
        }
        if actions.is_empty() {
            return Err(Rejection::NothingAsked);
        }
        if self.agent_is_lost() {
            return Err(Rejection::AgentAway);
        }
        let same = self.refusals.of == actions;
        if same && self.refusals.damped_until.is_some_and(|until| now < until) {
            return Err(Rejection::Damped);
        }
        if self.events >= FULL_AT {
            return Err(Rejection::Full);
        }
        let continues = self.suspended.as_ref().is_some_and(|left| {
            left.control == control
                && left.operator == operator
                && left.actions.contains_all(actions)
                && now < left.until
        });
        one(Event::ApprovalRequested {
            request: self.requests + 1,
            operator,
            operator_name,
            control,
            actions,
            continues,
            lapses,
            damped,
        })
    }

    pub(super) fn approve(&self, request: u32, statement: Statement, now: Timestamp) -> Decided {
        let waiting = self.answered(request)?;
        if now >= waiting.lapses {
            return Err(Rejection::TooLate);
        }
        let grant = self.granted_in(&statement)?;
        if grant.operator != waiting.operator || grant.control != waiting.control.ed25519 {
            return Err(Rejection::OtherRequest);
        }
        check_extent(grant.actions, waiting.actions, grant.until, now)?;
        one(Event::Approved {
            request,
            n: grant.n,
            actions: grant.actions,
            until: grant.until,
            statement,
        })
    }

    pub(super) fn damped_after(&self, refused: ActionSet, now: Timestamp) -> Option<Timestamp> {
        let before = if self.refusals.of == refused { self.refusals.count } else { 0 };
        (before + 1 >= REFUSALS).then(|| now.plus(DAMPED_FOR))
    }

    pub(super) fn request_extension(&self, actions: ActionSet) -> Decided {
        let grant = self.in_force()?;
        if self.agent_is_lost() {
            return Err(Rejection::AgentAway);
        }
        if self.extension.is_some() {
            return Err(Rejection::NotNow);
        }
        let more = actions.complete().minus(grant.actions);
        if more.is_empty() {
            return Err(Rejection::NothingAsked);
        }
        self.minor(Event::ExtensionRequested { actions: more })
    }

    pub(super) fn extend(&self, statement: Statement, now: Timestamp) -> Decided {
        let in_force = self.in_force()?;
        let asked = self.extension.ok_or(Rejection::OtherRequest)?;
        let grant = self.granted_in(&statement)?;
        same_holder(in_force, &grant)?;
        check_extent(grant.actions, in_force.actions.or(asked), grant.until, now)?;
        if !grant.actions.contains_all(in_force.actions) {
            return Err(Rejection::OtherRequest);
        }
        if grant.actions == in_force.actions {
            return Err(Rejection::NothingAsked);
        }
        one(Event::GrantExtended {
            n: grant.n,
            actions: grant.actions,
            until: grant.until,
            statement,
        })
    }

    pub(super) fn withdraw(&self, statement: Statement) -> Decided {
        let in_force = self.in_force()?;
        let grant = self.granted_in(&statement)?;
        same_holder(in_force, &grant)?;
        if !in_force.actions.contains_all(grant.actions) {
            return Err(Rejection::MoreThanAsked);
        }
        let withdrawn = in_force.actions.minus(grant.actions);
        if withdrawn.is_empty() {
            return Err(Rejection::NothingAsked);
        }
        let mut events: Vec<_> = (self.running.and(withdrawn).iter())
            .map(|action| Event::ActionStopped { action, why: StopReason::User })
            .collect();
        events.push(Event::GrantWithdrawn {
            n: grant.n,
            withdrawn,
            actions: grant.actions,
            statement,
        });
        Ok(events)
    }
}

fn same_holder(in_force: &InForce, grant: &Grant) -> Result<(), Rejection> {
    if grant.operator == in_force.operator && grant.control == in_force.control.ed25519 {
        Ok(())
    } else {
        Err(Rejection::OtherRequest)
    }
}

fn check_extent(
    given: ActionSet,
    asked: ActionSet,
    until: Timestamp,
    now: Timestamp,
) -> Result<(), Rejection> {
    if given.is_empty() {
        return Err(Rejection::NothingAsked);
    }
    if !asked.contains_all(given) {
        return Err(Rejection::MoreThanAsked);
    }
    if until <= now.plus(START_BEFORE) || until > now.plus(GRANT_MAX) {
        return Err(Rejection::TooLate);
    }
    Ok(())
}
