//! A socket in the user's own folder: nobody else can listen or speak there.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use interprocess::local_socket::prelude::*;
use interprocess::local_socket::{GenericFilePath, ListenerOptions, Name, Stream};

use crate::config_folder::ConfigFolder;

/// Whoever holds the lock may remove what a crash left behind.
pub(super) fn listen(folder: &ConfigFolder) -> io::Result<LocalSocketListener> {
    ListenerOptions::new().name(name(folder)?).try_overwrite(true).create_sync()
}

/// Where the instance of `folder` listens.
pub(super) fn name(folder: &ConfigFolder) -> io::Result<Name<'static>> {
    path(folder).into_os_string().to_fs_name::<GenericFilePath>()
}

/// Gives one that says nothing up.
pub(super) fn limit(stream: &Stream) -> io::Result<()> {
    stream.set_recv_timeout(Some(Duration::from_secs(2)))
}

/// Here every program may.
pub(super) fn let_come_to_front(_: &Stream) {}

fn path(folder: &ConfigFolder) -> PathBuf {
    let path = folder.path().join("instance.sock");
    // A socket's path has room for about 100 bytes.
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    match runtime.filter(|_| path.as_os_str().len() > 100) {
        Some(runtime) => runtime.join("beckon-control.sock"),
        None => path,
    }
}
