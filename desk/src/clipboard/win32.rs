//! The clipboard of Windows, which counts how often it has changed.

use std::num::NonZeroU32;
use std::time::Duration;

use clipboard_win::raw;
use clipboard_win::{Clipboard, formats::RawData, get};

use super::Kept;
use super::looking;
use super::source::{Content, Source, SourceError};
use super::waker::Sleep;

/// How often the count is looked at, which reads nothing.
const EVERY: Duration = Duration::from_millis(250);
/// Another program may hold it open for a moment.
const ATTEMPTS: usize = 10;
const BETWEEN: Duration = Duration::from_millis(30);
/// Programs that keep passwords say by these that nobody shall keep what they copy. Source:
/// "Clipboard Formats", "Cloud Clipboard and Clipboard History Formats" (Microsoft).
const MARKS: [&str; 2] =
    ["ExcludeClipboardContentFromMonitorProcessing", "Clipboard Viewer Ignore"];
/// Numbers, 0 for "no": may it be kept, may it go to other devices.
const MAY_BE_KEPT: [&str; 2] = ["CanIncludeInClipboardHistory", "CanUploadToCloudClipboard"];

/// Notices by the count.
#[derive(Default)]
pub struct Counted {
    board: Option<arboard::Clipboard>,
    seen: Option<NonZeroU32>,
}

impl Source for Counted {
    fn watch(&mut self) -> Result<(), SourceError> {
        self.seen = raw::seq_num();
        Ok(())
    }

    fn ignore(&mut self) {
        self.seen = raw::seq_num();
    }

    fn wait(&mut self, sleep: &Sleep) -> Result<bool, SourceError> {
        sleep.until(Some(EVERY)).map_err(|error| SourceError(error.to_string()))?;
        let now = raw::seq_num();
        Ok(std::mem::replace(&mut self.seen, now) != now)
    }

    fn read(&mut self, goes_on: &dyn Fn() -> bool) -> Result<Content, SourceError> {
        let mut attempts = 0;
        loop {
            let count = raw::seq_num();
            if is_secret() {
                return Ok(Content::Kept(Kept::Secret));
            }
            if !goes_on() {
                return Ok(Content::Nothing);
            }
            let read = looking::look(&mut self.board);
            // Whoever copies may put the text first and say afterwards that it is secret.
            let is_kept = is_secret();
            let is_other = raw::seq_num() != count;
            match read {
                Ok(_) if is_kept => return Ok(Content::Kept(Kept::Secret)),
                Ok(_) if is_other && attempts == ATTEMPTS => return Ok(Content::Nothing),
                Ok(_) | Err(_) if attempts < ATTEMPTS && (is_other || read.is_err()) => {
                    attempts += 1;
                    std::thread::sleep(BETWEEN);
                }
                done => return done,
            }
        }
    }
}

/// Whether whoever copied it wants it kept nowhere. Where that cannot be found out, it is.
fn is_secret() -> bool {
    let is_there = |name: &str| {
        raw::register_format(name).is_some_and(|format| raw::is_format_avail(format.get()))
    };
    if MARKS.iter().any(|mark| is_there(mark)) {
        return true;
    }
    MAY_BE_KEPT.iter().filter(|name| is_there(name)).any(|name| {
        let Some(format) = raw::register_format(name) else { return true };
        let Ok(_open) = Clipboard::new_attempts(ATTEMPTS) else { return true };
        let value = get::<Vec<u8>, _>(RawData(format.get()));
        value.map_or(true, |value| value.iter().all(|byte| *byte == 0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clipboard_win::options::NoClear;

    /// Copies a text and says this about it.
    fn copy(text: &str, about: &[(&str, &[u8])]) {
        let _open = Clipboard::new_attempts(ATTEMPTS).unwrap();
        raw::empty().unwrap();
        raw::set_string_with(text, NoClear).unwrap();
        for (name, value) in about {
            raw::set_without_clear(raw::register_format(name).unwrap().get(), value).unwrap();
        }
    }

    #[test]
    fn what_is_copied_is_noticed_once_and_a_password_stays_here() {
        let (waker, sleep) = super::super::waker::Waker::new().unwrap();
        let mut source = Counted::default();
        copy("before", &[]);
        source.watch().unwrap();
        assert!(!source.wait(&sleep).unwrap(), "that was before");
        for (about, is_kept) in [
            (&[][..], false),
            (&[(MARKS[0], &[1_u8][..])][..], true),
            (&[(MARKS[1], &[1][..])][..], true),
            (&[(MAY_BE_KEPT[0], &[0, 0, 0, 0][..])][..], true),
            (&[(MAY_BE_KEPT[1], &[0, 0, 0, 0][..])][..], true),
            (&[(MAY_BE_KEPT[0], &[1, 0, 0, 0][..])][..], false),
        ] {
            copy("one\r\ntwo", about);
            assert!(source.wait(&sleep).unwrap(), "{about:?}");
            let read = source.read(&|| true).unwrap();
            match read {
                Content::Kept(Kept::Secret) => assert!(is_kept, "{about:?}"),
                Content::Text(text) => {
                    assert!(!is_kept && text == "one\ntwo", "{about:?} {text:?}");
                }
                _ => panic!("{about:?}"),
            }
            assert!(!source.wait(&sleep).unwrap(), "once");
        }
        drop(waker);
    }
}
