//! How much room a disk has.

use std::io;
use std::path::Path;

/// Below this share of the whole it is tight.
const TIGHT_SHARE: u64 = 10;
/// Below this many bytes it is tight, however small the disk is.
const TIGHT_BYTES: u64 = 1024 * 1024 * 1024;
/// With this many bytes it is not, however large the disk is.
const ENOUGH_BYTES: u64 = 8 * TIGHT_BYTES;

/// The room on the disk of a folder, for this user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Free bytes.
    pub bytes: u64,
    /// All bytes.
    pub of_bytes: u64,
    /// Free inodes: how many more files there can be. 0 of 0 where the file system has no limit.
    pub inodes: u64,
    /// All inodes.
    pub of_inodes: u64,
}

impl Room {
    /// Asks the file system on which `folder` is.
    pub fn of(folder: &Path) -> io::Result<Self> {
        let said = rustix::fs::statvfs(folder)?;
        let block = said.f_frsize;
        Ok(Self {
            bytes: said.f_bavail.saturating_mul(block),
            of_bytes: said.f_blocks.saturating_mul(block),
            inodes: said.f_favail,
            of_inodes: said.f_files,
        })
    }

    /// Whether too few bytes are left.
    pub fn is_tight(&self) -> bool {
        self.bytes < (self.of_bytes / TIGHT_SHARE).clamp(TIGHT_BYTES, ENOUGH_BYTES)
    }

    /// Whether too few files can be made.
    pub fn is_crowded(&self) -> bool {
        self.inodes < self.of_inodes / TIGHT_SHARE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1024 * 1024 * 1024;

    fn room(bytes: u64, of_bytes: u64) -> Room {
        Room { bytes, of_bytes, inodes: 500, of_inodes: 1_000 }
    }

    #[test]
    fn a_disk_is_tight_below_one_gibibyte_or_a_tenth_up_to_eight() {
        assert!(room(GIB - 1, 4 * GIB).is_tight());
        assert!(!room(GIB, 4 * GIB).is_tight());
        assert!(room(5 * GIB - 1, 50 * GIB).is_tight(), "a tenth of a large disk");
        assert!(!room(5 * GIB, 50 * GIB).is_tight());
        assert!(room(8 * GIB - 1, 250 * GIB).is_tight());
        assert!(!room(8 * GIB, 250 * GIB).is_tight(), "enough for years of any log");
        assert!(room(0, 0).is_tight());
    }

    #[test]
    fn inodes_are_crowded_below_a_tenth_and_never_where_there_is_no_limit() {
        let of = |inodes, of_inodes| Room { inodes, of_inodes, ..room(GIB, GIB) };
        assert!(of(99, 1_000).is_crowded());
        assert!(!of(100, 1_000).is_crowded());
        assert!(!of(0, 0).is_crowded());
    }

    #[test]
    fn the_file_system_of_a_folder_says_how_much_room_it_has() {
        let folder = tempfile::tempdir().unwrap();
        let room = Room::of(folder.path()).unwrap();
        assert!(room.of_bytes >= room.bytes && room.of_bytes > 0, "{room:?}");
        assert!(Room::of(&folder.path().join("nowhere")).is_err());
    }
}
