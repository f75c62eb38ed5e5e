//! Turns Nagle's algorithm off on the client's sockets, which the client itself does not do and
//! gives no way to: it writes the head and the body of a request one after the other, and the
//! second waits 40 ms for the peer to acknowledge the first.

use std::io;
use std::sync::Once;

/// Looks for this process's connections to one of `ports` and lets them send at once. Where the
/// system forbids it (some container runtimes do), requests are slow and everything else works.
pub(super) fn send_at_once(ports: &[u16]) {
    static SAID: Once = Once::new();
    if let Err(error) = on_every_socket(ports) {
        SAID.call_once(|| {
            tracing::info!(
                %error,
                "each request to the event store takes 40 ms longer: pidfd_getfd is not allowed"
            );
        });
    }
}

#[cfg(target_os = "linux")]
fn on_every_socket(ports: &[u16]) -> io::Result<()> {
    use std::net::SocketAddr;

    use rustix::net::{getpeername, sockopt};
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};

    let this = pidfd_open(getpid(), PidfdFlags::empty())?;
    for entry in std::fs::read_dir("/proc/self/fd")? {
        let path = entry?.path();
        let number = path.file_name().and_then(|name| name.to_str()?.parse().ok());
        let link = std::fs::read_link(&path);
        let (Some(number), Ok(link)) = (number, link) else { continue };
        if !link.to_string_lossy().starts_with("socket:") {
            continue;
        }
        // A second handle of the same socket, which is closed again right here.
        let socket = match pidfd_getfd(&this, number, PidfdGetfdFlags::empty()) {
            Ok(socket) => socket,
            // Closed meanwhile.
            Err(rustix::io::Errno::BADF) => continue,
            Err(error) => return Err(error.into()),
        };
        let Ok(Some(peer)) = getpeername(&socket) else { continue };
        let Ok(peer) = SocketAddr::try_from(peer).map(|peer| peer.port()) else { continue };
        if ports.contains(&peer) && !sockopt::tcp_nodelay(&socket).unwrap_or(true) {
            sockopt::set_tcp_nodelay(&socket, true)?;
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn on_every_socket(_: &[u16]) -> io::Result<()> {
    Ok(())
}
