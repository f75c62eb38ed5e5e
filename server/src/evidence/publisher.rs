//! Copies of checkpoints for whoever keeps them elsewhere.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::Signed;
use crate::clock::{Clock, SystemClock};
use crate::config::EvidenceRules;
use crate::data_folder::file::sync_folder_of;

/// A command that takes longer is ended.
const COMMAND_WITHIN: Duration = Duration::from_secs(30);
/// How often a running command is looked after.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// At the end of the server the last checkpoint gets this long.
const GOODBYE: Duration = Duration::from_secs(2);

/// Hands checkpoints on from a thread of its own. The newest wins: what comes while one is on its
/// way replaces what waits.
pub(super) struct Publisher {
    newest: Arc<Mutex<Option<Arc<Signed>>>>,
    bell: Sender<()>,
    done: Receiver<()>,
}

/// Where to.
struct Outlets {
    rules: EvidenceRules,
    era: u32,
    within: Duration,
}

impl Publisher {
    /// A publisher for the rules of the configuration; none where nobody wants a copy.
    pub(super) fn start(rules: &EvidenceRules, era: u32) -> io::Result<Option<Self>> {
        Self::start_within(rules, era, COMMAND_WITHIN)
    }

    fn start_within(rules: &EvidenceRules, era: u32, within: Duration) -> io::Result<Option<Self>> {
        if rules.publish_folder.is_none() && rules.publish_command.is_empty() {
            return Ok(None);
        }
        let outlets = Outlets { rules: rules.clone(), era, within };
        let newest = Arc::<Mutex<Option<Arc<Signed>>>>::default();
        let ((bell, rung), (tell, done)) = (channel(), channel());
        let waiting = Arc::clone(&newest);
        thread::Builder::new().name("publisher".to_owned()).spawn(move || {
            while rung.recv().is_ok() {
                let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some(signed) = next {
                    outlets.publish(&signed);
                }
            }
            // Nobody listens where the end took too long.
            let _ = tell.send(());
        })?;
        Ok(Some(Self { newest, bell, done }))
    }

    /// Hands this one on, at once and without waiting for it.
    pub(super) fn publish(&self, signed: Arc<Signed>) {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(signed);
        // The thread ends only after this bell is gone.
        let _ = self.bell.send(());
    }

    /// Waits a little until the last one is out.
    pub(super) fn finish(self) {
        let Self { bell, done, .. } = self;
        drop(bell);
        if done.recv_timeout(GOODBYE) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("the last checkpoint was not published before the end");
        }
    }
}

impl Outlets {
    fn publish(&self, signed: &Signed) {
        if let Some(folder) = &self.rules.publish_folder {
            let name = format!("{}-{:020}.txt", self.era, signed.size);
            let written = place(folder, &name, signed.note.as_bytes())
                .and_then(|()| place(folder, "latest.txt", signed.note.as_bytes()));
            if let Err(error) = written {
                let folder = folder.display();
                tracing::error!(%folder, %error, "a checkpoint could not be copied, the next one will be tried");
            }
        }
        if let Some((program, arguments)) = self.rules.publish_command.split_first() {
            match run(program, arguments, &signed.note, self.within) {
                Ok(None) => {}
                Ok(Some(why)) => {
                    tracing::error!(
                        program,
                        why,
                        "the command did not take a checkpoint, the next one will be tried"
                    );
                }
                Err(error) => {
                    tracing::error!(program, %error, "the command could not be run, the next checkpoint will be tried");
                }
            }
        }
    }
}

/// Writes a file whole or not at all, and durably.
fn place(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let (draft, target) = (folder.join(".new"), folder.join(name));
    let mut file = File::create(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, &target)?;
    sync_folder_of(&target)
}

/// Runs a program with the note as its input; why it did not take it, where it did not.
fn run(
    program: &str,
    arguments: &[String],
    note: &str,
    within: Duration,
) -> io::Result<Option<String>> {
    let mut command = Command::new(program);
    let mut child = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // A note is smaller than a pipe; a program that does not read it says by its status
        // whether that is wrong.
        let _ = input.write_all(note.as_bytes());
    }
    wait(&mut child, within)
}

