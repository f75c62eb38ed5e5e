//! Windows programs on a desk: Debian's wine, with a Windows of its own for each desk.
//!
//! What this shows and what only a real Windows can show is listed in `docs/windows.md`.

pub mod agents;
pub mod canvas;
pub mod controls;
pub mod guest;
pub mod pane;
pub mod scene;
pub mod units;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::desk::Desk;
use crate::process::{Environment, Process};
use crate::scratch::{Scratch, workspace};

const DEBIAN: &str = "/usr/lib/wine/wine64";
const SERVER: &str = "/usr/lib/wine/wineserver64";
const COMPILER: &str = "x86_64-w64-mingw32-gcc";

/// A Windows on a desk, gone with everything in it when dropped.
pub struct Wine<'d> {
    desk: &'d Desk,
    environment: Environment,
    prefix: PathBuf,
}

impl<'d> Wine<'d> {
    /// A fresh one.
    pub fn on(desk: &'d Desk) -> Self {
        let prefix = desk.scratch().folder("wine");
        let environment = desk
            .environment()
            .clone()
            .with("WINEPREFIX", &prefix)
            .with("WINEARCH", "win64")
            .with("WINEDEBUG", "-all")
            .with("WINEDLLOVERRIDES", "mscoree,mshtml=")
            .with("LC_ALL", "C.UTF-8");
        let wine = Self { desk, environment, prefix };
        let (status, said) = wine.run("wineboot", &["-i"]);
        assert!(status.success(), "wine makes no prefix: {said}");
        // It calls itself Windows 7 otherwise, on which Rust's programs need not run.
        let (status, said) = wine.run("winecfg", &["-v", "win10"]);
        assert!(status.success(), "wine is no Windows 10: {said}");
        // Wine 8 lacks this part of Windows, without which no Rust program starts.
        let missing = wine.prefix.join("drive_c/windows/system32/bcryptprimitives.dll");
        if !missing.exists() {
            std::fs::copy(compiled("bcryptprimitives"), missing).expect("the prefix is ours");
        }
        wine
    }

    /// The desk on which its windows stand.
    pub fn desk(&self) -> &'d Desk {
        self.desk
    }

    /// A folder of its drive C:, made when it is not there yet.
    pub fn folder(&self, name: &str) -> PathBuf {
        let folder = self.prefix.join("drive_c").join(name);
        std::fs::create_dir_all(&folder).expect("the prefix is ours");
        folder
    }

    /// The folder of the user for downloads.
    pub fn downloads(&self) -> PathBuf {
        self.folder(&format!("users/{}/Downloads", self.desk.name()))
    }

    /// What Windows calls a file of its drive C:.
    pub fn calls(&self, path: &Path) -> String {
        let inside = path.strip_prefix(self.prefix.join("drive_c")).expect("on drive C:");
        format!("C:\\{}", inside.display().to_string().replace('/', "\\"))
    }

    /// Starts a program, by its path on drive C:.
    pub fn start(&self, name: &str, program: &str, arguments: &[&str]) -> Process {
        let mut command = self.environment.command(wine64());
        command.arg(program).args(arguments).current_dir(&self.prefix);
        Process::start(name, command, &self.desk.scratch().folder("log"))
    }

    /// Runs a program to its end and returns how it ended and all that it said.
    pub fn run(&self, program: &str, arguments: &[&str]) -> (std::process::ExitStatus, String) {
        self.environment.run(wine64(), &[&[program], arguments].concat())
    }

    /// The values below a key of the registry, as `reg query` lists them.
    pub fn registry(&self, key: &str) -> String {
        self.run("reg", &["query", key, "/s"]).1
    }
}

impl Drop for Wine<'_> {
    fn drop(&mut self) {
        // Ends what still runs in this prefix, and nothing else.
        drop(self.environment.run(SERVER, &["-k"]));
        drop(self.environment.run(SERVER, &["-w"]));
    }
}

/// The programs for Windows that are tried out: where `scripts/check-windows` has built them.
pub fn program(name: &str) -> PathBuf {
    let folder = std::env::var_os("BECKON_WINDOWS").map(PathBuf::from);
    let folder = folder.expect("run scripts/check-windows, which says where the programs are");
    let program = folder.join(format!("{name}-x86_64-pc-windows-gnu.exe"));
    assert!(program.exists(), "{} is missing: run scripts/check-windows", program.display());
    program
}

fn wine64() -> &'static str {
    assert!(Path::new(DEBIAN).exists(), "{DEBIAN} is missing: run scripts/setup windows");
    DEBIAN
}

/// A small program or library for Windows from a source in `tests/src/wine/`, compiled once.
fn compiled(name: &str) -> PathBuf {
    static FOLDER: OnceLock<Scratch> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| Scratch::new("mingw"));
    let made = folder.path().join(name);
    if !made.exists() {
        let source = workspace().join(format!("tests/src/wine/{name}.c"));
        let mut compiler = Command::new(COMPILER);
        compiler.args(["-O1", "-s", "-municode", "-o"]).arg(&made).arg(source);
        if name == "bcryptprimitives" {
            compiler.args(["-shared"]);
        }
        compiler.args(["-ladvapi32", "-lgdi32", "-luser32"]);
        let status = compiler.status();
        let is_made = status.is_ok_and(|status| status.success());
        assert!(is_made, "{COMPILER} does not compile {name}.c: run scripts/setup windows");
        // It names what has no ending `.exe` itself.
        let named = made.with_extension("exe");
        if named.exists() {
            std::fs::rename(named, &made).expect("the scratch folder is ours");
        }
    }
    made
}
