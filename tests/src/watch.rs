//! The watch: all windows of a session on the screen of whoever runs this, who plays both people.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::desk::Desk;
use crate::process::{Environment, Process};
use crate::programs::Programs;
use crate::scratch::Scratch;
use crate::server::Server;
use crate::session::COMPANY;

const PAUSE: Duration = Duration::from_millis(200);

/// Opens the portal in Chromium on this display and the agent on a desk in a window, says what to
/// do, and ends everything upon Ctrl+C or when the desk's window is closed.
pub fn open(tell: &dyn Fn(&str)) {
    let over = interrupted();
    let server = Server::start();
    let setup_link = server.init(COMPANY);
    let desk = Desk::nested("user");
    let scratch = Scratch::new("watch");
    // A home of its own, so that neither Chromium's profile nor the entry for beckon:// links of
    // whoever runs this is touched.
    let environment = here(&scratch);
    let control = Programs::built().path("beckon-control");
    let (status, said) = environment.run(control, &["register"]);
    assert!(status.success(), "Control is not registered: {said}");
    let _portal = chromium(&environment, &scratch, &setup_link);
    let mut agent = start_agent(&desk);
    tell("You are both people now.");
    tell(&format!("1. Operator, in Chromium: sign up at {setup_link}"));
    tell("   Press Create, note the code, press Create again.");
    tell(&format!(
        "2. User, on the desk in the window: server {}, and the code.",
        server.address()
    ));
    tell("   Press Start.");
    tell("3. Operator: press Control beside the session, and trust the portal.");
    tell("4. User: press Approve. End Session ends it again.");
    tell("Ctrl+C ends everything.");
    while !over.load(Ordering::Relaxed) && desk.is_there() {
        if agent.ended().is_some() {
            agent = start_agent(&desk);
        }
        std::thread::sleep(PAUSE);
    }
    end_those_at_home(&scratch);
    tell("Everything is over.");
}

/// Ends what Chromium has opened, such as Control: known by the home that it was given.
fn end_those_at_home(scratch: &Scratch) {
    let home = format!("HOME={}", scratch.folder("home").display());
    for process in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let environment = std::fs::read(process.path().join("environ")).unwrap_or_default();
        if environment.split(|byte| *byte == 0).any(|variable| variable == home.as_bytes()) {
            let pid = process.file_name();
            // One that ended meanwhile is what is wanted.
            let _ = std::process::Command::new("sh")
                .args(["-c", "kill -TERM \"$1\" 2>/dev/null", "sh"])
                .arg(pid)
                .status();
        }
    }
}

/// Whether whoever runs this has pressed Ctrl+C.
fn interrupted() -> Arc<AtomicBool> {
    let over = Arc::new(AtomicBool::new(false));
    let heard = Arc::clone(&over);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let signal = runtime.map(|runtime| runtime.block_on(tokio::signal::ctrl_c()));
        heard.store(matches!(signal, Ok(Ok(()))), Ordering::Relaxed);
    });
    over
}

/// This display, with another home.
fn here(scratch: &Scratch) -> Environment {
    let mut environment = Environment::new();
    for name in ["DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "XDG_CURRENT_DESKTOP"] {
        if let Some(value) = std::env::var_os(name) {
            environment = environment.with(name, value);
        }
    }
    environment
        .with("HOME", scratch.folder("home"))
        .with("XDG_CONFIG_HOME", scratch.folder("home/.config"))
        .with("XDG_DATA_HOME", scratch.folder("home/.local/share"))
        .with("XDG_RUNTIME_DIR", scratch.folder("run"))
        .with("TMPDIR", scratch.folder("tmp"))
}

fn chromium(environment: &Environment, scratch: &Scratch, address: &str) -> Process {
    use std::os::unix::fs::MetadataExt as _;
    let mut command = environment.command("/usr/bin/chromium");
    command.arg(format!("--user-data-dir={}", scratch.folder("home/browser").display()));
    command.args(["--no-first-run", "--no-default-browser-check", "--password-store=basic"]);
    if std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0) {
        command.arg("--no-sandbox");
    }
    command.arg(address);
    Process::start("portal", command, &scratch.folder("log"))
}

fn start_agent(desk: &Desk) -> Process {
    let folder = desk.scratch().folder("home/programs");
    let program = folder.join("beckon-agent");
    if !program.exists() {
        Programs::built().copy("beckon-agent", &folder, "beckon-agent");
    }
    desk.start("agent", program, &[])
}
