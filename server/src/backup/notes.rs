//! A file of checkpoints, read a line at a time.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;

use crate::data_folder::file::create_private;

/// Longer than any line.
const LINE_MAX: u64 = 64 * 1024;

/// Copies the lines up to the last whole one, since the sequencer may be writing the next one.
/// The last checkpoint.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<Option<String>> {
    let mut copy = BufWriter::new(create_private(to)?);
    // Lines that cannot be read count only where others follow.
    let (mut last, mut unread) = (None, Vec::new());
    each(from, |line| {
        unread.extend_from_slice(line);
        if let Some(note) = note(line) {
            copy.write_all(&unread)?;
            unread.clear();
            last = Some(note);
        }
        Ok(())
    })?;
    copy.flush()?;
    Ok(last)
}

/// The last checkpoint; none where the last line is no checkpoint.
pub(super) fn last(path: &Path) -> io::Result<Option<String>> {
    let mut last = None;
    each(path, |line| {
        last = serde_json::from_slice(line).ok();
        Ok(())
    })?;
    Ok(last)
}

/// A line with its end.
fn note(line: &[u8]) -> Option<String> {
    line.ends_with(b"\n").then(|| serde_json::from_slice(line).ok()).flatten()
}

fn each(path: &Path, mut visit: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut file = BufReader::new(File::open(path)?);
    let mut line = Vec::new();
    while (&mut file).take(LINE_MAX).read_until(b'\n', &mut line)? > 0 {
        visit(&line)?;
        line.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_sequencer_is_writing_is_left_out_and_the_rest_is_copied_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        for (text, kept, found) in [
            ("\"one\"\n\"two\"\n\"thr", "\"one\"\n\"two\"\n", Some("two")),
            ("\"one\"\n\0\0\0\n\"two\"\n\0\0\n", "\"one\"\n\0\0\0\n\"two\"\n", Some("two")),
            ("\"one\"\n\"two\"", "\"one\"\n", Some("one")),
            ("\"on", "", None),
            ("", "", None),
        ] {
            std::fs::write(&from, text).unwrap();
            assert_eq!(copy(&from, &to).unwrap().as_deref(), found, "{text:?}");
            assert_eq!(std::fs::read_to_string(&to).unwrap(), kept, "{text:?}");
            assert_eq!(last(&to).unwrap().as_deref(), found, "{text:?}");
            std::fs::remove_file(&to).unwrap();
        }
    }
}
