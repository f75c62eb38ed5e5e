//! Web sessions: who is signed in at the portal, in which browser.

use std::fmt;
use std::time::Duration;

use beckon_events::{OperatorId, Timestamp};
use data_encoding::HEXLOWER;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use uuid::Uuid;

use super::secret::{Secret, hash};
use super::{Vault, VaultError};

/// How long a browser stays signed in while nobody does anything.
pub const IDLE: Duration = Duration::from_mins(15);
/// How long a browser stays signed in at most.
pub const ABSOLUTE: Duration = Duration::from_hours(12);

/// Activity within this time of the last is not written again.
const GRAIN: Duration = Duration::from_secs(5);
/// The most browsers of one operator; the one idle for longest goes.
const PER_OPERATOR: u32 = 20;

/// What a web session is called in lists; it opens nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct WebSessionKey([u8; 32]);

/// A browser that is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebSession {
    /// Its name in lists.
    pub key: WebSessionKey,
    /// Who is signed in.
    pub operator: OperatorId,
    /// What every form of this browser carries.
    pub csrf: String,
    /// Since when.
    pub created: Timestamp,
    /// The last activity, to a few seconds.
    pub last_seen: Timestamp,
}

/// A web session with the secret that opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// For the cookie.
    pub id: Secret,
    /// What it opens.
    pub session: WebSession,
}

impl WebSession {
    /// When it ends unless somebody does something.
    pub fn idle_until(&self) -> Timestamp {
        self.last_seen.plus(IDLE).min(self.ends())
    }

    /// When it ends whatever is done.
    pub fn ends(&self) -> Timestamp {
        self.created.plus(ABSOLUTE)
    }

    fn is_open(&self, now: Timestamp) -> bool {
        now < self.idle_until()
    }
}

impl Vault {
    /// Signs a browser in.
    pub fn sign_in(&self, operator: OperatorId, now: Timestamp) -> Result<SignedIn, VaultError> {
        let signed_in = self.fresh(operator, now, now);
        self.change(|t| {
            let sql = "DELETE FROM web_sessions WHERE id IN (SELECT id FROM web_sessions \
                 WHERE operator = ? ORDER BY last_seen DESC LIMIT -1 OFFSET ?)";
            t.execute(sql, params![operator.0.as_bytes(), PER_OPERATOR - 1])?;
            insert(t, &signed_in.session)
        })?;
        Ok(signed_in)
    }

    /// Whose browser this is. Looking is no activity: for pages that ask by themselves.
    pub fn web_session(&self, id: &str, now: Timestamp) -> Result<Option<WebSession>, VaultError> {
        Ok(self.look(|c| find(c, &hash(id)))?.filter(|s| s.is_open(now)))
    }

    /// How many browsers are signed in.
    pub fn open_web_sessions(&self, now: Timestamp) -> Result<u64, VaultError> {
        let before = |by: Duration| now.micros() - i64::try_from(by.as_micros()).unwrap_or(0);
        let sql = "SELECT count(*) FROM web_sessions WHERE last_seen > ? AND created > ?";
        self.look(|c| c.query_row(sql, [before(IDLE), before(ABSOLUTE)], |row| row.get(0)))
    }

