//! Open invitations: code and token, sealed, and found by what somebody types.

use std::fmt;

use beckon_events::SessionId;
use ring::aead::{Aad, NONCE_LEN, Nonce};
use rusqlite::{ErrorCode, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Vault, VaultError};

/// What lets somebody join while the invitation is open.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The join code, folded and without hyphens.
    pub code: String,
    /// The token of the link.
    pub token: String,
}

impl Vault {
    /// Keeps a new invitation. Do so before the session is recorded: a row without a session is
    /// found by [`Vault::invitations`], a session without a row could never be joined.
    pub fn keep_invitation(
        &self,
        session: SessionId,
        invitation: &Invitation,
    ) -> Result<(), VaultError> {
        let nonce = self.0.random.bytes::<NONCE_LEN>();
        let plain =
            serde_json::to_vec(invitation).map_err(|e| VaultError::Refused(e.to_string()))?;
        let mut sealed = Zeroizing::new(plain);
        self.0
            .seal
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(session.0.as_bytes()),
                &mut *sealed,
            )
            .map_err(|_| VaultError::Sealed)?;
        let params = params![
            session.0.as_bytes(),
            self.digest(&invitation.code),
            self.digest(&invitation.token),
            nonce,
            sealed.as_slice()
        ];
        let kept = self.change(|t| {
            match t.execute("INSERT INTO invitations VALUES (?, ?, ?, ?, ?)", params) {
                Err(e) if e.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                    Ok(false)
                }
                inserted => inserted.map(|_| true),
            }
        })?;
        if kept { Ok(()) } else { Err(VaultError::CodeTaken) }
    }

    /// Code and token of a session, while its invitation is open.
    pub fn invitation(&self, session: SessionId) -> Result<Option<Invitation>, VaultError> {
        let sql = "SELECT nonce, sealed FROM invitations WHERE session = ?";
        let row = self.look(|c| {
            let read = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?));
            c.query_row(sql, [session.0.as_bytes()], read).optional()
        })?;
        let Some((nonce, sealed)) = row else {
            return Ok(None);
        };
        let mut sealed = Zeroizing::new(sealed);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let plain = self
            .0
            .seal
            .open_in_place(nonce, Aad::from(session.0.as_bytes()), &mut sealed)
            .map_err(|_| VaultError::Sealed)?;
        serde_json::from_slice(plain).map(Some).map_err(|_| VaultError::Sealed)
    }

    /// The session that a code, folded and without hyphens, invites to.
    pub fn session_by_code(&self, code: &str) -> Result<Option<SessionId>, VaultError> {
        self.session_by("SELECT session FROM invitations WHERE code = ?", code)
    }

    /// The session that the token of a link invites to.
    pub fn session_by_token(&self, token: &str) -> Result<Option<SessionId>, VaultError> {
        self.session_by("SELECT session FROM invitations WHERE token = ?", token)
    }

    /// Forgets code and token: joined, cancelled or expired.
    pub fn close_invitation(&self, session: SessionId) -> Result<(), VaultError> {
        let sql = "DELETE FROM invitations WHERE session = ?";
        self.change(|t| t.execute(sql, [session.0.as_bytes()]).map(drop))
    }

    /// Every session with an open invitation.
    pub fn invitations(&self) -> Result<Vec<SessionId>, VaultError> {
        self.look(|c| {
            let mut rows = c.prepare_cached("SELECT session FROM invitations")?;
            let rows = rows.query_map([], session)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })
    }

    fn session_by(&self, sql: &str, text: &str) -> Result<Option<SessionId>, VaultError> {
        let digest = self.digest(text);
        self.look(|c| c.prepare_cached(sql)?.query_row([digest], session).optional())
    }

    fn digest(&self, text: &str) -> [u8; 32] {
        self.0.pepper.code_digest(text).0
    }
}

fn session(row: &Row<'_>) -> rusqlite::Result<SessionId> {
    row.get(0).map(|bytes| SessionId(Uuid::from_bytes(bytes)))
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Invitation(…)")
    }
}
