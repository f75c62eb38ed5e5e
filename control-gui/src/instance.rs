//! One window for each user: a second start passes its link on.

#[cfg(unix)]
mod unix;
#[cfg(target_os = "windows")]
mod user;
#[cfg(target_os = "windows")]
mod win32;

use std::fs::{File, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use beckon_protocol::{LaunchError, LaunchLink};
use interprocess::local_socket::Stream;
use interprocess::local_socket::prelude::*;

use crate::config_folder::ConfigFolder;
use crate::input::Input;
#[cfg(unix)]
use unix as system;
#[cfg(target_os = "windows")]
use win32 as system;

/// How often a running instance is knocked at, and with which pause.
const KNOCKS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);
/// So many other starts are heard at once; more are not let in.
const MOST: usize = 8;
/// How long a running instance may take to hear, for example while its window opens.
const HEARD_WITHIN: Duration = Duration::from_secs(10);

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
                let listener = system::listen(folder)?;
                Ok(Start::First(Self { lock, listener }))
            }
            Err(TryLockError::WouldBlock) => {
                pass_on(folder, link)?;
                Ok(Start::PassedOn)
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Hears what other starts pass on, on threads of its own.
    pub fn hear(self, tell: impl Fn(Input) + Send + Sync + 'static) -> io::Result<()> {
        let Self { lock, listener } = self;
        let tell = Arc::new(tell);
        std::thread::Builder::new().name("instance".to_owned()).spawn(move || {
            for stream in listener.incoming() {
                if let Err(error) = stream.and_then(|stream| hear_one(stream, &tell)) {
                    tracing::warn!(%error, "another start could not be heard");
                }
            }
            // Held for as long as others are heard.
            drop(lock);
        })?;
        Ok(())
    }
}

/// On a thread of its own: one that says nothing keeps nobody else waiting.
fn hear_one(stream: Stream, tell: &Arc<impl Fn(Input) + Send + Sync + 'static>) -> io::Result<()> {
    // Each thread holds one more.
    if Arc::strong_count(tell) > MOST {
        return Err(io::Error::other("too many others say nothing"));
    }
    let tell = Arc::clone(tell);
    std::thread::Builder::new().name("other start".to_owned()).spawn(move || {
        match heard(&stream) {
            Ok(input) => tell(input),
            Err(error) => tracing::warn!(%error, "another start could not be heard"),
        }
    })?;
    Ok(())
}

fn heard(stream: &Stream) -> io::Result<Input> {
    system::limit(stream)?;
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
    system::let_come_to_front(&stream);
    let said = match link {
        None => String::new(),
        Some(Ok(link)) => link.to_string(),
        Some(Err(_)) => FORGED.to_owned(),
    };
    stream.write_all(format!("{said}\n").as_bytes())?;
    stream.flush()?;
    wait_until_heard(stream);
    Ok(())
}

/// Windows forgets what was said by somebody who is gone before it was heard. Whoever hears
/// closes.
fn wait_until_heard(mut stream: Stream) {
    let (closed, heard) = channel();
    let listen = move || {
        let said = stream.read(&mut [0]);
        if closed.send(said).is_err() {
            tracing::debug!("it was heard late");
        }
    };
    let listening = std::thread::Builder::new().name("heard".to_owned()).spawn(listen);
    if listening.is_err() || heard.recv_timeout(HEARD_WITHIN).is_err() {
        tracing::warn!("it is not known whether the window has heard");
    }
}

/// The instance that holds the lock may not be listening yet.
fn knock(folder: &ConfigFolder) -> io::Result<Stream> {
    let mut knocks = 0;
    loop {
        match system::name(folder).and_then(Stream::connect) {
            Err(error) if knocks >= KNOCKS => return Err(error),
            Err(_) => {
                knocks += 1;
                std::thread::sleep(PAUSE);
            }
            Ok(stream) => return Ok(stream),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    const SOON: Duration = Duration::from_secs(10);

    fn folder() -> (tempfile::TempDir, ConfigFolder) {
        let within = tempfile::tempdir().unwrap();
        let folder = ConfigFolder::at(within.path().join("c")).unwrap();
        (within, folder)
    }

    fn first(folder: &ConfigFolder) -> mpsc::Receiver<Input> {
        let Start::First(first) = Instance::start(folder, None).unwrap() else {
            panic!("nobody else is there");
        };
        let (tell, told) = mpsc::channel();
        first.hear(move |input| tell.send(input).unwrap()).unwrap();
        told
    }

    #[test]
    fn a_second_start_passes_its_link_on_and_does_not_open() {
        let (_within, folder) = folder();
        let link = LaunchLink::new("127.0.0.1:8080".parse().unwrap(), [7; 32]);
        let told = first(&folder);
        let second = Instance::start(&folder, Some(&Ok(link.clone()))).unwrap();
        assert!(matches!(second, Start::PassedOn));
        assert_eq!(told.recv_timeout(SOON).unwrap(), Input::Open(link));
        let forged = Instance::start(&folder, Some(&Err(LaunchError::Malformed))).unwrap();
        assert!(matches!(forged, Start::PassedOn));
        let heard = told.recv_timeout(SOON).unwrap();
        assert_eq!(heard, Input::OpenForged(LaunchError::Malformed));
        let third = Instance::start(&folder, None).unwrap();
        assert!(matches!(third, Start::PassedOn));
        assert_eq!(told.recv_timeout(SOON).unwrap(), Input::Raise);
    }

    #[test]
    fn a_link_is_heard_beside_others_that_say_nothing() {
        let (_within, folder) = folder();
        let told = first(&folder);
        let silent: Vec<_> = (0..MOST - 2).map(|_| knock(&folder).unwrap()).collect();
        let link = LaunchLink::new("127.0.0.1:8080".parse().unwrap(), [7; 32]);
        Instance::start(&folder, Some(&Ok(link.clone()))).unwrap();
        // The silent ones are given up later, or never.
        assert_eq!(told.recv_timeout(SOON).unwrap(), Input::Open(link));
        drop(silent);
    }

    #[test]
    fn a_link_that_comes_before_the_window_is_heard_later() {
        let (_within, folder) = folder();
        let Start::First(first) = Instance::start(&folder, None).unwrap() else {
            panic!("nobody else is there");
        };
        let (tell, told) = mpsc::channel();
        let link = LaunchLink::new("127.0.0.1:8080".parse().unwrap(), [7; 32]);
        let (to, said) = (folder.clone(), Ok(link.clone()));
        let second = std::thread::spawn(move || {
            assert!(matches!(Instance::start(&to, Some(&said)).unwrap(), Start::PassedOn));
        });
        std::thread::sleep(Duration::from_millis(200));
        first.hear(move |input| tell.send(input).unwrap()).unwrap();
        assert_eq!(told.recv_timeout(SOON).unwrap(), Input::Open(link));
        second.join().unwrap();
    }
}