    /// Whose browser this is, and that somebody has done something there.
    pub fn touch_web_session(
        &self,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<WebSession>, VaultError> {
        let Some(mut session) = self.web_session(id, now)? else {
            return Ok(None);
        };
        if now.since(session.last_seen) >= GRAIN {
            let sql = "UPDATE web_sessions SET last_seen = max(last_seen, ?) WHERE id = ?";
            let params = params![now.micros(), session.key.0];
            if self.change(|t| t.execute(sql, params))? == 0 {
                return Ok(None);
            }
            session.last_seen = now;
        }
        Ok(Some(session))
    }

    /// Gives the browser a new id, as when its rights change; the old one opens nothing.
    pub fn renew_web_session(
        &self,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, VaultError> {
        self.change(|t| {
            let Some(old) = find(t, &hash(id))?.filter(|s| s.is_open(now)) else {
                return Ok(None);
            };
            t.execute("DELETE FROM web_sessions WHERE id = ?", [old.key.0])?;
            let renewed = self.fresh(old.operator, old.created, now);
            insert(t, &renewed.session)?;
            Ok(Some(renewed))
        })
    }

    /// Signs this browser out.
    pub fn sign_out(&self, id: &str) -> Result<(), VaultError> {
        let sql = "DELETE FROM web_sessions WHERE id = ?";
        self.change(|t| t.execute(sql, [hash(id)]).map(drop))
    }

    /// Where an operator is signed in, the last active first.
    pub fn web_sessions_of(
        &self,
        operator: OperatorId,
        now: Timestamp,
    ) -> Result<Vec<WebSession>, VaultError> {
        let sql = "SELECT id, operator, csrf, created, last_seen FROM web_sessions \
             WHERE operator = ? ORDER BY last_seen DESC";
        let mut sessions = self.look(|c| {
            let mut rows = c.prepare_cached(sql)?;
            let rows = rows.query_map([operator.0.as_bytes()], read)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        sessions.retain(|s| s.is_open(now));
        Ok(sessions)
    }

    /// Signs one of the operator's browsers out; whether it was signed in.
    pub fn revoke_web_session(
        &self,
        operator: OperatorId,
        key: WebSessionKey,
    ) -> Result<bool, VaultError> {
        let sql = "DELETE FROM web_sessions WHERE operator = ? AND id = ?";
        let params = params![operator.0.as_bytes(), key.0];
        self.change(|t| t.execute(sql, params)).map(|count| count > 0)
    }

    /// Signs all of the operator's browsers out; how many that were.
    pub fn revoke_web_sessions_of(&self, operator: OperatorId) -> Result<usize, VaultError> {
        let sql = "DELETE FROM web_sessions WHERE operator = ?";
        self.change(|t| t.execute(sql, [operator.0.as_bytes()]))
    }

    fn fresh(&self, operator: OperatorId, created: Timestamp, now: Timestamp) -> SignedIn {
        let id = Secret::new(&self.0.random);
        let csrf = Secret::new(&self.0.random).as_str().to_owned();
        let key = WebSessionKey(hash(id.as_str()));
        let session = WebSession { key, operator, csrf, created, last_seen: now };
        SignedIn { id, session }
    }
}

pub(super) fn sweep(t: &Transaction<'_>, now: Timestamp) -> rusqlite::Result<()> {
    let sql = "DELETE FROM web_sessions WHERE last_seen + ?1 <= ?3 OR created + ?2 <= ?3";
    let micros = |d: Duration| i64::try_from(d.as_micros()).unwrap_or(i64::MAX);
    t.execute(sql, params![micros(IDLE), micros(ABSOLUTE), now.micros()]).map(drop)
}

fn insert(t: &Transaction<'_>, session: &WebSession) -> rusqlite::Result<()> {
    let params = params![
        session.key.0,
        session.operator.0.as_bytes(),
        session.csrf,
        session.created.micros(),
        session.last_seen.micros()
    ];
    t.execute("INSERT INTO web_sessions VALUES (?, ?, ?, ?, ?)", params).map(drop)
}

fn find(connection: &Connection, id: &[u8; 32]) -> rusqlite::Result<Option<WebSession>> {
    let sql = "SELECT id, operator, csrf, created, last_seen FROM web_sessions WHERE id = ?";
    connection.prepare_cached(sql)?.query_row([id], read).optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<WebSession> {
    Ok(WebSession {
        key: WebSessionKey(row.get(0)?),
        operator: OperatorId(Uuid::from_bytes(row.get(1)?)),
        csrf: row.get(2)?,
        created: Timestamp::from_micros(row.get(3)?),
        last_seen: Timestamp::from_micros(row.get(4)?),
    })
}

impl WebSessionKey {
    /// Reads what [`fmt::Display`] wrote.
    pub fn from_hex(text: &str) -> Option<Self> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for WebSessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for WebSessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
