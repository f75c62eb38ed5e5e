//! Passwords: argon2id, and the same work for those who do not exist.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use beckon_events::OperatorId;
use rusqlite::{OptionalExtension, params};

use super::{Vault, VaultError};
use crate::clock::Random;

/// The fewest characters of a password.
pub const PASSWORD_MIN: usize = 12;
/// The most characters of a password.
pub const PASSWORD_MAX: usize = 128;

/// m = 19 MiB, t = 2, p = 1.
fn argon2() -> Result<Argon2<'static>, VaultError> {
    let params = Params::new(19_456, 2, 1, None).map_err(|e| VaultError::Hashing(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str, random: &Random) -> Result<String, VaultError> {
    let salt = random.bytes::<16>();
    let hash = argon2()?
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|e| VaultError::Hashing(e.to_string()))?;
    Ok(hash.to_string())
}

fn acceptable(password: &str) -> bool {
    (PASSWORD_MIN..=PASSWORD_MAX).contains(&password.chars().count())
}

impl Vault {
    /// Sets an operator's password; the one before is gone. Computes: at most two at once.
    pub fn set_password(&self, operator: OperatorId, password: &str) -> Result<(), VaultError> {
        if !acceptable(password) {
            return Err(VaultError::PasswordLength);
        }
        let hash = hash(password, &self.0.random)?;
        self.change(|t| {
            let sql = "INSERT INTO passwords VALUES (?, ?) \
                 ON CONFLICT (operator) DO UPDATE SET hash = excluded.hash";
            t.execute(sql, params![operator.0.as_bytes(), hash]).map(drop)
        })
    }

    /// Whether this is the operator's password. For nobody, and for one without a password, the
    /// answer is no after the same work. Computes: at most two at once.
    pub fn verify_password(
        &self,
        operator: Option<OperatorId>,
        password: &str,
    ) -> Result<bool, VaultError> {
        let nobody = self.nobody()?;
        let id = operator.map_or([0; 16], |o| *o.0.as_bytes());
        let known = self.look(|c| {
            let sql = "SELECT hash FROM passwords WHERE operator = ?";
            c.query_row(sql, [id], |row| row.get::<_, String>(0)).optional()
        })?;
        let known = known.filter(|_| operator.is_some());
        let hash = known.as_deref().unwrap_or(nobody);
        let hash = PasswordHash::new(hash).map_err(|e| VaultError::Hashing(e.to_string()))?;
        // What is too long to be a password costs the same as one.
        let tried = if acceptable(password) { password } else { "" };
        let matches = argon2()?.verify_password(tried.as_bytes(), &hash).is_ok();
        Ok(matches && known.is_some())
    }

    /// Whether the operator has a password.
    pub fn has_password(&self, operator: OperatorId) -> Result<bool, VaultError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM passwords WHERE operator = ?)";
        self.look(|c| c.query_row(sql, [operator.0.as_bytes()], |row| row.get(0)))
    }

    /// Forgets the operator's password: nobody signs in with it again.
    pub fn forget_password(&self, operator: OperatorId) -> Result<(), VaultError> {
        let sql = "DELETE FROM passwords WHERE operator = ?";
        self.change(|t| t.execute(sql, [operator.0.as_bytes()]).map(drop))
    }

    fn nobody(&self) -> Result<&str, VaultError> {
        if let Some(hash) = self.0.nobody.get() {
            return Ok(hash);
        }
        let unknown = hash(super::Secret::new(&self.0.random).as_str(), &self.0.random)?;
        Ok(self.0.nobody.get_or_init(|| unknown))
    }
}
