//! A server to examine, behind whatever a test puts in front of it.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use beckon_server::clock::{Clock, SystemClock};
use beckon_server::config::Config;
use beckon_server::doctor::{self, Check, Outcome, Report};
use beckon_tests::clock::{PATIENCE, within};
use rustls::RootCertStore;
use tempfile::TempDir;
use tokio::sync::watch;

/// A server that runs until this is dropped, and the configuration that the doctor reads.
pub struct Patient {
    pub config: Config,
    pub address: SocketAddr,
    pub folder: TempDir,
    stop: watch::Sender<bool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Patient {
    /// A server with these settings, such as `("BECKON_PUBLIC_URL", "http://127.0.0.1:1")`. There
    /// are builds to hand out.
    pub fn start(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let builds = folder.path().join("builds");
        std::fs::create_dir(&builds).unwrap();
        for program in ["beckon-agent", "beckon-control"] {
            std::fs::write(builds.join(format!("{program}-x86_64-unknown-linux-gnu")), "x")
                .unwrap();
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let own = [
            ("BECKON_DATA", folder.path().join("data").display().to_string()),
            ("BECKON_DOWNLOADS", builds.display().to_string()),
            ("BECKON_LISTEN", address.to_string()),
        ];
        let given = settings.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let environment =
            own.into_iter().chain(given).map(|(name, value)| (name.to_owned(), value));
        let config = Config::parse("", environment).unwrap();
        let (stop, stopped) = watch::channel(false);
        let (tell, told) = std::sync::mpsc::channel();
        let running = config.clone();
        let thread = std::thread::spawn(move || {
            beckon_server::system(async move {
                let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
                let ready = Box::new(move || tell.send(()).unwrap());
                beckon_server::run(running, listener, clock, stopped, ready).await.unwrap();
            });
        });
        told.recv_timeout(Duration::from_secs(30)).expect("the server did not start");
        Self { config, address, folder, stop, thread: Some(thread) }
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Ends the server; its folder stays.
    pub fn stop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(std::thread::panicking() || ended.is_ok(), "the server panicked");
            // A reader that closes late writes to the databases once more.
            let closed = within(PATIENCE, || (!self.has_open_files()).then_some(()));
            assert!(std::thread::panicking() || closed.is_some(), "its files stay open");
        }
    }

    /// Whether something in this process still has a file of the data folder open.
    fn has_open_files(&self) -> bool {
        let files = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        let mut open = files.filter_map(|file| std::fs::read_link(file.path()).ok());
        open.any(|path| path.starts_with(self.data()))
    }

    /// Examines it, trusting nobody to certify names.
    pub async fn examined(&self) -> Report {
        self.examined_with(RootCertStore::empty()).await
    }

    /// Examines it, trusting these.
    pub async fn examined_with(&self, roots: RootCertStore) -> Report {
        doctor::examine((&self.config, None), roots, None).await
    }
}

impl Drop for Patient {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The checks that found something, the clock of the machine on which tests run left out.
pub fn complaints(report: &Report) -> Vec<(Check, Outcome)> {
    let bad = report.checks.iter().filter(|finding| finding.outcome != Outcome::Ok);
    let ours = bad.filter(|finding| finding.found != "the clock is not synchronised");
    ours.map(|finding| (finding.check, finding.outcome)).collect()
}

/// Nothing but this was found, and it says what to do.
pub fn only(report: &Report, check: Check, outcome: Outcome, words: &str) {
    assert_eq!(complaints(report), [(check, outcome)], "{report}");
    let finding = report.worst(check).unwrap().to_string();
    assert!(finding.contains(words), "{finding}");
}
