//! The ticket of a wait, kept across restarts of the agent: one small file per server.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use beckon_desk::clock;
use beckon_events::Digest;
use beckon_protocol::ServerAddress;

use crate::model::Ticket;

/// The longest file that is read.
const LONGEST: u64 = 4 * 1024;

/// The longest wait that is believed.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// Where the ticket of a server is kept.
#[derive(Clone, Debug)]
pub struct TicketFile(PathBuf);

impl TicketFile {
    /// The file for `server` and this user in the folder for temporary files.
    pub fn of(server: &ServerAddress, user: &str) -> Self {
        Self::within(&std::env::temp_dir(), server, user)
    }

    fn within(folder: &Path, server: &ServerAddress, user: &str) -> Self {
        let name = Digest::of(format!("{server}\n{user}").as_bytes()).to_string();
        let short: String = name.chars().take(16).collect();
        Self(folder.join(format!("beckon-agent-{short}.ticket")))
    }

    /// The ticket, where there is one that can be read.
    pub fn load(&self) -> Option<Ticket> {
        let mut text = String::new();
        own_file(&self.0)?.take(LONGEST).read_to_string(&mut text).ok()?;
        let mut ticket: Ticket = serde_json::from_str(&text).ok()?;
        let latest = clock::now().plus(LONGEST_WAIT);
        ticket.wait_until = ticket.wait_until.map(|until| until.min(latest));
        Some(ticket)
    }

    /// Keeps `ticket`, for this user's eyes only.
    pub fn save(&self, ticket: &Ticket) -> io::Result<()> {
        // A new file under a name that nobody knows, then renamed: what somebody else has put
        // in its place is not written through.
        let unknown = self.0.with_extension(format!("{:016x}", clock::random_u64()));
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options
            .open(&unknown)
            .and_then(|mut file| file.write_all(&serde_json::to_vec(ticket)?))
            .and_then(|()| fs::rename(&unknown, &self.0));
        if written.is_err() {
            drop(fs::remove_file(&unknown));
        }
        written
    }

    /// Where the file is, if it is there.
    pub fn existing(&self) -> Option<&Path> {
        self.0.symlink_metadata().is_ok().then_some(self.0.as_path())
    }

    /// Removes the file.
    pub fn remove(&self) -> io::Result<()> {
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// Opens a regular file of this user; anything else in its place is ignored, and never waited for.
#[cfg(unix)]
fn own_file(path: &Path) -> Option<fs::File> {
    use rustix::fs::{Mode, OFlags};
    use std::os::unix::fs::MetadataExt;
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = fs::File::from(rustix::fs::open(path, flags, Mode::empty()).ok()?);
    let metadata = file.metadata().ok()?;
    let own = metadata.is_file() && metadata.uid() == rustix::process::geteuid().as_raw();
    own.then_some(file)
}

/// Opens a regular file; the folder for temporary files is this user's own here. A link in its
/// place is opened itself and so is no file.
#[cfg(target_os = "windows")]
fn own_file(path: &Path) -> Option<fs::File> {
    use std::os::windows::fs::OpenOptionsExt;
    /// `FILE_FLAG_OPEN_REPARSE_POINT` of Windows' `CreateFile`.
    const NOT_FOLLOWED: u32 = 0x0020_0000;
    let file = fs::File::options().read(true).custom_flags(NOT_FOLLOWED).open(path).ok()?;
    let is_file = file.metadata().ok()?.is_file();
    is_file.then_some(file)
}

/// Opens a regular file; the folder for temporary files is this user's own here.
#[cfg(not(any(unix, target_os = "windows")))]
fn own_file(path: &Path) -> Option<fs::File> {
    let is_file = path.symlink_metadata().ok()?.is_file();
    is_file.then(|| fs::File::open(path).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use beckon_events::Timestamp;

    fn ticket() -> Ticket {
        let wait_until = Some(Timestamp::from_micros(7));
        Ticket { ticket: Some("t".to_owned()), attempts_left: 3, wait_until }
    }

    #[test]
    fn a_ticket_is_kept_per_server_and_user_until_it_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let server = "help.example.org".parse().unwrap();
        let file = TicketFile::within(folder.path(), &server, "ana");
        assert_eq!(file.load(), None);
        file.save(&ticket()).unwrap();
        file.save(&Ticket { attempts_left: 2, ..ticket() }).unwrap();
        assert_eq!(file.load().unwrap().attempts_left, 2);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
        let other = "other.example.org".parse().unwrap();
        assert_eq!(TicketFile::within(folder.path(), &other, "ana").load(), None);
        assert_eq!(TicketFile::within(folder.path(), &server, "bob").load(), None);
        file.remove().unwrap();
        assert_eq!((file.load(), file.existing()), (None, None));
        file.remove().unwrap();
    }

    #[test]
    #[cfg(unix)]
    fn what_somebody_else_put_there_is_not_written_through() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let server = "help.example.org".parse().unwrap();
        let file = TicketFile::within(folder.path(), &server, "ana");
        let target = folder.path().join("precious");
        fs::write(&target, "mine").unwrap();
        symlink(&target, &file.0).unwrap();
        assert_eq!(file.load(), None);
        file.save(&ticket()).unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "mine");
        assert_eq!(fs::metadata(&file.0).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    #[cfg(unix)]
    fn a_pipe_in_its_place_is_not_waited_for_and_a_link_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let server = "help.example.org".parse().unwrap();
        let file = TicketFile::within(folder.path(), &server, "ana");
        let made = std::process::Command::new("mkfifo").arg(&file.0).status().unwrap();
        assert!(made.success());
        assert_eq!(file.load(), None);
        file.remove().unwrap();
        let target = TicketFile(folder.path().join("real"));
        target.save(&ticket()).unwrap();
        std::os::unix::fs::symlink(&target.0, &file.0).unwrap();
        assert!(target.load().is_some());
        assert_eq!(file.load(), None);
    }

    #[test]
    fn a_wait_of_more_than_a_day_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let server = "help.example.org".parse().unwrap();
        let file = TicketFile::within(folder.path(), &server, "ana");
        let wait_until = Some(clock::now().plus(Duration::from_hours(1_000)));
        file.save(&Ticket { wait_until, ..ticket() }).unwrap();
        let latest = clock::now().plus(Duration::from_hours(25));
        assert!(file.load().unwrap().wait_until.unwrap() < latest);
    }
}
