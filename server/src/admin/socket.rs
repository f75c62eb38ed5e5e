//! `admin.sock` in the data folder, 0600: one line of JSON in, one line out.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio::sync::watch;

use super::{AdminAnswer, AdminRequest, carry_out};
use crate::hub::Hub;
use crate::text;

/// The longest request, in bytes.
const LONGEST: u64 = 16 * 1024;
/// The longest answer, in bytes: an erasure lists every export.
const LONGEST_ANSWER: u64 = 4 * 1024 * 1024;

/// A socket that is open until this is dropped.
pub struct Listening(PathBuf);

impl Drop for Listening {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::debug!(%error, "the admin socket was gone already");
        }
    }
}

/// Listens for the administrator's requests until `stop` holds true.
pub fn listen(hub: Hub, mut stop: watch::Receiver<bool>) -> io::Result<Listening> {
    let path = hub.folder.admin_socket();
    // The lock of the data folder says that nobody else listens here.
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    actix::spawn(async move {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = stop.wait_for(|stop| *stop) => return,
            };
            match accepted {
                Ok((stream, _)) => {
                    actix::spawn(answer(hub.clone(), stream));
                }
                Err(error) => tracing::warn!(%error, "the admin socket refused somebody"),
            }
        }
    });
    Ok(Listening(path))
}

async fn answer(hub: Hub, stream: tokio::net::UnixStream) {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    let read = tokio::io::BufReader::new(read.take(LONGEST)).read_line(&mut line).await;
    if let Err(error) = read {
        return tracing::debug!(%error, "an admin request was not finished");
    }
    let answer = match serde_json::from_str::<AdminRequest>(&line) {
        Ok(request) => carry_out(&hub, request).await,
        Err(error) => AdminAnswer::Refused(format!("the request cannot be read: {error}")),
    };
    let mut bytes = serde_json::to_vec(&answer).unwrap_or_default();
    bytes.push(b'\n');
    if let Err(error) = write.write_all(&bytes).await {
        tracing::debug!(%error, "an admin answer was not heard");
    }
}

/// Asks the server that runs on the data folder at `folder`; `None` where none runs.
pub fn ask(folder: &Path, request: &AdminRequest) -> io::Result<Option<AdminAnswer>> {
    let mut stream = match UnixStream::connect(folder.join("admin.sock")) {
        Ok(stream) => stream,
        Err(error) => {
            return match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => Ok(None),
                _ => Err(error),
            };
        }
    };
    stream.set_read_timeout(Some(request.within()))?;
    let mut bytes = serde_json::to_vec(request)?;
    bytes.push(b'\n');
    stream.write_all(&bytes)?;
    let mut line = String::new();
    BufReader::new(stream.take(LONGEST_ANSWER)).read_line(&mut line)?;
    if !line.ends_with('\n') {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, text::SERVER_ENDED));
    }
    Ok(Some(serde_json::from_str(&line)?))
}
