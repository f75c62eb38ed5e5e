//! API tokens: what opens the log for a program, until it is revoked.

use beckon_events::Timestamp;
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::secret::{Secret, hash};
use super::{Vault, VaultError};

/// What every token begins with, so that one that went astray is recognised.
pub const TOKEN_PREFIX: &str = "beckon_";

/// A token that is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id, which is no secret.
    pub id: Uuid,
    /// When its use was recorded last.
    pub used: Option<Timestamp>,
}

impl Vault {
    /// A new token; only its hash is kept.
    pub fn issue_token(&self, id: Uuid) -> Result<Secret, VaultError> {
        let token = Secret::with_prefix(TOKEN_PREFIX, &self.0.random);
        let params = params![id.as_bytes(), hash(token.as_str())];
        let sql = "INSERT INTO api_tokens (id, hash) VALUES (?, ?)";
        self.change(|t| t.execute(sql, params))?;
        Ok(token)
    }

    /// The token that somebody shows, where it is in force.
    pub fn api_token(&self, shown: &str) -> Result<Option<ApiToken>, VaultError> {
        self.find_token("SELECT id, used FROM api_tokens WHERE hash = ?", &hash(shown))
    }

    /// The token with this id, where it is in force.
    pub fn token_with(&self, id: Uuid) -> Result<Option<ApiToken>, VaultError> {
        self.find_token("SELECT id, used FROM api_tokens WHERE id = ?", id.as_bytes())
    }

    fn find_token(&self, sql: &str, by: &[u8]) -> Result<Option<ApiToken>, VaultError> {
        self.look(|c| {
            let mut found = c.prepare_cached(sql)?;
            let row = found.query_row([by], |row| {
                let used = row.get::<_, Option<i64>>(1)?.map(Timestamp::from_micros);
                Ok(ApiToken { id: Uuid::from_bytes(row.get(0)?), used })
            });
            row.optional()
        })
    }

    /// Keeps that its use was recorded.
    pub fn token_used(&self, id: Uuid, at: Timestamp) -> Result<(), VaultError> {
        let sql = "UPDATE api_tokens SET used = ? WHERE id = ?";
        self.change(|t| t.execute(sql, params![at.micros(), id.as_bytes()])).map(drop)
    }

    /// Nobody gets in by it any more; whether somebody could.
    pub fn drop_token(&self, id: Uuid) -> Result<bool, VaultError> {
        let sql = "DELETE FROM api_tokens WHERE id = ?";
        self.change(|t| t.execute(sql, [id.as_bytes()])).map(|dropped| dropped > 0)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::clock::Random;
    use crate::data_folder::Pepper;

    fn open(folder: &Path) -> Vault {
        let pepper = Pepper::new(&[7; 32]);
        Vault::open(&folder.join("vault.db"), &pepper, &Random::new()).unwrap()
    }

    #[test]
    fn a_token_opens_until_it_is_dropped_and_is_not_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let vault = open(folder.path());
        let (id, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let token = vault.issue_token(id).unwrap();
        vault.issue_token(other).unwrap();
        assert!(token.as_str().starts_with("beckon_") && token.as_str().len() == 50);
        assert_eq!(vault.api_token(token.as_str()).unwrap(), Some(ApiToken { id, used: None }));
        assert_eq!(vault.token_with(id).unwrap(), Some(ApiToken { id, used: None }));
        assert_eq!(vault.api_token("beckon_").unwrap(), None);
        let at = Timestamp::from_micros(7);
        vault.token_used(id, at).unwrap();
        drop(vault);
        let vault = open(folder.path());
        let found = vault.api_token(token.as_str()).unwrap();
        assert_eq!(found, Some(ApiToken { id, used: Some(at) }));
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            let secret = token.as_str().as_bytes();
            assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        }
        assert!(vault.drop_token(id).unwrap());
        assert_eq!(vault.api_token(token.as_str()).unwrap(), None);
        assert_eq!(vault.token_with(id).unwrap(), None);
        assert!(!vault.drop_token(id).unwrap());
    }
}
