//! What is wrong with a file (V0).

/// Longer than any file of its kind.
pub const TOO_LARGE: &str = "it is larger than any file of an export of this kind";
/// Neither file nor folder.
pub const NOT_REGULAR: &str =
    "it is a link, a pipe, encrypted or something else that no export holds; do not trust it";
/// An odd name.
pub const NAME: &str =
    "its name leads elsewhere or is no text; no export has such a name, do not trust it";
/// Another way of packing.
pub const PACKED: &str =
    "it is packed in a way that exports are not: unpack the zip and give the folder";
/// A small file that becomes a very large one.
pub const BOMB: &str = "it would unpack to more than a hundred times its size; do not trust it";
/// More files than an export of this size has.
pub const TOO_MANY_FILES: &str =
    "the zip lists more than a million files: unpack it and give the folder";
/// In the manifest alone.
pub const MISSING: &str = "it is missing; copy the export again";
/// Not in the manifest.
pub const NOT_LISTED: &str =
    "it is there but not in manifest.json; no file may be added to an export";
/// Another length.
pub const LENGTH: &str = "it has another length than manifest.json says";
/// Another hash.
pub const HASH: &str = "it was changed: its bytes are not those that manifest.json names";
/// Another number of lines.
pub const COUNT: &str = "it has another number of lines than manifest.json says";
/// A tile of the wrong length.
pub const TILE: &str = "it has another length than a tile at its place";
/// A name that no file has.
pub const NO_SUCH_FILE: &str = "no export of this kind and size has a file of this name";
/// No checkpoint.
pub const NO_CHECKPOINT: &str = "there is no checkpoint in the export";
/// More than one.
pub const ONE_CHECKPOINT: &str = "the export of a session has exactly one checkpoint";
/// Eras of keys.
pub const KEYS_ERAS: &str = "it does not name exactly one key for each era that has checkpoints";
/// Origins of keys.
pub const KEYS_ORIGIN: &str = "its origins are not those of the log, its eras and manifest.json";
/// Not 32 bytes.
pub const KEY_LENGTH: &str = "a key is not base64 of 32 bytes";
/// A receipt.
pub const RECEIPT: &str = "it is no receipt of a session";
/// A line of a file of checkpoints.
pub const CHECKPOINT: &str = "a line is no checkpoint";
/// A line of events.
pub const LINE: &str = "the line is not written as it should be";
/// A line.
pub const LINE_LENGTH: &str = "a line is longer than 131,072 bytes, or has no end";
/// Base64.
pub const BASE64: &str = "the line holds base64 that is not strict";
/// Metadata or data.
pub const EVENT_LENGTH: &str = "the event is longer than 8 KiB of metadata or 64 KiB of data";

/// Two names.
pub const OTHER_NAME: &str = "the zip has it under two names";
/// CRC-32.
pub const CHECKSUM: &str = "its checksum in the zip is wrong";
/// JSON that is no object.
pub const NO_OBJECT: &str = "it is not a JSON object";
/// An object or a name is something else.
pub const SHAPE: &str = "something else stands where an object or a name belongs";
/// An id.
pub const UUID: &str = "expected a uuid in lower case, with hyphens";
/// A time.
pub const TIME: &str = "expected a time such as 2026-11-22T08:00:00.000000Z";

/// A file that breaks off or was packed wrongly.
pub fn damaged(error: &std::io::Error) -> String {
    format!("it is damaged or cut off ({error}); copy the export again")
}

/// JSON of another shape.
pub fn unreadable(error: &serde_json::Error) -> String {
    format!("it cannot be read: {error}")
}
