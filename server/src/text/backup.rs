//! What the administrator reads about keys, backups and restoring.

use std::path::Path;

use beckon_events::Timestamp;

use super::export::count;

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
    let are = if events == 1 { "is" } else { "are" };
    let events = count(events, "event", "events");
    format!("{events} {are} backed up in {}. {keys}", folder.display())
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
            "The last signed checkpoint that was found speaks of {size} events: {} of them {} \
             lost, and the log says so.",
            size - events,
            if size - events == 1 { "is" } else { "are" }
        ),
        Some(size) => format!(
            "The last signed checkpoint that was found speaks of {}.",
            count(size, "event", "events")
        ),
        None => "No signed checkpoint was found.".to_owned(),
    };
    let (held, are) = (count(events, "event", "events"), if events == 1 { "is" } else { "are" });
    format!(
        "{held} of the backup of {made} {are} restored into {}. The log goes on in era \
         {era}. {checkpoint}\n\
         What to do now:\n\
         1. Never start the old server again: two servers on one log contradict each other.\n\
         2. Start this one. Put the builds of agent and Control back into downloads/, they are \
         not in a backup.\n\
         3. Repeat every erasure since then: `beckon-server erase SUBJECT --reason TEXT`. Whoever \
         was let in, disabled or given another role since then needs that again, too.\n\
         4. Receipts and checkpoints of more than {held} fall into the break; \
         `beckon-audit verify` names it.\n\
         The key that signs the log is the same as before, its fingerprint:\n  {fingerprint}",
        folder.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_event_is_not_events() {
        let folder = Path::new("/copy");
        assert!(backed_up(1, folder, None).starts_with("1 event is backed up in /copy."));
        assert!(backed_up(2, folder, None).starts_with("2 events are backed up in"));
        let made = "2026-11-22T08:00:00.000000Z".parse().unwrap();
        let said = restored(folder, (1, made), (1, Some(2)), "ab");
        assert!(said.starts_with("1 event of the backup of") && said.contains(" is restored"));
        assert!(said.contains("speaks of 2 events: 1 of them is lost"), "{said}");
        let said = restored(folder, (1, made), (1, Some(1)), "ab");
        assert!(said.contains("speaks of 1 event.") && !said.contains("1 events"), "{said}");
    }
}
