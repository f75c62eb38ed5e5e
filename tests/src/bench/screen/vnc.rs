//! VNC servers, each with a viewer that decodes and does not draw.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::diary::Diary;
use super::peers::Peer;
use super::usage;
use crate::bed::Bed;
use crate::bench::now;
use crate::clock::{PATIENCE, within};
use crate::process::Process;
use crate::rfb::{Quality, Viewer};

/// A VNC server and its viewer.
pub struct Vnc {
    name: &'static str,
    own_desk: bool,
    pid: u32,
    /// None where the X server is the VNC server: that belongs to its desk.
    server: Option<Process>,
    address: SocketAddr,
    quality: Quality,
    viewer: Option<Viewer>,
}

/// A port on which nobody listens.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}

impl Vnc {
    /// `TigerVNC`'s server for a desk that is there already.
    pub fn x0vncserver(bed: &Bed) -> Self {
        let port = free_port().to_string();
        let options = ["-display", bed.desk.display(), "-rfbport", &port, "-localhost"];
        let arguments = [&options[..], &["-SecurityTypes", "None"]].concat();
        let server = bed.desk.start("x0vncserver", "X0tigervnc", &arguments);
        Self::at("x0vncserver", port.parse().expect("a port"), server)
    }

    /// The other one. It would show only the outline of a window that is dragged: here it shows
    /// the window, as the others do.
    pub fn x11vnc(bed: &Bed) -> Self {
        let port = free_port().to_string();
        let options = ["-display", bed.desk.display(), "-rfbport", &port, "-localhost", "-nopw"];
        let arguments = [&options[..], &["-forever", "-shared", "-quiet", "-nowireframe"]].concat();
        let server = bed.desk.start("x11vnc", "x11vnc", &arguments);
        Self::at("x11vnc", port.parse().expect("a port"), server)
    }

    /// `TigerVNC`'s X server, on whose own desk is worked.
    pub fn xvnc(bed: &Bed, port: u16) -> Self {
        Self {
            name: "Xvnc",
            own_desk: true,
            pid: bed.desk.x_server().pid(),
            server: None,
            address: (Ipv4Addr::LOCALHOST, port).into(),
            quality: Quality(8),
            viewer: None,
        }
    }

    fn at(name: &'static str, port: u16, server: Process) -> Self {
        let address = (Ipv4Addr::LOCALHOST, port).into();
        let (pid, quality) = (server.pid(), Quality(8));
        let server = Some(server);
        Self { name, own_desk: false, pid, server, address, quality, viewer: None }
    }

    fn viewer(&self) -> &Viewer {
        self.viewer.as_ref().expect("it looks")
    }
}

impl Drop for Vnc {
    /// A server that is killed leaves its shared memory behind, and there is only so much.
    fn drop(&mut self) {
        if let Some(server) = &mut self.server
            && !std::thread::panicking()
        {
            server.terminate();
        }
    }
}

impl Peer for Vnc {
    fn name(&self) -> &'static str {
        self.name
    }

    fn has_own_desk(&self) -> bool {
        self.own_desk
    }

    fn prefer(&mut self, quality: u8) {
        self.quality = Quality(quality);
    }

    fn look(&mut self, diary: Arc<Diary>) {
        let viewer = within(PATIENCE, || {
            let diary = Arc::clone(&diary);
            let watcher = move |canvas: &crate::rfb::Canvas, at, _| {
                diary.saw(at, |rect| {
                    let [x, y, width, height] =
                        [rect.x, rect.y, rect.width, rect.height].map(|side| side as usize);
                    canvas.rgba(x, y, width, height)
                });
            };
            Viewer::open(self.address, self.quality, Box::new(watcher)).ok()
        });
        self.viewer = Some(viewer.unwrap_or_else(|| panic!("{} does not listen", self.name)));
        let seen = within(PATIENCE, || (diary.updates() > 0).then_some(()));
        assert!(seen.is_some(), "{} shows nothing", self.name);
    }

    fn look_away(&mut self) {
        if let Some(mut viewer) = self.viewer.take()
            && let Some(why) = viewer.failed()
        {
            panic!("the viewer of {} failed: {why}", self.name);
        }
    }

    fn received(&self) -> u64 {
        self.viewer().received()
    }

    fn server_cpu(&self) -> Duration {
        usage::process(self.pid)
    }

    fn viewer_cpu(&self) -> Duration {
        usage::own_threads(Viewer::THREAD)
    }

    fn differing(&self, truth: &[u8]) -> (usize, Instant) {
        let canvas = self.viewer().canvas();
        let pairs = canvas.pixels().as_chunks::<4>().0.iter().zip(truth.as_chunks::<4>().0);
        (pairs.filter(|(shown, real)| shown[..3] != real[..3]).count(), now())
    }
}
