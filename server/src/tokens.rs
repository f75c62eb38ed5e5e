//! API tokens: made and revoked by the administrator, each use of a day recorded before it counts.

use std::collections::BTreeSet;
use std::sync::Arc;

use beckon_events::Timestamp;
use beckon_events::account::{Command, Scope};
use beckon_events::envelope::Actor;
use tokio::sync::watch;
use uuid::Uuid;

use crate::dispatch::DispatchError;
use crate::hub::Hub;
use crate::text;
use crate::vault::{ApiToken, Secret, Vault};

/// Microseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// The tokens that were revoked since the server started; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Tokens(Arc<watch::Sender<BTreeSet<Uuid>>>);

impl Tokens {
    /// Hears of every token that is revoked.
    pub fn revoked(&self) -> watch::Receiver<BTreeSet<Uuid>> {
        self.0.subscribe()
    }
}

impl Hub {
    /// A new token that opens the log, and its id.
    pub async fn issue_token(&self, label: &str) -> Result<(Uuid, Secret), DispatchError> {
        let token = self.random.uuid();
        let command = Command::IssueToken { token, label: label.to_owned(), scope: Scope::LogRead };
        let done = self.account(self.own(Actor::SYSTEM), command).await?;
        let secret = self.in_vault(move |vault| vault.issue_token(token)).await?;
        self.reached(&done).await;
        Ok((token, secret))
    }

    /// Revokes a token: it opens nothing any more, and whoever reads by it is cut off.
    pub async fn revoke_token(&self, token: Uuid) -> Result<(), DispatchError> {
        let again = self.views.read(|models| {
            let mut tokens = models.account.tokens().iter();
            tokens.any(|row| row.token == token && row.revoked.is_some())
        });
        // First what can be undone least: if it cannot be recorded now, it can be asked again.
        self.in_vault(move |vault| vault.drop_token(token)).await?;
        self.tokens.0.send_modify(|revoked| {
            revoked.insert(token);
        });
        if again {
            return Err(DispatchError::Rejected(text::TOKEN_REVOKED_BEFORE.to_owned()));
        }
        let done = self.account(self.own(Actor::SYSTEM), Command::RevokeToken { token }).await?;
        self.reached(&done).await;
        Ok(())
    }

    /// The token that somebody shows, where it is in force. Its first use of a day is recorded
    /// before this answers.
    pub async fn admit_token(&self, shown: &str) -> Result<Option<Uuid>, DispatchError> {
        let Some(found) = self.token_shown(shown).await? else { return Ok(None) };
        if self.day_of_use(found).is_none() {
            self.use_token(found.id).await?;
        }
        Ok(Some(found.id))
    }

    /// The token that somebody shows, where it is in force.
    pub(crate) async fn token_shown(&self, shown: &str) -> Result<Option<ApiToken>, DispatchError> {
        let shown = zeroize::Zeroizing::new(shown.to_owned());
        self.in_vault(move |vault| vault.api_token(&shown)).await
    }

    /// The token with this id, where it is in force.
    pub(crate) async fn token_with(&self, id: Uuid) -> Result<Option<ApiToken>, DispatchError> {
        self.in_vault(move |vault| vault.token_with(id)).await
    }

    /// Today as [`day`] counts, where the use of the token on it is recorded already.
    pub(crate) fn day_of_use(&self, token: ApiToken) -> Option<i64> {
        let today = day(self.journal.now());
        token.used.is_some_and(|used| day(used) == today).then_some(today)
    }

    /// Records that the token is used today; which day that is, as [`day`] counts.
    pub(crate) async fn use_token(&self, token: Uuid) -> Result<i64, DispatchError> {
        let now = self.journal.now();
        let today = day(now);
        let source = self.policy(&format!("use of the token {token} on day {today}"));
        self.account(source, Command::UseToken { token }).await?;
        self.in_vault(move |vault: &Vault| vault.token_used(token, now)).await?;
        Ok(today)
    }

    /// Every token with what is known of it, on one line each.
    pub fn list_tokens(&self) -> String {
        self.views.read(|models| {
            let lines: Vec<_> = models.account.tokens().iter().map(text::token_line).collect();
            if lines.is_empty() { text::NO_TOKENS.to_owned() } else { lines.join("\n") }
        })
    }
}

/// The day of a moment, counted from 1970 (UTC).
pub(crate) fn day(at: Timestamp) -> i64 {
    at.micros().div_euclid(DAY)
}
