//! Everything the vault has about a subject besides its key.

use beckon_events::{Subject, SubjectKind};
use rusqlite::Transaction;

use super::{Vault, VaultError};
use crate::ip_prefix::IpPrefix;

impl Vault {
    /// Forgets it: the invitation of a session; password, setup link and sign-ins of an operator;
    /// the counters of a network.
    pub fn forget_rows_of(&self, subject: Subject) -> Result<(), VaultError> {
        let id = *subject.id().as_bytes();
        self.change(|t| match subject.kind() {
            SubjectKind::User => {
                t.execute("DELETE FROM invitations WHERE session = ?", [id]).map(drop)
            }
            SubjectKind::Operator => {
                t.execute("DELETE FROM passwords WHERE operator = ?", [id])?;
                t.execute("DELETE FROM setups WHERE operator = ?", [id])?;
                t.execute("DELETE FROM web_sessions WHERE operator = ?", [id]).map(drop)
            }
            SubjectKind::Address => {
                for prefix in networks(t)? {
                    let network: Option<IpPrefix> = prefix.parse().ok();
                    let named = network.map(|n| self.0.pepper.address_subject(&n));
                    if named == Some(subject.id()) {
                        t.execute("DELETE FROM join_tickets WHERE prefix = ?", [&prefix])?;
                        t.execute("DELETE FROM join_sources WHERE prefix = ?", [&prefix])?;
                    }
                }
                Ok(())
            }
        })
    }
}

fn networks(t: &Transaction<'_>) -> rusqlite::Result<Vec<String>> {
    let mut rows =
        t.prepare("SELECT prefix FROM join_tickets UNION SELECT prefix FROM join_sources")?;
    let rows = rows.query_map([], |row| row.get(0))?;
    rows.collect()
}
