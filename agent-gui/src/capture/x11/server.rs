//! An X server of a test's own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, CreateGCAux, Rectangle, Window};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// An Xvfb without anything on it. It ends when dropped.
pub struct Server {
    child: Child,
    pub display: String,
}

impl Server {
    /// Starts one whose screen is for example `800x600x24`.
    pub fn start(screen: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new("Xvfb")
            .args(["-displayfd", "1", "-noreset", "-nolisten", "tcp", "-screen", "0", screen])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb: run scripts/setup test");
        let mut number = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut number).unwrap();
        Self { child, display: format!(":{}", number.trim()) }
    }

    /// Starts one under a number that has become free.
    pub fn start_as(display: &str, screen: &str) -> Self {
        Self::start(screen, &[display])
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub fn xrandr(&self, arguments: &[&str]) {
        let done = Command::new("xrandr")
            .env("DISPLAY", &self.display)
            .args(arguments)
            .output()
            .expect("xrandr: run scripts/setup test");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// Makes the screen smaller. Xvfb knows one mode only: its monitor goes off.
    pub fn shrink(&self) {
        let done = Command::new("xrandr")
            .env("DISPLAY", &self.display)
            .args(["--fb", "320x200"])
            .output()
            .expect("xrandr: run scripts/setup test");
        let words = String::from_utf8_lossy(&done.stderr);
        let Painter { connection, root } = self.painter();
        let size = connection.get_geometry(root).unwrap().reply().unwrap();
        assert_eq!((size.width, size.height), (320, 200), "{words}");
    }

    pub fn painter(&self) -> Painter {
        let (connection, screen) = x11rb::connect(Some(&self.display)).unwrap();
        let root = connection.setup().roots[screen].root;
        Painter { connection, root }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Somebody who paints on the root window.
pub struct Painter {
    pub connection: RustConnection,
    pub root: Window,
}

impl Painter {
    /// Fills a rectangle with a pixel value; it is done when this returns.
    pub fn fill(&self, pixel: u32, (x, y): (i16, i16), (width, height): (u16, u16)) {
        let gc = self.connection.generate_id().unwrap();
        let look = CreateGCAux::new().foreground(pixel);
        self.connection.create_gc(gc, self.root, &look).unwrap();
        let rect = Rectangle { x, y, width, height };
        self.connection.poly_fill_rectangle(self.root, gc, &[rect]).unwrap();
        self.connection.free_gc(gc).unwrap();
        self.connection.sync().unwrap();
    }
}
