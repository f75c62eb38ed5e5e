//! One window for each user: a second start passes its link on.

use std::fs::{File, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::time::Duration;

use beckon_protocol::{LaunchError, LaunchLink};
use interprocess::local_socket::prelude::*;
use interprocess::local_socket::{ListenerOptions, Name, Stream};

use crate::config_folder::ConfigFolder;
use crate::input::Input;

/// How often a running instance is knocked at, and with which pause.
const KNOCKS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// What stands for a link that is none.
const FORGED: &str = "forged";

/// What the command line gave.
pub type Link = Result<LaunchLink, LaunchError>;

/// This is the only instance, as long as it is held.
pub struct Instance {
    lock: File,
    listener: LocalSocketListener,
}

/// Which start this is.
pub enum Start {
    /// The first: the window opens here.
    First(Instance),
    /// Another instance has taken the link.
    PassedOn,
}

impl Instance {
    /// Becomes the only instance of `folder`, or passes `link` on to it.
    pub fn start(folder: &ConfigFolder, link: Option<&Link>) -> io::Result<Start> {
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.path().join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {
                let listener = listen(folder)?;
                Ok(Start::First(Self { lock, listener }))
            }
            Err(TryLockError::WouldBlock) => {
                pass_on(folder, link)?;
                Ok(Start::PassedOn)
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Hears what other starts pass on, on a thread of its own.
    pub fn hear(self, tell: impl Fn(Input) + Send + 'static) -> io::Result<()> {
        let Self { lock, listener } = self;
        std::thread::Builder::new().name("instance".to_owned()).spawn(move || {
            for stream in listener.incoming() {
                match stream.and_then(|stream| heard(&stream)) {
                    Ok(input) => tell(input),
                    Err(error) => tracing::warn!(%error, "another start could not be heard"),
                }
            }
            // Held for as long as others are heard.
            drop(lock);
        })?;
        Ok(())
    }
}

fn heard(stream: &Stream) -> io::Result<Input> {
    stream.set_recv_timeout(Some(Duration::from_secs(2)))?;
    let mut line = String::new();
    let longest = u64::try_from(LaunchLink::LONGEST + 1).unwrap_or(u64::MAX);
    BufReader::new(stream.take(longest)).read_line(&mut line)?;
    match line.trim() {
        "" => Ok(Input::Raise),
        given => Ok(given.parse().map_or_else(Input::OpenForged, Input::Open)),
    }
}

fn pass_on(folder: &ConfigFolder, link: Option<&Link>) -> io::Result<()> {
    let mut stream = knock(folder)?;
    let said = match link {
        None => String::new(),
        Some(Ok(link)) => link.to_string(),
        Some(Err(_)) => FORGED.to_owned(),
    };
    stream.write_all(format!("{said}\n").as_bytes())?;
    stream.flush()
}

/// The instance that holds the lock may not be listening yet.
fn knock(folder: &ConfigFolder) -> io::Result<Stream> {
    let mut knocks = 0;
    loop {
        match Stream::connect(name(folder)?) {
            Err(error) if knocks >= KNOCKS => return Err(error),
            Err(_) => {
                knocks += 1;
                std::thread::sleep(PAUSE);
            }
            Ok(stream) => return Ok(stream),
        }
    }
}

fn listen(folder: &ConfigFolder) -> io::Result<LocalSocketListener> {
    // Whoever holds the lock may remove what a crash left behind.
    ListenerOptions::new().name(name(folder)?).try_overwrite(true).create_sync()
}

#[cfg(unix)]
fn name(folder: &ConfigFolder) -> io::Result<Name<'static>> {
    use interprocess::local_socket::GenericFilePath;
    // A file in the user's own folder: nobody else can listen or speak there.
    socket_path(folder).into_os_string().to_fs_name::<GenericFilePath>()
}

#[cfg(unix)]
fn socket_path(folder: &ConfigFolder) -> PathBuf {
    let path = folder.path().join("instance.sock");
    // A socket's path has room for about 100 bytes.
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    match runtime.filter(|_| path.as_os_str().len() > 100) {
        Some(runtime) => runtime.join("beckon-control.sock"),
        None => path,
    }
}

#[cfg(not(unix))]
fn name(folder: &ConfigFolder) -> io::Result<Name<'static>> {
    use interprocess::local_socket::GenericNamespaced;
    let digest = beckon_events::Digest::of(folder.to_string().as_bytes());
    format!("beckon-control-{digest}").to_ns_name::<GenericNamespaced>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn a_second_start_passes_its_link_on_and_does_not_open() {
        let within = tempfile::tempdir().unwrap();
        let folder = ConfigFolder::at(within.path().join("c")).unwrap();
        let link = LaunchLink::new("127.0.0.1:8080".parse().unwrap(), [7; 32]);
        let Start::First(first) = Instance::start(&folder, None).unwrap() else {
            panic!("nobody else is there");
        };
        let (tell, told) = mpsc::channel();
        first.hear(move |input| tell.send(input).unwrap()).unwrap();
        let second = Instance::start(&folder, Some(&Ok(link.clone()))).unwrap();
        assert!(matches!(second, Start::PassedOn));
        let soon = Duration::from_secs(10);
        assert_eq!(told.recv_timeout(soon).unwrap(), Input::Open(link));
        let forged = Instance::start(&folder, Some(&Err(LaunchError::Malformed))).unwrap();
        assert!(matches!(forged, Start::PassedOn));
        let heard = told.recv_timeout(soon).unwrap();
        assert_eq!(heard, Input::OpenForged(LaunchError::Malformed));
        let third = Instance::start(&folder, None).unwrap();
        assert!(matches!(third, Start::PassedOn));
        assert_eq!(told.recv_timeout(soon).unwrap(), Input::Raise);
    }
}
