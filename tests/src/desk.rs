//! A desk: an X server, a window manager and a message bus of one person, with a home of their own.

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ConnectionExt as _, ImageFormat, Window as WindowId,
};
use x11rb::rust_connection::RustConnection;

use crate::accessibility::Accessibility;
use crate::clock::{eventually, within};
use crate::hand::Hand;
use crate::process::{Environment, Process};
use crate::scratch::Scratch;
use crate::shot::Shot;
use crate::window::Window;

/// Width of a headless desk in pixels.
pub const WIDTH: u16 = 1280;
/// Height of a headless desk in pixels.
pub const HEIGHT: u16 = 800;

const BUS_RULES: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=BUS</listen>
  <auth>EXTERNAL</auth>
  <servicedir>SERVICES</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

const ACCESSIBILITY_SERVICE: &str = "/usr/share/dbus-1/services/org.a11y.Bus.service";

/// A desk with nothing on it but what a scenario starts there. Everything on it ends with it.
///
/// Nothing is a stand-in: a real X server without a screen, a real window manager, and the
/// accessibility bus on which windows say what they show, as a screen reader would hear it.
pub struct Desk {
    name: String,
    environment: Environment,
    accessibility: Accessibility,
    x: RustConnection,
    root: WindowId,
    // Ended in this order: first what stands on the others.
    _window_manager: Process,
    _bus: Process,
    x_server: Process,
    scratch: Scratch,
}

impl Desk {
    /// A headless desk of [`WIDTH`] × [`HEIGHT`] pixels. `name` says whose it is.
    pub fn open(name: &str) -> Self {
        let screen = format!("{WIDTH}x{HEIGHT}x24");
        Self::around(name, Environment::new(), "Xvfb", &["-screen", "0", &screen])
    }

    /// A desk on an X server of another kind or size, started with these arguments.
    pub fn served(name: &str, x_server: &str, arguments: &[&str]) -> Self {
        Self::around(name, Environment::new(), x_server, arguments)
    }

    /// A desk inside a window of the desktop of whoever runs this.
    pub fn nested(name: &str) -> Self {
        let mut outer = Environment::new();
        for variable in ["DISPLAY", "XAUTHORITY"] {
            if let Some(value) = std::env::var_os(variable) {
                outer = outer.with(variable, value);
            }
        }
        let screen = format!("{WIDTH}x{HEIGHT}");
        Self::around(name, outer, "Xephyr", &["-title", name, "-screen", &screen])
    }

    fn around(name: &str, outer: Environment, x_server: &str, arguments: &[&str]) -> Self {
        let scratch = Scratch::new(name);
        let words = scratch.folder("log");

        let mut command = outer.command(x_server);
        command.args(["-displayfd", "1", "-noreset", "-nolisten", "tcp"]).args(arguments);
        let mut x_server = Process::start("x-server", command, &words);
        let number = x_server.says("its display number", |words| {
            let lines = words.split_inclusive('\n').filter(|line| line.ends_with('\n'));
            lines.filter_map(|line| line.trim().parse::<u16>().ok()).next_back()
        });
        let display = format!(":{number}");
        let (x, screen) = x11rb::connect(Some(&display))
            .unwrap_or_else(|error| panic!("no connection to {display}: {error}"));
        let root = x.setup().roots[screen].root;

        let environment = Self::at_home(&scratch).with("DISPLAY", &display).with("USER", name);
        let bus = Self::start_bus(&scratch, &environment);
        let address = format!("unix:path={}", scratch.path().join("run/bus").display());
        let environment = environment.with("DBUS_SESSION_BUS_ADDRESS", &address);
        let accessibility = Accessibility::turn_on(&address);

        // It announces itself before it takes windows; this command runs when it does.
        let ready = scratch.path().join("openbox-is-ready");
        let mut command = environment.command("openbox");
        command.args(["--startup", &format!("touch {}", ready.display())]);
        let window_manager = Process::start("openbox", command, &words);
        eventually("a window manager", || ready.exists().then_some(()));
        Self {
            name: name.to_owned(),
            environment,
            accessibility,
            x,
            root,
            _window_manager: window_manager,
            _bus: bus,
            x_server,
            scratch,
        }
    }

    fn at_home(scratch: &Scratch) -> Environment {
        Environment::new()
            .with("HOME", scratch.folder("home"))
            .with("XDG_CONFIG_HOME", scratch.folder("home/.config"))
            .with("XDG_DATA_HOME", scratch.folder("home/.local/share"))
            .with("XDG_STATE_HOME", scratch.folder("home/.local/state"))
            .with("XDG_CACHE_HOME", scratch.folder("home/.cache"))
            .with("XDG_RUNTIME_DIR", scratch.folder("run"))
            .with("TMPDIR", scratch.folder("tmp"))
            // Without it the accessibility bus asks a settings daemon, hears nothing and turns itself off.
            .with("GSETTINGS_BACKEND", "memory")
    }

    fn start_bus(scratch: &Scratch, environment: &Environment) -> Process {
        let services = scratch.folder("services");
        let socket = scratch.folder("run").join("bus");
        std::fs::copy(ACCESSIBILITY_SERVICE, services.join("org.a11y.Bus.service"))
            .unwrap_or_else(|error| panic!("{ACCESSIBILITY_SERVICE}: {error}; run scripts/setup"));
        let rules = BUS_RULES
            .replace("BUS", &socket.display().to_string())
            .replace("SERVICES", &services.display().to_string());
        let file = scratch.path().join("bus.conf");
        std::fs::write(&file, rules).expect("the scratch folder can be written");

        let mut command = environment.command("dbus-daemon");
        command.args(["--nofork", "--nopidfile", "--nosyslog", "--print-address"]);
        command.arg(format!("--config-file={}", file.display()));
        let mut bus = Process::start("bus", command, &scratch.folder("log"));
        bus.says("its address", |words| words.contains("unix:path=").then_some(()));
        bus
    }

