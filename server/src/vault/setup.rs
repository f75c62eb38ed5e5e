//! Setup links: how somebody gets a first password, once, in one browser.

use std::time::Duration;

use beckon_events::{OperatorId, Timestamp};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use uuid::Uuid;

use super::secret::{Secret, hash};
use super::{Vault, VaultError};

/// A setup link that a browser has opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupClaim {
    /// Who is to be set up.
    pub operator: OperatorId,
    /// What that browser alone has from now on, for a cookie.
    pub browser: Secret,
}

impl Vault {
    /// A new token for a setup link; an earlier one of the same operator is void.
    pub fn issue_setup(
        &self,
        operator: OperatorId,
        lifetime: Duration,
        now: Timestamp,
    ) -> Result<Secret, VaultError> {
        let token = Secret::new(&self.0.random);
        let (hash, ends) = (hash(token.as_str()), now.plus(lifetime).micros());
        self.change(|t| {
            t.execute("DELETE FROM setups WHERE operator = ?", [operator.0.as_bytes()])?;
            let sql = "INSERT INTO setups (operator, token, ends) VALUES (?, ?, ?)";
            t.execute(sql, params![operator.0.as_bytes(), hash, ends])
        })?;
        Ok(token)
    }

    /// Opens a setup link: only the first browser gets it.
    pub fn claim_setup(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<SetupClaim>, VaultError> {
        let browser = Secret::new(&self.0.random);
        let sql = "UPDATE setups SET browser = ? \
             WHERE token = ? AND browser IS NULL AND ends > ? RETURNING operator";
        let params = params![hash(browser.as_str()), hash(token), now.micros()];
        let operator = self.change(|t| t.query_row(sql, params, operator).optional())?;
        Ok(operator.map(|operator| SetupClaim { operator, browser }))
    }

    /// Whom this browser is about to set up.
    pub fn setup_of(
        &self,
        browser: &str,
        now: Timestamp,
    ) -> Result<Option<OperatorId>, VaultError> {
        let sql = "SELECT operator FROM setups WHERE browser = ? AND ends > ?";
        let params = params![hash(browser), now.micros()];
        self.look(|c| c.query_row(sql, params, operator).optional())
    }

    /// Uses the setup link up: nobody gets in by it again.
    pub fn finish_setup(
        &self,
        browser: &str,
        now: Timestamp,
    ) -> Result<Option<OperatorId>, VaultError> {
        let sql = "DELETE FROM setups WHERE browser = ? AND ends > ? RETURNING operator";
        let params = params![hash(browser), now.micros()];
        self.change(|t| t.query_row(sql, params, operator).optional())
    }
}

pub(super) fn sweep(t: &Transaction<'_>, now: Timestamp) -> rusqlite::Result<()> {
    t.execute("DELETE FROM setups WHERE ends <= ?", [now.micros()]).map(drop)
}

fn operator(row: &Row<'_>) -> rusqlite::Result<OperatorId> {
    row.get(0).map(|bytes| OperatorId(Uuid::from_bytes(bytes)))
}
