//! What `beckon-server doctor` says: what was found, and what to do.

mod way;

use std::fmt::Display;
use std::net::SocketAddr;
use std::path::Path;

use beckon_events::Timestamp;

use crate::config::Smtp;
use crate::disk::Room;
use crate::mail::MailError;
pub use way::*;

/// What was found, and what to do.
type Said = (String, String);
/// The same, where it is always the same.
type Fixed = (&'static str, &'static str);

/// The last line where something failed.
pub const SOMETHING_FAILED: &str = "something does not work, see the lines with FAILED";
/// What is no address of a mailbox.
pub const NO_ADDRESS: &str = "--mail-to needs an e-mail address, at most 128 characters";

/// The configuration can be read.
pub fn configuration(path: Option<&Path>) -> String {
    match path {
        Some(path) => format!("{} is readable, every value can be used", path.display()),
        None => "no file is given with --config: the defaults, and what BECKON_… says".to_owned(),
    }
}

/// A folder that cannot receive checkpoints.
pub fn publishes_nowhere(folder: &Path, error: &impl Display) -> Said {
    let found = format!("no checkpoint can be copied to {} ({error})", folder.display());
    (found, "set evidence.publish_folder to a folder that the server's user may write to".into())
}

/// A data folder that is not there.
pub fn no_folder(folder: &Path) -> Said {
    let found = format!("there is no folder {}", folder.display());
    (found, "set \"data\" to the right folder, or run `beckon-server init --company NAME`".into())
}

/// A data folder that cannot be looked into.
pub fn folder_unreadable(folder: &Path, error: &impl Display) -> Said {
    let found = format!("{} cannot be looked at ({error})", folder.display());
    (found, "run this as the server's own user".into())
}

/// A data folder of somebody else.
pub fn folder_of_another(folder: &Path, owner: u32, me: u32) -> Said {
    let found = format!("{} belongs to user {owner}, and this is user {me}", folder.display());
    (found, "run the server and this as the folder's owner, or chown the folder".into())
}

/// A file that others may read.
pub fn open_to_others(path: &Path, mode: u32) -> Said {
    let found = format!("{} is open to others (mode {mode:03o})", path.display());
    (found, format!("chmod go-rwx {}", path.display()))
}

/// A file of somebody else within the data folder.
pub fn other_owner(path: &Path, owner: u32, of_folder: u32) -> Said {
    let found = format!("{} belongs to user {owner}, the folder to {of_folder}", path.display());
    (found, format!("chown {of_folder} {}", path.display()))
}

/// A data folder as it should be.
pub fn folder(folder: &Path) -> String {
    format!("{} is its owner's alone", folder.display())
}

/// A full disk.
pub const DISK_FULL: Fixed =
    ("the disk of the data folder is full, nothing can be recorded", "make space");

/// A disk with little space.
pub fn disk_tight(room: &Room) -> Said {
    (disk(room), "make space: a full disk stops every session".into())
}

/// A disk with few inodes.
pub fn disk_crowded(room: &Room) -> Said {
    let found = format!("only {} of {} inodes are free", room.inodes, room.of_inodes);
    (found, "remove small files on this disk, or move the data folder".into())
}

/// How much space there is.
pub fn disk(room: &Room) -> String {
    format!("{} of {} are free", bytes(room.bytes), bytes(room.of_bytes))
}

fn bytes(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    match bytes / MIB {
        mib @ ..2_048 => format!("{mib} MiB"),
        mib => format!("{} GiB", mib / 1024),
    }
}

/// A server that answers.
pub fn server_runs(pid: u32, build: &str) -> String {
    format!("beckon-server {build} runs (pid {pid}) and answers")
}

/// No server.
pub fn server_is_not_there(folder: &Path) -> Said {
    let found = format!("no server runs on {}", folder.display());
    let remedy = "start beckon-server; if it runs, run this with the same --config and BECKON_…";
    (found, remedy.into())
}

