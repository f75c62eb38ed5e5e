//! What the administrator reads about keys, backups and restoring.

use std::path::Path;

use beckon_events::Timestamp;

/// What to do with the fingerprint of the log's key.
pub fn log_key(fingerprint: &str) -> String {
    format!(
        "Fingerprint of the key that signs the log:\n  {fingerprint}\nKeep it where nobody who \
         runs this server can change it: `beckon-audit verify EXPORT --key FINGERPRINT` tells by \
         it whether a copy of the log is the one that this server signed."
    )
}

/// A backup without or with its keys.
pub fn backed_up(events: u64, folder: &Path, keys: Option<&Path>) -> String {
    let keys = match keys {
        Some(keys) => format!(
            "Its keys are in {}. Keep them apart from it: whoever has both reads every name, and \
             can sign in the name of this server.",
            keys.display()
        ),
        None => "The keys are NOT in it. Without them it cannot be restored: no name in it can be \
                 read, and nothing can be signed. Copy them with `--keys KEYDIR` as well, after \
                 every erasure at the latest, as each one replaces a key."
            .to_owned(),
    };
    format!("{events} events are backed up in {}. {keys}", folder.display())
}

/// A backup was put back.
pub fn restored(
    folder: &Path,
    (events, made): (u64, Timestamp),
    (era, checkpoint): (u32, Option<u64>),
    fingerprint: &str,
) -> String {
    let checkpoint = match checkpoint {
        Some(size) if size > events => format!(
            "The last signed checkpoint that was found speaks of {size} events: {} of them are \
             lost, and the log says so.",
            size - events
        ),
        Some(size) => format!("The last signed checkpoint that was found speaks of {size} events."),
        None => "No signed checkpoint was found.".to_owned(),
    };
    format!(
        "{events} events of the backup of {made} are restored into {}. The log goes on in era \
         {era}. {checkpoint}\n\
         What to do now:\n\
         1. Never start the old server again: two servers on one log contradict each other.\n\
         2. Start this one. Put the builds of agent and Control back into downloads/, they are \
         not in a backup.\n\
         3. Repeat every erasure since then: `beckon-server erase SUBJECT --reason TEXT`. Whoever \
         was let in, disabled or given another role since then needs that again, too.\n\
         4. Receipts and checkpoints of more than {events} events fall into the break; \
         `beckon-audit verify` names it.\n\
         The key that signs the log is the same as before, its fingerprint:\n  {fingerprint}",
        folder.display()
    )
}

/// No data folder to ask about.
pub fn no_folder(path: &Path) -> String {
    format!(
        "{} holds no keys yet: set the server up with `beckon-server init --company NAME`",
        path.display()
    )
}
