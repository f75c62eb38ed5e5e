//! The agent removes itself, and what it wrote.

use std::path::Path;

use beckon_desk::clock;
use beckon_events::{Committed, Salt};
use beckon_protocol::AgentFileName;
use beckon_protocol::limits::PATH_MAX;

use crate::model::{Fate, Removal};
use crate::ticket_file::TicketFile;

/// Removes the ticket file and the program, where it runs under the name of a download.
pub fn remove(ticket: &TicketFile) -> Removal {
    let mut removal = Removal::default();
    if let Some(path) = ticket.existing() {
        let path = path.display().to_string();
        match ticket.remove() {
            Ok(()) => removal.removed.push(thing(&path)),
            Err(error) => removal.left.push(thing(&with_reason(&path, &error.to_string()))),
        }
    }
    match std::env::current_exe() {
        Ok(program) if is_download(&program) => {
            let path = program.display().to_string();
            match self_replace::self_delete() {
                Ok(()) => {
                    removal.removed.push(thing(&path));
                    removal.program = if cfg!(windows) { Fate::GoesAtClose } else { Fate::Gone };
                }
                Err(error) => removal.left.push(thing(&with_reason(&path, &error.to_string()))),
            }
        }
        Ok(_) | Err(_) => removal.program = Fate::Stays,
    }
    removal
}

/// Whether a program has the name under which agents are downloaded. One that was built or
/// installed has not, and stays.
fn is_download(program: &Path) -> bool {
    program.file_name().and_then(|name| name.to_str()).and_then(AgentFileName::find).is_some()
}

/// With a salt, so that what is signed about it gives nothing away. No longer than the log takes:
/// the signature is over the whole.
fn thing(name: &str) -> Committed {
    let value = name.chars().take(PATH_MAX).collect();
    Committed { salt: Salt(clock::random_bytes()), value }
}

fn with_reason(path: &str, why: &str) -> String {
    format!("{path} ({why})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_download_is_removed() {
        assert!(is_download(Path::new("/home/ana/beckon-agent_help.example.org_0123456789")));
        assert!(is_download(Path::new("/tmp/beckon-agent_127.0.0.1_8080_0123456789 (1)")));
        assert!(!is_download(Path::new("/usr/bin/beckon-agent")));
        assert!(!is_download(Path::new("/home/ana/beckon-agent_help.example.org_0123456784")));
    }

    #[test]
    fn what_is_signed_has_a_salt_of_its_own_and_fits_into_the_log() {
        let (one, other) = (thing("/tmp/a"), thing("/tmp/a"));
        assert_ne!(one.salt, other.salt);
        assert_ne!(one.commitment(), other.commitment());
        assert_eq!(thing(&"ä".repeat(PATH_MAX + 1)).value.chars().count(), PATH_MAX);
    }

    #[test]
    fn an_installed_program_stays_and_the_ticket_goes() {
        let server = "removal.example.org".parse().unwrap();
        let file = TicketFile::of(&server, &format!("test {}", std::process::id()));
        let ticket = crate::model::Ticket { ticket: None, attempts_left: 1, wait_until: None };
        file.save(&ticket).unwrap();
        let path = file.existing().unwrap().display().to_string();
        let removal = remove(&file);
        let [removed] = &removal.removed[..] else { panic!("{removal:?}") };
        assert_eq!(removed.value, path);
        assert_eq!(removal.left, []);
        assert_eq!(removal.program, Fate::Stays);
        assert!(std::env::current_exe().unwrap().exists());
    }
}
