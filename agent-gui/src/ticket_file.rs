//! The ticket of a wait, kept across restarts of the agent: one small file per server.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use beckon_desk::clock;
use beckon_events::Digest;
use beckon_protocol::ServerAddress;

use crate::model::Ticket;

/// The longest file that is read.
const LONGEST: u64 = 4 * 1024;

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
        fs::File::open(&self.0).ok()?.take(LONGEST).read_to_string(&mut text).ok()?;
        serde_json::from_str(&text).ok()
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
}
