//! API tokens: made and revoked by the administrator, each use of a day recorded before it counts.

use std::collections::BTreeSet;
use std::sync::Arc;

use beckon_events::account::{Command, Scope};
use beckon_events::envelope::Actor;
use tokio::sync::watch;
use uuid::Uuid;

use crate::dispatch::DispatchError;
use crate::hub::Hub;
use crate::text;
use crate::vault::{Secret, Vault};

/// The longest label, in characters.
const LABEL_MAX: usize = 64;
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
        let label = label.trim().to_owned();
        let is_plain = !label.chars().any(char::is_control);
        if !is_plain || !(1..=LABEL_MAX).contains(&label.chars().count()) {
            return Err(DispatchError::Rejected(text::TOKEN_LABEL_WRONG.to_owned()));
        }
        let token = self.random.uuid();
        let command = Command::IssueToken { token, label, scope: Scope::LogRead };
        let done = self.account(self.own(Actor::SYSTEM), command).await?;
        let secret = self.in_vault(move |vault| vault.issue_token(token)).await?;
        self.reached(&done).await;
        Ok((token, secret))
    }

    /// Revokes a token: it opens nothing any more, and whoever reads by it is cut off.
    pub async fn revoke_token(&self, token: Uuid) -> Result<(), DispatchError> {
        // First what can be undone least: if it cannot be recorded now, it can be asked again.
        self.in_vault(move |vault| vault.drop_token(token)).await?;
        self.tokens.0.send_modify(|revoked| {
            revoked.insert(token);
        });
        let done = self.account(self.own(Actor::SYSTEM), Command::RevokeToken { token }).await?;
        self.reached(&done).await;
        Ok(())
    }

    /// The token that somebody shows, where it is in force. Its first use of a day is recorded
    /// before this answers.
    pub async fn admit_token(&self, shown: &str) -> Result<Option<Uuid>, DispatchError> {
        let shown = zeroize::Zeroizing::new(shown.to_owned());
        let Some(found) = self.in_vault(move |vault| vault.api_token(&shown)).await? else {
            return Ok(None);
        };
        let (token, now) = (found.id, self.journal.now());
        let today = now.micros().div_euclid(DAY);
        if found.used.is_some_and(|used| used.micros().div_euclid(DAY) == today) {
            return Ok(Some(token));
        }
        let source = self.policy(&format!("use of the token {token} on day {today}"));
        self.account(source, Command::UseToken { token }).await?;
        self.in_vault(move |vault: &Vault| vault.token_used(token, now)).await?;
        Ok(Some(token))
    }

    /// Every token with what is known of it, on one line each.
    pub fn list_tokens(&self) -> String {
        self.views.read(|models| {
            let lines: Vec<_> = models.account.tokens().iter().map(text::token_line).collect();
            if lines.is_empty() { text::NO_TOKENS.to_owned() } else { lines.join("\n") }
        })
    }
}