/// A server that holds the folder and cannot be asked.
pub fn server_hangs(pid: &str) -> Said {
    let found = format!("process {pid} holds the data folder and does not answer on admin.sock");
    (found, "wait if it has just been started, else read its log and start it again".into())
}

/// A server that gives no answer.
pub fn server_does_not_answer(why: &str) -> Said {
    let found = format!("the server does not answer on admin.sock ({why})");
    (found, "run this as the server's own user and in its version; read the server's log".into())
}

/// A server with other settings than these.
pub fn other_configuration(running: &str, known: &str) -> Said {
    let found = format!("the running server is {running}, this configuration says {known}");
    (found, "restart the server, or run this with its --config and BECKON_…".into())
}

/// A log that takes events.
pub const STORE_TAKES_EVENTS: &str = "the log can be read and takes events";
/// A log that takes none.
pub const STORE_TAKES_NOTHING: Fixed = (
    "the log takes no events",
    "read the server's log: the disk is full or fails, or the store is not reachable",
);
/// A folder without anything in it.
pub const NOTHING_YET: Fixed =
    ("there is no log yet", "set the server up with `beckon-server init --company NAME`");

/// A log that cannot be read.
pub fn store_unreadable(why: &str) -> Said {
    (format!("the log cannot be read ({why})"), "read the server's log".into())
}

/// A cluster that can be worked with.
pub fn cluster(of: &impl Display) -> String {
    format!("{of} can be reached, and lets this server read")
}

/// A database file that was looked through.
pub fn sound(name: &str) -> String {
    format!("{name} is sound")
}

/// A database file that is large.
pub fn sound_so_far(name: &str) -> String {
    format!("{name} opens, and what was looked at is sound; it is too long to look at all of it")
}

/// Read models as they should be.
pub fn read_models(positions: u64) -> String {
    match positions {
        0 => "the read models have every event".to_owned(),
        n => format!("the read models are {n} positions behind, and for less than 10 s"),
    }
}

/// Read models that are late.
pub fn read_models_late(positions: u64, seconds: u64) -> Said {
    let found = format!("the read models are {positions} positions and {seconds} s behind");
    (found, "read the server's log for “the read models are behind the log”".into())
}

/// A tree as it should be.
pub const TREE_HAS_ALL: &str = "no event waits for its place in the tree";

/// A tree that is late.
pub fn tree_late(seconds: u64) -> Said {
    let found = format!("an event has been waiting for its place in the tree for {seconds} s");
    (found, "read the server's log; is the disk slow or full?".into())
}

/// A clock that cannot be right.
pub fn clock_impossible(now: Timestamp) -> Said {
    (format!("the server's clock shows {now}"), "set the clock, and switch NTP on".into())
}

/// A clock that shows less than the log.
pub fn clock_set_back(seconds: u64) -> Said {
    let found = format!("the newest event lies {seconds} s in the future: the clock was set back");
    (found, "set the clock, and switch NTP on; new events keep the later time until then".into())
}

/// A server whose clock is not this machine's.
pub const CLOCK_OF_SERVER_DIFFERS: Fixed = (
    "the running server shows another time than this machine",
    "was the clock set just now? Run this again",
);
/// A clock that is kept right.
pub const CLOCK_FOLLOWS: &str = "the clock is synchronised";
/// A clock that nobody keeps right.
pub const CLOCK_ALONE: Fixed =
    ("the clock is not synchronised", "switch NTP on: `timedatectl set-ntp true`");
/// Two clocks that agree.
pub const CLOCKS_AGREE: &str = "the public address shows the same time as this machine";

/// Two clocks that do not.
pub fn clocks_differ(seconds: u64) -> Said {
    let found =
        format!("the public address shows a time that is {seconds} s away from this machine's");
    (found, "switch NTP on, on this machine and on the proxy".into())
}

/// No mail.
pub const NO_MAIL: &str = "no mail server is set: links are copied, not mailed";
/// No mail, though one should be sent.
pub const NO_MAIL_TO_SEND: Fixed = ("no mail server is set", "set smtp.host");

