//! What the auditor reads.

pub mod form;
pub mod found;
pub mod report;
pub mod told;

pub use found::{chain, endpoint, history, legality, receipts, sealed, seen, tree};

/// `1 event`, `2 events`.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// `1 event`, `2 events`.
pub fn events(count: u64) -> String {
    counted(count, "event", "events")
}

/// About `manifest.json`.
pub mod manifest {
    /// It is not there.
    pub const NONE: &str = "there is no manifest.json, so this is no export or not all of one: \
        give the folder or the zip that has it at its top";
    /// It lacks what every manifest has.
    pub const NOT_ONE: &str = "it is not the manifest of an export";
    /// It is of something else.
    pub const FOREIGN: &str = "it is not the manifest of an export of Beckon: make one with \
        `beckon-server export` or in the portal";
    /// Its list of files.
    pub const FILES: &str = "its files are not in their order, or one stands in it twice";
    /// It contradicts itself.
    pub const DISAGREES: &str =
        "it contradicts itself: log and origin, kind and session, or events and size do not agree";

    /// A version that is to come.
    pub fn newer(v: u64) -> String {
        format!(
            "the export has version {v} and this program reads version 1: use a newer beckon-audit"
        )
    }

    /// A field of another kind.
    pub fn unreadable(error: &serde_json::Error) -> String {
        format!("it cannot be read: {error}")
    }
}
