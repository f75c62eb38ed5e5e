//! A mail server that keeps what it is given: real SMTP on a free port of this machine.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::clock::{PATIENCE, within};
use crate::mail::Mail;

const LINE_PATIENCE: Duration = Duration::from_secs(10);

/// What the mail server does with a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It takes every mail.
    Takes,
    /// It says that this recipient does not exist (550).
    RefusesRecipients,
    /// It says that it is out of order for now (421) and hangs up.
    OutOfOrder,
}

/// Speaks RFC 5321 as far as a client that sends one mail needs it.
pub struct SmtpSink {
    address: SocketAddr,
    mails: Arc<Mutex<Vec<Mail>>>,
    over: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

impl SmtpSink {
    /// Starts to listen on a free port of 127.0.0.1.
    pub fn start(mood: Mood) -> Self {
        Self::start_on(0, mood)
    }

    /// Starts to listen on a port that another one had before.
    pub fn start_on(port: u16, mood: Mood) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("a free port");
        let address = listener.local_addr().expect("a bound port");
        let (mails, over) = (Arc::<Mutex<Vec<Mail>>>::default(), Arc::new(AtomicBool::new(false)));
        let listening = {
            let (mails, over) = (Arc::clone(&mails), Arc::clone(&over));
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                    let mails = Arc::clone(&mails);
                    // One client that breaks off must not disturb the next one.
                    std::thread::spawn(move || drop(talk(&stream, mood, &mails)));
                }
            })
        };
        Self { address, mails, over, listening: Some(listening) }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// All mails so far, the first one first.
    pub fn mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for a mail to this address.
    pub fn mail_to(&self, address: &str) -> Mail {
        let sent = || self.mails().into_iter().find(|mail| mail.to.iter().any(|to| to == address));
        within(PATIENCE, sent)
            .unwrap_or_else(|| panic!("no mail to {address} but {:?}", self.mails()))
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // Wakes the listener; when it cannot be reached, it is not listening any more.
        let _ = TcpStream::connect(self.address);
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
    }
}

fn talk(stream: &TcpStream, mood: Mood, mails: &Mutex<Vec<Mail>>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(LINE_PATIENCE))?;
    let mut lines = BufReader::new(stream).split(b'\n');
    let say = |line: &str| -> std::io::Result<()> {
        let mut stream = stream;
        stream.write_all(format!("{line}\r\n").as_bytes())
    };
    if mood == Mood::OutOfOrder {
        return say("421 out of order, try again later");
    }
    say("220 sink ready")?;
    let mut mail = Mail::default();
    while let Some(line) = lines.next().transpose()? {
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match word.as_str() {
            "EHLO" => say("250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8")?,
            "HELO" | "NOOP" => say("250 sink")?,
            "RSET" => {
                mail = Mail::default();
                say("250 forgotten")?;
            }
            "MAIL" => {
                mail = Mail { from: between_brackets(&line), ..Mail::default() };
                say("250 sender known")?;
            }
            "RCPT" if mood == Mood::RefusesRecipients => say("550 no such mailbox")?,
            "RCPT" => {
                mail.to.push(between_brackets(&line));
                say("250 recipient known")?;
            }
            "DATA" if mail.to.is_empty() => say("503 nobody to send it to")?,
            "DATA" => {
                say("354 go on, end with a dot")?;
                mail.source = whole_mail(&mut lines)?;
                mails
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(std::mem::take(&mut mail));
                say("250 kept")?;
            }
            "QUIT" => return say("221 goodbye"),
            _ => say("502 not spoken here")?,
        }
    }
    Ok(())
}

fn whole_mail(
    lines: &mut impl Iterator<Item = std::io::Result<Vec<u8>>>,
) -> std::io::Result<String> {
    let mut source = String::new();
    for line in lines {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        match line.trim_end_matches('\r') {
            "." => return Ok(source),
            line => source.push_str(line.strip_prefix('.').unwrap_or(line)),
        }
        source.push('\n');
    }
    Err(std::io::ErrorKind::UnexpectedEof.into())
}

fn between_brackets(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or(String::new(), |(address, _)| address.to_owned())
}