/// A mail server that answers.
pub fn mail(smtp: &Smtp) -> String {
    format!("{}:{} takes mail (none was sent)", smtp.host, smtp.port)
}

/// A mail that was sent.
pub fn mail_sent(smtp: &Smtp, to: &impl Display) -> String {
    format!("{}:{} took a mail to {to}", smtp.host, smtp.port)
}

/// A mail server that does not do it.
pub fn mail_broken(smtp: &Smtp, error: &MailError) -> Said {
    let at = format!("{}:{}", smtp.host, smtp.port);
    let (why, remedy) = match error {
        MailError::Sender => {
            ("smtp.from is no address".to_owned(), "write \"Help <help@example.com>\"")
        }
        MailError::Password(why) => {
            let found = format!("the mail server {at} was not asked: {why}");
            return (found, "correct smtp.password_file".to_owned());
        }
        MailError::Timeout => {
            ("no answer in time".to_owned(), "check smtp.host, smtp.port and the firewall")
        }
        MailError::Refused(why) => {
            (why.clone(), "check smtp.username and the password, and whether this machine may send")
        }
        MailError::Unreachable(why) => {
            (why.clone(), "check smtp.host, smtp.port, smtp.encryption and its certificate")
        }
    };
    (format!("the mail server {at} does not take mail ({why})"), remedy.into())
}

/// A mail that only tries whether mails arrive.
pub const TRIAL_SUBJECT: &str = "Beckon: mails arrive";
/// What it says.
pub const TRIAL_BODY: &str = "`beckon-server doctor` has sent this mail. Nothing is to be done.\n";

/// Nothing to hand out.
pub fn no_builds(program: &str, folder: &Path) -> Said {
    let found = format!("there is no {program} for any system to hand out");
    let remedy =
        format!("put builds such as {program}-x86_64-unknown-linux-gnu into {}", folder.display());
    (found, remedy)
}

/// What there is to hand out.
pub fn builds(agents: &[&str], controls: &[&str]) -> String {
    format!("agent for {}; Control for {}", agents.join(", "), controls.join(", "))
}

/// No face.
pub const NO_FACE: &str = "EventStoreDB clients cannot read the log: this is off";

/// A face that answers.
pub fn face(at: SocketAddr) -> String {
    format!("EventStoreDB clients reach the log at {at}")
}

/// A face that does not.
pub fn face_broken(at: SocketAddr, error: &impl Display) -> Said {
    let found = format!("EventStoreDB clients do not reach the log at {at} ({error})");
    (found, "restart the server with this configuration".into())
}

/// A face whose certificate is not everybody's.
pub fn face_not_trusted(at: SocketAddr, host: &str, error: &impl Display) -> Said {
    let found =
        format!("the certificate of {at} is not one that everybody takes for {host} ({error})");
    (found, "give clients its authority, or set face.certificate".into())
}

/// No metrics.
pub const NO_METRICS: &str = "metrics are off";

/// Metrics that are served.
pub fn metrics(at: SocketAddr) -> String {
    format!("http://{at}/metrics answers")
}

/// A port that answers something else.
pub fn metrics_of_another(at: SocketAddr) -> Said {
    (format!("{at} does not serve this server's metrics"), "choose another metrics.listen".into())
}

/// A port that does not answer.
pub fn metrics_broken(at: SocketAddr, error: &impl Display) -> Said {
    (format!("http://{at}/metrics does not answer ({error})"), "restart the server".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_cannot_be_read_is_not_blamed_on_the_mail_server() {
        let text = "[smtp]\nhost = \"mail.example\"\nfrom = \"a@b.example\"";
        let smtp = crate::config::Config::parse(text, []).unwrap().smtp.unwrap();
        let missing = crate::data_folder::read_secret(Path::new("/nope/password")).unwrap_err();
        let (found, remedy) = mail_broken(&smtp, &MailError::Password(missing));
        assert!(found.contains("was not asked") && found.contains("/nope/password"), "{found}");
        assert_eq!(remedy, "correct smtp.password_file");
    }
}
