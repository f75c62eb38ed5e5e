//! What the terminal says about API tokens.

use beckon_projections::TokenRow;
use uuid::Uuid;

use super::utc;

texts! {
    TOKEN_ID_WRONG = "write the id of a token, as `beckon-server token list` shows it";
    TOKEN_REVOKED_BEFORE = "this token is revoked already, it opens nothing";
    NO_TOKENS = "There are no API tokens.";
}

/// A token, shown this once.
pub fn token_added(id: Uuid, token: &str) -> String {
    format!(
        "This token opens the whole log. It is shown this once, keep it like a password:\n{token}\n\n\
         It is the password for EventStoreDB clients, with any user name. To take it back: \
         beckon-server token revoke {id}"
    )
}

/// A token that opens nothing any more.
pub fn token_revoked(id: Uuid) -> String {
    format!("The token {id} is revoked. Whoever was reading by it is cut off.")
}

/// A token with what is known of it, on one line.
pub fn token_line(row: &TokenRow) -> String {
    let used = row.last_used.map_or("never used".to_owned(), |at| format!("last used {}", utc(at)));
    let revoked = row.revoked.map_or(String::new(), |at| format!(", revoked {}", utc(at)));
    format!("{}, {}, issued {}, {used}{revoked}", row.token, row.label, utc(row.issued))
}
