//! The signed answer to an approval.

use serde::{Deserialize, Serialize};

use crate::{
    Action, ActionSet, OperatorId, PublicKey, SessionId, Statement, StatementError, Timestamp,
};

/// What the agent allows, to whom and until when: the statement inside Approved,
/// `GrantExtended` and `GrantWithdrawn`. The highest `n` counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The version of this document: 1.
    pub v: u8,
    /// The session it belongs to.
    pub session: SessionId,
    /// The operator it is for.
    pub operator: OperatorId,
    /// The Ed25519 key of that operator's Control.
    pub control: PublicKey,
    /// What is allowed.
    pub actions: ActionSet,
    /// When it ends by itself.
    pub until: Timestamp,
    /// Grows by one with every change within a session.
    pub n: u32,
    /// Further limits; none are defined yet.
    pub limits: Limits,
}

/// Limits of a grant: an empty object for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {}

/// Why a grant is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// The statement around it is wrong.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The signed bytes are no grant of version 1.
    #[error("the signed bytes are not a grant of version 1")]
    Unreadable,
    /// It belongs to another session.
    #[error("the grant belongs to another session")]
    OtherSession,
}

impl Grant {
    /// The only version there is.
    pub const VERSION: u8 = 1;

    /// Signs this grant with the agent's key.
    pub fn sign(&self, pair: &ring::signature::Ed25519KeyPair) -> Statement {
        Statement::sign(&serde_json::to_vec(self).unwrap_or_default(), pair)
    }

    /// Reads the grant in `statement`, signed by `agent` for `session`.
    pub fn open(
        statement: &Statement,
        agent: &PublicKey,
        session: SessionId,
    ) -> Result<Self, GrantError> {
        let bytes = statement.open(agent)?;
        let grant: Self = serde_json::from_slice(&bytes).map_err(|_| GrantError::Unreadable)?;
        // One grant has one spelling: whoever verifies the log may compare bytes.
        let same = serde_json::to_vec(&grant).is_ok_and(|written| written == bytes);
        if grant.v != Self::VERSION || grant.actions != grant.actions.complete() || !same {
            return Err(GrantError::Unreadable);
        }
        if grant.session != session {
            return Err(GrantError::OtherSession);
        }
        Ok(grant)
    }

    /// Whether `action` is allowed at `now`.
    pub fn allows(&self, action: Action, now: Timestamp) -> bool {
        self.actions.contains(action) && now < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::Ed25519KeyPair;
    use uuid::Uuid;

    fn grant() -> Grant {
        Grant {
            v: 1,
            session: SessionId(Uuid::from_u128(1)),
            operator: OperatorId(Uuid::from_u128(2)),
            control: PublicKey([3; 32]),
            actions: [Action::Control].into_iter().collect(),
            until: Timestamp::from_micros(10),
            n: 1,
            limits: Limits {},
        }
    }

    #[test]
    fn a_grant_has_these_bytes() {
        let json = serde_json::to_string(&grant()).unwrap();
        let key = "03".repeat(32);
        assert_eq!(
            json,
            format!(
                "{{\"v\":1,\"session\":\"00000000-0000-0000-0000-000000000001\",\
                 \"operator\":\"00000000-0000-0000-0000-000000000002\",\"control\":\"{key}\",\
                 \"actions\":[\"view\",\"control\"],\"until\":\"1970-01-01T00:00:00.000010Z\",\
                 \"n\":1,\"limits\":{{}}}}"
            )
        );
    }

    #[test]
    fn a_grant_of_control_without_view_is_not_believed() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
        let view = [Action::View].into_iter().collect();
        let torn = Grant { actions: grant().actions.minus(view), ..grant() }.sign(&pair);
        let opened = Grant::open(&torn, &torn.key(), grant().session);
        assert_eq!(opened, Err(GrantError::Unreadable));
    }

    #[test]
    fn a_grant_has_one_spelling() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
        let json = serde_json::to_string(&grant()).unwrap();
        let read = |json: &str| {
            let statement = Statement::sign(json.as_bytes(), &pair);
            Grant::open(&statement, &statement.key(), grant().session)
        };
        assert!(read(&json).is_ok());
        for (from, to) in [
            (r#"["view","control"]"#, r#"["control","view"]"#),
            (r#""v":1,"#, r#""v": 1,"#),
            (r#""view""#, r#"{"view":null}"#),
            ("00000000-0000-0000-0000-000000000001", "{00000000-0000-0000-0000-000000000001}"),
            ("1970-01-01T", "\\u0031970-01-01T"),
        ] {
            let other = json.replace(from, to);
            assert_ne!(other, json);
            assert_eq!(read(&other), Err(GrantError::Unreadable), "{other}");
        }
    }

    #[test]
    fn a_grant_counts_for_its_session_its_key_and_its_time_only() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
        let signed = grant().sign(&pair);
        let read = Grant::open(&signed, &signed.key(), grant().session).unwrap();
        assert_eq!(read, grant());
        assert!(read.allows(Action::View, Timestamp::from_micros(9)), "control implies view");
        assert!(!read.allows(Action::View, Timestamp::from_micros(10)), "it has ended");
        assert!(!read.allows(Action::Files, Timestamp::from_micros(9)), "not asked for");
        let other = SessionId(Uuid::from_u128(9));
        assert_eq!(Grant::open(&signed, &signed.key(), other), Err(GrantError::OtherSession));
    }
}
