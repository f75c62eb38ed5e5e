//! A file without a name.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::clock::Random;

/// Makes a file in `folder` that nobody else can find: it is gone when it is closed, or when the
/// process ends.
pub(super) fn scratch(folder: &Path, random: &Random) -> io::Result<File> {
    let path = folder.join(format!(".export-{}", random.uuid()));
    let file =
        OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}
