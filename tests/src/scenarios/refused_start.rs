//! Starts that must not be: a clear message, nothing lost, and whoever runs already runs on.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt};
use std::path::{Path, PathBuf};

use beckon_tests::http;
use beckon_tests::process::{Environment, Process};
use beckon_tests::programs::Programs;
use beckon_tests::scratch::Scratch;
use beckon_tests::server::Server;

/// A start of the server that is expected to fail.
struct Attempt {
    scratch: Scratch,
    environment: Environment,
}

impl Attempt {
    fn new() -> Self {
        let scratch = Scratch::new("attempt");
        let environment = Environment::new()
            .with("HOME", scratch.folder("home"))
            .with("BECKON_DATA", scratch.path().join("data"))
            .with("BECKON_LISTEN", "127.0.0.1:0");
        Self { scratch, environment }
    }

    fn with(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.environment = self.environment.with(name, value.as_ref());
        self
    }

    fn data(&self) -> PathBuf {
        self.scratch.path().join("data")
    }

    /// What it says before it ends, which it must do by itself and as a failure.
    fn says(&self, program: &Path, arguments: &[&str]) -> String {
        let mut command = self.environment.command(program);
        command.args(arguments).current_dir(self.scratch.path());
        let mut process = Process::start("refused", command, &self.scratch.folder("log"));
        let status = process.ends();
        let said = process.words();
        assert_eq!(status.code(), Some(1), "{said}");
        assert!(!said.contains("panicked"), "{said}");
        said
    }

    fn is_refused(&self, arguments: &[&str]) -> String {
        self.says(&Programs::built().path("beckon-server"), arguments)
    }
}

fn assert_says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "“{part}” is not in: {said}");
    }
    assert_eq!(said.trim().lines().count(), 1, "more than one sentence for the terminal: {said}");
}

fn is_well(server: &Server) {
    assert_eq!(http::get(server.address(), "/healthz").status, 200);
}

#[test]
fn an_unknown_key_is_refused_by_name_before_anything_is_made() {
    let attempt = Attempt::new();
    let file = attempt.scratch.path().join("server.toml");
    std::fs::write(&file, "[session]\nwiat = \"3h\"\n").unwrap();
    let said = attempt.is_refused(&["--config", file.to_str().unwrap()]);
    assert_says(&said, &["session.wiat is no setting", "did you mean session.wait?"]);
    assert!(!attempt.data().exists());

    let attempt = Attempt::new().with("BECKON_LISTN", "127.0.0.1:0");
    let said = attempt.is_refused(&[]);
    assert_says(&said, &["BECKON_LISTN is no setting", "did you mean BECKON_LISTEN?"]);
    assert!(!attempt.data().exists());
}

#[test]
fn a_port_in_use_is_named_and_nothing_is_made() {
    let server = Server::start();
    let attempt = Attempt::new().with("BECKON_LISTEN", server.address());
    let said = attempt.is_refused(&[]);
    let cannot = format!("cannot listen on {}", server.address());
    assert_says(&said, &[&cannot, "choose another address", "ddress already in use"]);
    assert!(!attempt.data().exists());
    is_well(&server);
}

#[test]
fn a_data_folder_that_is_a_file_is_named_and_the_file_stays() {
    let attempt = Attempt::new();
    std::fs::write(attempt.data(), "a letter").unwrap();
    let said = attempt.is_refused(&[]);
    assert_says(&said, &[&attempt.data().display().to_string(), "set \"data\" to another folder"]);
    assert_eq!(std::fs::read(attempt.data()).unwrap(), b"a letter");
}

#[test]
fn a_data_folder_of_somebody_else_is_named() {
    let attempt = Attempt::new();
    let (folder, locked) = (attempt.scratch.path(), attempt.scratch.folder("locked"));
    // Whoever runs the tests may write everywhere: the program runs as nobody, from a copy that
    // nobody can reach.
    std::fs::set_permissions(folder, PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::set_permissions(&locked, PermissionsExt::from_mode(0o555)).unwrap();
    let program = Programs::built().copy("beckon-server", folder, "beckon-server");
    let attempt_data = locked.join("data");
    let attempt = attempt.with("BECKON_DATA", &attempt_data);
    let said = if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        let program = program.to_str().unwrap();
        let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", program];
        attempt.says(Path::new("setpriv"), &nobody)
    } else {
        attempt.says(&program, &[])
    };
    let data = attempt_data.display().to_string();
    assert_says(&said, &[&data, "ermission denied", "make it writable for the user who runs"]);
    assert!(!attempt_data.exists());
}