    /// Whose desk it is.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The X display, such as `:3`.
    pub fn display(&self) -> &str {
        self.environment.get("DISPLAY").and_then(|display| display.to_str()).unwrap_or_default()
    }

    /// The environment in which programs of this person run.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The home, temporary and log folders of this person.
    pub fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// Starts a program on this desk.
    pub fn start(
        &self,
        name: &str,
        program: impl AsRef<std::ffi::OsStr>,
        arguments: &[&str],
    ) -> Process {
        let mut command = self.environment.command(program);
        command.args(arguments).current_dir(self.scratch.folder("home"));
        Process::start(name, command, &self.scratch.folder("log"))
    }

    /// The window of a program, awaited; the largest one when it has several.
    pub fn window_of<'d>(&'d self, process: &Process) -> Window<'d> {
        let pid = process.pid();
        let found = within(crate::clock::PATIENCE, || self.windows_of(pid).into_iter().next());
        found.unwrap_or_else(|| {
            panic!("no window of process {pid} appeared: {}", self.shot("no-window").display())
        })
    }

    /// The first window whose title contains `title`, awaited.
    pub fn window_titled(&self, title: &str) -> Window<'_> {
        let found = within(crate::clock::PATIENCE, || {
            self.windows().into_iter().find(|window| window.title().contains(title))
        });
        found.unwrap_or_else(|| {
            let titles: Vec<_> = self.windows().iter().map(Window::title).collect();
            panic!("no window “{title}” but {titles:?}: {}", self.shot("no-window").display())
        })
    }

    /// Waits for one more window than there are, and returns it: not every program says which
    /// windows are its own.
    pub fn next_window(&self, start: impl FnOnce()) -> Window<'_> {
        let before = self.windows().len();
        start();
        let found = within(crate::clock::PATIENCE, || {
            let windows = self.windows();
            if windows.len() > before { windows.into_iter().next_back() } else { None }
        });
        found.unwrap_or_else(|| panic!("no window: {}", self.shot("no-window").display()))
    }

    /// Waits until no window has `title` in its title.
    pub fn no_window_titled(&self, title: &str) {
        let is_there = || self.windows().iter().any(|window| window.title().contains(title));
        let gone = within(crate::clock::PATIENCE, || (!is_there()).then_some(())).is_some();
        assert!(gone, "a window “{title}” is still open: {}", self.shot("still-open").display());
    }

    /// All windows that the window manager knows, oldest first.
    pub fn windows(&self) -> Vec<Window<'_>> {
        let ids = self.property(self.root, "_NET_CLIENT_LIST");
        ids.into_iter().map(|id| Window::new(self, id)).collect()
    }

    /// The windows of a process that the window manager knows, the largest first.
    pub fn windows_of(&self, pid: u32) -> Vec<Window<'_>> {
        let mut windows = self.windows();
        windows.retain(|window| window.pid() == Some(pid));
        windows.sort_by_key(|window| std::cmp::Reverse(window.place().area()));
        windows
    }

    /// All windows on the screen that stand outside the window manager, such as a border.
    pub fn bare_windows(&self) -> Vec<Window<'_>> {
        let tree = self.x.query_tree(self.root).expect("X is there").reply().expect("X answers");
        let mut windows: Vec<_> =
            tree.children.into_iter().map(|id| Window::new(self, id)).collect();
        windows.retain(Window::is_bare);
        windows
    }

    /// The process of its X server.
    pub fn x_server(&self) -> &Process {
        &self.x_server
    }

    /// Whether its X server still runs: a nested one ends with its window.
    pub fn is_there(&self) -> bool {
        let cookie = self.x.get_input_focus();
        cookie.is_ok_and(|cookie| cookie.reply().is_ok())
    }

    /// The pointer and the keyboard of this person.
    pub fn hand(&self) -> Hand<'_> {
        Hand::new(&self.environment)
    }

    /// What the windows of this desk say about themselves.
    pub fn accessibility(&self) -> &Accessibility {
        &self.accessibility
    }

    /// The whole screen as it is now.
    pub fn picture(&self) -> Shot {
        self.picture_of(self.root)
    }

    /// Keeps the whole screen as `target/shots/<name>.png` and says where.
    pub fn shot(&self, name: &str) -> std::path::PathBuf {
        self.picture().keep(name)
    }

    pub(crate) fn x(&self) -> &RustConnection {
        &self.x
    }

    pub(crate) fn root(&self) -> WindowId {
        self.root
    }

    pub(crate) fn atom(&self, name: &str) -> Atom {
        let cookie = self.x.intern_atom(false, name.as_bytes()).expect("X is there");
        cookie.reply().expect("X answers").atom
    }

    /// The 32-bit values of a property; none when the window or the property is not there.
    pub(crate) fn property(&self, window: WindowId, name: &str) -> Vec<u32> {
        let atom = self.atom(name);
        let cookie = self.x.get_property(false, window, atom, AtomEnum::ANY, 0, 1_024);
        let reply = cookie.expect("X is there").reply();
        reply.ok().and_then(|reply| reply.value32().map(Iterator::collect)).unwrap_or_default()
    }

    pub(crate) fn picture_of(&self, window: WindowId) -> Shot {
        let place = self.x.get_geometry(window).expect("X is there").reply().expect("a window");
        let format = ImageFormat::Z_PIXMAP;
        let cookie = self.x.get_image(format, window, 0, 0, place.width, place.height, u32::MAX);
        let image = cookie.expect("X is there").reply().expect("a window wholly on the screen");
        Shot::from_bgrx(u32::from(place.width), u32::from(place.height), &image.data)
    }
}
