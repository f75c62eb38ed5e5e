//! What is read about checkpoints and proofs.

/// A Control has seen a longer log than there is.
pub fn log_is_shorter(than: u64) -> String {
    format!(
        "This server's log is shorter than the {than} events that were seen before. Tell your \
         administrator: it may have been put back from an old copy."
    )
}