fn wait(child: &mut Child, within: Duration) -> io::Result<Option<String>> {
    let clock = SystemClock::new();
    loop {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(None),
            Some(status) => return Ok(Some(status.to_string())),
            None if clock.monotonic() < within => thread::sleep(LOOK_EVERY),
            None => {
                child.kill()?;
                child.wait()?;
                return Ok(Some(format!("ended after {} s", within.as_secs())));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use beckon_events::Digest;

    use super::*;
    use crate::store::Position;

    fn signed(size: u64) -> Arc<Signed> {
        let (root, position) = (Digest([1; 32]), Position::from_bits(size));
        Arc::new(Signed { note: format!("note {size}\n"), size, root, position })
    }

    fn rules(folder: Option<&Path>, command: &[&str]) -> EvidenceRules {
        EvidenceRules {
            every: Duration::from_secs(5),
            publish_folder: folder.map(Path::to_owned),
            publish_command: command.iter().map(|part| (*part).to_owned()).collect(),
        }
    }

    fn publish(rules: &EvidenceRules, sizes: impl IntoIterator<Item = u64>) {
        publish_within(rules, Duration::from_secs(20), sizes);
    }

    fn publish_within(
        rules: &EvidenceRules,
        within: Duration,
        sizes: impl IntoIterator<Item = u64>,
    ) {
        let publisher = Publisher::start_within(rules, 3, within);
        let publisher = publisher.unwrap().unwrap();
        for size in sizes {
            publisher.publish(signed(size));
        }
        publisher.finish();
    }

    #[test]
    fn a_folder_receives_each_checkpoint_under_its_size_and_the_newest_as_latest() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("made/for it");
        publish(&rules(Some(&folder), &[]), [7]);
        publish(&rules(Some(&folder), &[]), [12]);
        let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        assert_eq!(read("3-00000000000000000007.txt"), "note 7\n");
        assert_eq!(read("3-00000000000000000012.txt"), "note 12\n");
        assert_eq!(read("latest.txt"), "note 12\n");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 3, "no drafts stay");
    }

    #[test]
    fn a_command_receives_the_note_and_one_that_hangs_is_ended_and_the_newest_follows() {
        let parent = tempfile::tempdir().unwrap();
        let out = parent.path().join("out");
        // The first note makes it hang; the ones after it come while it does.
        let script =
            format!("read a; [ \"$a\" = 'note 1' ] && exec sleep 60; echo \"$a\" >> {out:?}");
        let hangs = rules(None, &["sh", "-c", &script]);
        publish_within(&hangs, Duration::from_millis(300), [1]);
        assert!(!out.exists());
        publish(&hangs, [2]);
        assert_eq!(until_it_ends_with(&out, "note 2\n"), "note 2\n");
        let slow = format!("read a; sleep 0.1; echo \"$a\" >> {out:?}");
        publish(&rules(None, &["sh", "-c", &slow]), 3..=50);
        let took = until_it_ends_with(&out, "note 50\n");
        assert!(took.lines().count() < 10, "{took}");
    }

    fn until_it_ends_with(file: &Path, wanted: &str) -> String {
        for _ in 0..500 {
            let text = fs::read_to_string(file).unwrap_or_default();
            if text.ends_with(wanted) {
                return text;
            }
            thread::sleep(LOOK_EVERY);
        }
        panic!("{wanted:?} did not come")
    }

    #[test]
    fn what_fails_says_why_and_stops_nothing() {
        let within = Duration::from_millis(200);
        let args = |script: &str| ["-c".to_owned(), script.to_owned()];
        let why = run("sh", &args("exit 3"), "note", within).unwrap().unwrap();
        assert!(why.contains('3'), "{why}");
        let why = run("sleep", &["60".to_owned()], "note", within).unwrap().unwrap();
        assert!(why.starts_with("ended after"), "{why}");
        assert!(run("/no/such/program", &[], "note", within).is_err());
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("file");
        fs::write(&file, "").unwrap();
        publish(&rules(Some(&file), &["true"]), [1]);
    }
}