#[test]
fn no_verb_but_init_makes_a_server_in_a_wrong_data_folder() {
    let attempt = Attempt::new();
    let copy = attempt.scratch.path().join("copy").display().to_string();
    let nobody = "user:6d5f3e0a-1c2b-4d3e-8f90-a1b2c3d4e5f6";
    for arguments in [
        ["backup", &copy].as_slice(),
        &["export", &copy],
        &["erase", nobody, "--reason", "left"],
        &["user", "add", "Olga Ruiz", "--role", "operator"],
        &["user", "list"],
        &["key"],
        &["vault", "renew"],
    ] {
        for exists in [false, true] {
            if exists {
                std::fs::create_dir(attempt.data()).unwrap();
            }
            let said = attempt.is_refused(arguments);
            let words = if arguments[0] == "vault" { "there is no log" } else { "set \"data\"" };
            assert_says(&said, &[words, &attempt.data().display().to_string()]);
            assert!(!Path::new(&copy).exists());
            if exists {
                // Fails where something was made in it.
                std::fs::remove_dir(attempt.data()).unwrap();
            }
            assert!(!attempt.data().exists(), "{arguments:?}");
        }
    }
}

#[test]
fn a_second_server_on_the_same_folder_is_told_who_has_it_and_the_first_runs_on() {
    let server = Server::start();
    server.init("Example Ltd");
    let data = server.scratch().path().join("data");
    let before = server.log().lines();
    let attempt = Attempt::new().with("BECKON_DATA", &data);
    let said = attempt.is_refused(&[]);
    let pid =
        format!("another beckon-server uses this data folder (pid {})", server.process().pid());
    assert_says(&said, &[&pid, &data.display().to_string(), "stop it first"]);
    is_well(&server);
    assert_eq!(server.log().lines(), before);
    let (added, words) = server.verb(&["user", "add", "Olga Ruiz", "--role", "operator"]);
    assert!(added.success(), "its admin socket still works: {words}");
}

#[test]
fn a_database_that_is_cut_off_anywhere_is_named_left_alone_and_can_be_put_back() {
    let mut server = Server::start();
    server.init("Example Ltd");
    assert!(server.stop().success());
    let before = server.log().lines();
    let data = server.scratch().path().join("data");
    for name in ["log.db", "vault.db"] {
        let path = data.join(name);
        // As in a backup: everything in the one file.
        let database = rusqlite::Connection::open(&path).unwrap();
        database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        database.close().unwrap();
        let whole = std::fs::read(&path).unwrap();
        for length in [0, 60, 4_096, whole.len() / 2, whole.len() - 1] {
            std::fs::write(&path, &whole[..length]).unwrap();
            let said = Attempt::new().with("BECKON_DATA", &data).is_refused(&[]);
            assert_says(&said, &["is damaged", name, "from a backup"]);
            assert_eq!(std::fs::read(&path).unwrap(), whole[..length], "{name} is left alone");
        }
        std::fs::write(&path, &whole).unwrap();
    }
    server.start_again();
    is_well(&server);
    assert_eq!(server.log().lines()[..before.len()], before[..]);
}

#[test]
fn a_database_or_key_that_is_gone_is_not_made_anew() {
    let mut server = Server::start();
    server.init("Example Ltd");
    assert!(server.stop().success());
    let before = server.log().lines();
    let data = server.scratch().path().join("data");
    for (name, words) in [
        ("log.db", "the event log"),
        ("keys/pepper", "pepper is missing"),
        ("keys/account.key", "account.key is missing"),
        ("keys/log.key", "log.key is missing"),
        ("keys/kek.1", "kek.1 is missing"),
    ] {
        let (path, aside) = (data.join(name), server.scratch().path().join("aside"));
        std::fs::rename(&path, &aside).unwrap();
        let said = Attempt::new().with("BECKON_DATA", &data).is_refused(&[]);
        assert_says(&said, &[words, "from a backup"]);
        assert!(!path.exists(), "{name} was made anew");
        std::fs::rename(&aside, &path).unwrap();
    }
    server.start_again();
    is_well(&server);
    assert_eq!(server.log().lines()[..before.len()], before[..]);
}

#[test]
fn a_server_whose_vault_is_gone_says_what_to_do_and_a_new_vault_is_made_only_on_demand() {
    let mut server = Server::start();
    server.init("Example Ltd");
    assert!(server.stop().success());
    let before = server.log().lines();
    let data = server.scratch().path().join("data");
    let on_folder = || Attempt::new().with("BECKON_DATA", &data);
    let said = on_folder().is_refused(&["vault", "renew"]);
    assert_says(&said, &["vault.db is there", "nothing to renew"]);
    std::fs::remove_file(data.join("vault.db")).unwrap();
    let init = ["init", "--company", "Example Ltd", "--again"];
    for arguments in [[].as_slice(), &init] {
        // A link can only be printed where the port is known.
        let port = if arguments.is_empty() { "127.0.0.1:0" } else { "127.0.0.1:9" };
        let said = on_folder().with("BECKON_LISTEN", port).is_refused(arguments);
        let wanted = ["vault.db is gone", "restore it from a backup", "beckon-server vault renew"];
        assert_says(&said, &wanted);
    }
    assert!(!data.join("vault.db").exists());
    let (renewed, said) = server.verb(&["vault", "renew"]);
    assert!(renewed.success() && said.contains("read as erased"), "{said}");
    assert_eq!(server.log().lines(), before, "nobody was erased by intent");
    server.start_again();
    is_well(&server);
    let (done, link) = server.verb(&init);
    assert!(done.success() && link.contains("/setup#"), "{link}");
    assert_eq!(server.log().lines()[..before.len()], before[..]);
}
