//! A named pipe that only this user can open, with a name that nobody can foresee.

use std::{fs, io};

use beckon_desk::clock;
use interprocess::local_socket::prelude::*;
use interprocess::local_socket::{GenericNamespaced, ListenerOptions, Name, Stream};
use interprocess::os::windows::local_socket::ListenerOptionsExt;
use interprocess::os::windows::security_descriptor::SecurityDescriptor;
use widestring::U16CString;

use super::user;
use crate::config_folder::ConfigFolder;

/// The file with the name of the pipe, in the folder that others cannot read: nobody else can have
/// listened there before.
const FILE: &str = "instance";

/// Listens at a new name, and tells other starts of this user which.
pub(super) fn listen(folder: &ConfigFolder) -> io::Result<LocalSocketListener> {
    // The name of before is known to everybody on this computer, and may be somebody else's now.
    match fs::remove_file(folder.path().join(FILE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let name = format!("beckon-control-{:032x}", u128::from_be_bytes(clock::random_bytes()));
    let listener = ListenerOptions::new()
        .name(name.as_str().to_ns_name::<GenericNamespaced>()?)
        .security_descriptor(for_this_user()?)
        .create_sync()?;
    fs::write(folder.path().join(FILE), name)?;
    Ok(listener)
}

/// Where the instance of `folder` listens.
pub(super) fn name(folder: &ConfigFolder) -> io::Result<Name<'static>> {
    fs::read_to_string(folder.path().join(FILE))?.to_ns_name::<GenericNamespaced>()
}

/// Pipes of Windows have no limit: one that says nothing keeps its thread.
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there is one, and it may fail")]
pub(super) fn limit(_: &Stream) -> io::Result<()> {
    Ok(())
}

/// Lets the instance at the other end come to the front, which Windows allows only to whom the
/// program in front allows it.
pub(super) fn let_come_to_front(stream: &Stream) {
    let process = stream.peer_creds().ok().and_then(|other| other.pid());
    let allowed = process.map(user::let_come_to_front);
    if !matches!(allowed, Some(Ok(()))) {
        tracing::debug!(?allowed, "the window may stay behind others");
    }
}

/// Everything for this user, nothing for anybody else.
fn for_this_user() -> io::Result<SecurityDescriptor> {
    let rules = format!("D:P(A;;GA;;;{})", user::sid()?);
    let rules = U16CString::from_str(rules).map_err(io::Error::other)?;
    SecurityDescriptor::deserialize(&rules)
}
