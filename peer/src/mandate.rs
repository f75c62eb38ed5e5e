//! Control's view of what it may do.

use beckon_events::{Action, Grant, GrantError, PublicKey, SessionId, Statement, Timestamp};

/// The newest grant that the agent signed for this Control: what may be offered to the operator.
#[derive(Clone, Debug)]
pub struct Mandate {
    agent: PublicKey,
    session: SessionId,
    control: PublicKey,
    grant: Option<Grant>,
}

/// Why a grant is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MandateError {
    /// The agent did not sign it for this session.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// It is for another Control.
    #[error("the grant is for another Control")]
    OtherControl,
    /// A newer one is known, or another one with the same number.
    #[error("the grant is out of date")]
    Stale,
}

/// Reads a grant that `agent` signed for `session` and the Control with the Ed25519 key
/// `control`.
pub fn verify_grant(
    statement: &Statement,
    agent: &PublicKey,
    session: SessionId,
    control: &PublicKey,
) -> Result<Grant, MandateError> {
    let grant = Grant::open(statement, agent, session)?;
    if grant.control != *control {
        return Err(MandateError::OtherControl);
    }
    Ok(grant)
}

impl Mandate {
    /// Nothing is granted yet by `agent` to `control` (Ed25519 keys) in `session`.
    pub fn new(agent: PublicKey, session: SessionId, control: PublicKey) -> Self {
        Self { agent, session, control, grant: None }
    }

    /// Takes a grant, if it is one and not older than the one known.
    pub fn accept(&mut self, statement: &Statement) -> Result<&Grant, MandateError> {
        let grant = verify_grant(statement, &self.agent, self.session, &self.control)?;
        let stale = self
            .grant
            .as_ref()
            .is_some_and(|known| grant.n < known.n || (grant.n == known.n && grant != *known));
        if stale {
            return Err(MandateError::Stale);
        }
        Ok(self.grant.insert(grant))
    }

    /// The newest grant, whether or not its time is over.
    pub fn grant(&self) -> Option<&Grant> {
        self.grant.as_ref()
    }

    /// Whether `action` is allowed at `now`.
    pub fn allows(&self, action: Action, now: Timestamp) -> bool {
        self.grant.as_ref().is_some_and(|grant| grant.allows(action, now))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use beckon_events::{Limits, OperatorId};
    use uuid::Uuid;

    use super::*;
    use crate::identity::tests::fixed;

    const SESSION: SessionId = SessionId(Uuid::from_u128(1));
    pub(crate) fn at() -> Timestamp {
        Timestamp::from_micros(1_795_334_400_000_000)
    }

    /// Grant number `n` of `actions` to the Control of seed 2, until an hour after [`at`].
    pub(crate) fn grant(n: u32, actions: &[Action]) -> Grant {
        Grant {
            v: Grant::VERSION,
            session: SESSION,
            operator: OperatorId(Uuid::from_u128(2)),
            control: fixed(2).ed25519_public(),
            actions: actions.iter().copied().collect(),
            until: at().plus(Duration::from_hours(1)),
            n,
            limits: Limits::default(),
        }
    }

    fn mandate() -> Mandate {
        Mandate::new(fixed(1).ed25519_public(), SESSION, fixed(2).ed25519_public())
    }

    #[test]
    fn a_grant_in_the_agents_hand_counts() {
        let mut mandate = mandate();
        assert!(!mandate.allows(Action::View, at()));
        mandate.accept(&fixed(1).grant(&grant(1, &[Action::View]))).unwrap();
        assert!(mandate.allows(Action::View, at()));
        assert!(!mandate.allows(Action::Control, at()));
    }

    #[test]
    fn a_grant_in_another_hand_or_for_another_control_or_session_is_refused() {
        let mut mandate = mandate();
        let one = grant(1, &[Action::View]);
        let forged = mandate.accept(&fixed(3).grant(&one)).unwrap_err();
        assert!(matches!(forged, MandateError::Grant(GrantError::Statement(_))), "{forged}");
        let mut other = one.clone();
        other.control = fixed(3).ed25519_public();
        let refused = mandate.accept(&fixed(1).grant(&other)).unwrap_err();
        assert_eq!(refused, MandateError::OtherControl);
        let mut other = one;
        other.session = SessionId(Uuid::from_u128(9));
        let refused = mandate.accept(&fixed(1).grant(&other)).unwrap_err();
        assert_eq!(refused, MandateError::Grant(GrantError::OtherSession));
        assert_eq!(mandate.grant(), None);
    }

    #[test]
    fn the_highest_number_counts_and_the_same_grant_twice_is_no_fault() {
        let mut mandate = mandate();
        let two = fixed(1).grant(&grant(2, &[Action::View]));
        mandate.accept(&two).unwrap();
        mandate.accept(&two).unwrap();
        let older = fixed(1).grant(&grant(1, &[Action::Control]));
        assert_eq!(mandate.accept(&older).unwrap_err(), MandateError::Stale);
        let same_number = fixed(1).grant(&grant(2, &[Action::Control]));
        assert_eq!(mandate.accept(&same_number).unwrap_err(), MandateError::Stale);
        assert!(!mandate.allows(Action::Control, at()));
        mandate.accept(&fixed(1).grant(&grant(3, &[]))).unwrap();
        assert!(!mandate.allows(Action::View, at()), "withdrawn by a newer grant");
    }
}
