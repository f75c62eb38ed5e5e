//! Exports of a server in memory.

mod form;
mod names;
mod targets;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use beckon_audit::{Options, Verdict, verify};
use beckon_events::account::{Command, Names};
use beckon_events::envelope::Actor;
use beckon_events::operator::{self, Role};
use beckon_events::session::{self, EndReason, EndedBy};
use beckon_events::{AccountId, Digest, OperatorId, SessionId, Subject};
use beckon_protocol::evidence::Fingerprint;
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

use super::{Basis, Contents, ExportError, Target, Wish};
use crate::clock::ManualClock;
use crate::config::Config;
use crate::hub::Hub;
use crate::run::Opened;

const ACCOUNT: AccountId = AccountId(Uuid::from_u128(1));
const ANA: OperatorId = OperatorId(Uuid::from_u128(2));
const FIRST: SessionId = SessionId(Uuid::from_u128(3));
const SECOND: SessionId = SessionId(Uuid::from_u128(4));

/// A server with an operator and two sessions, of which the first is over.
struct Server {
    hub: Hub,
    folder: TempDir,
    _opened: Opened,
}

/// The files of an export by their paths.
type Files = BTreeMap<String, Vec<u8>>;

impl Server {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("store = \"memory:\"\ndata = {:?}", folder.path().join("data"));
        let config = Config::parse(&text, []).unwrap();
        let clock = ManualClock::new("2026-11-22T08:00:00.000000Z".parse().unwrap());
        let url = "http://127.0.0.1:8080".parse().unwrap();
        let opened = crate::run::open(config, url, Arc::new(clock)).await.unwrap();
        let server = Self { hub: opened.hub.clone(), folder, _opened: opened };
        server.account(Command::Open { account: ACCOUNT, company: "Acme".into() }).await;
        let hub = &server.hub;
        let invite = operator::Command::Invite {
            operator: ANA,
            account: ACCOUNT,
            name: "Ana".into(),
            role: Role::Operator,
        };
        hub.operator(ANA, hub.own(Actor::SYSTEM), invite).await.unwrap();
        for session in [FIRST, SECOND] {
            server.create(session).await;
        }
        let end = session::Command::End {
            by: EndedBy::Portal,
            why: EndReason::Asked,
            statement: None,
            suppressed: 0,
        };
        server.tell(FIRST, end).await;
        server
    }

    async fn account(&self, command: Command) {
        let done = self.hub.account(self.hub.own(Actor::SYSTEM), command).await.unwrap();
        assert!(self.hub.reached(&done).await);
    }

    async fn create(&self, session: SessionId) {
        let create = session::Command::Create {
            session,
            account: ACCOUNT,
            operator: ANA,
            name: Some("Ida".into()),
            note: None,
            code: Digest::of(session.0.as_bytes()),
            token: Digest::of(&[1]),
            expires: self.hub.clock.now().plus(Duration::from_hours(2)),
        };
        self.tell(session, create).await;
    }

    async fn tell(&self, session: SessionId, command: session::Command) {
        self.hub.session(session, self.hub.own(Actor::SYSTEM), command).await.unwrap();
    }

    /// Records an export.
    async fn basis(&self, session: Option<SessionId>, names: Names) -> Basis {
        let wish = Wish { session, names };
        Basis::record(&self.hub, Actor::operator(ANA), wish).await.unwrap()
    }

    /// A path beside the data folder.
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes an export in a folder, verifies it as the auditor does, and reads it.
    async fn export(&self, session: Option<SessionId>, names: Names) -> (Contents, Files) {
        let basis = self.basis(session, names).await;
        let path = self.path(&self.hub.random.uuid().to_string());
        let contents = write(&path, basis).await.unwrap();
        self.verify(&path);
        (contents, folder_files(&path))
    }

    /// The auditor's program says that this log's key signed it.
    fn verify(&self, path: &Path) {
        let key = Some(Fingerprint::of(&self.hub.evidence.public_key()));
        let report = verify(path, &Options { key, seen: Vec::new(), jobs: 1 });
        let report = report.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(report.verdict, Verdict::Verified, "{}", path.display());
    }

    /// How many exports were recorded.
    fn recorded(&self) -> usize {
        self.hub.views.read(|models| models.exports.all().len())
    }
}

/// Writes to a new target, away from the async thread as the server does.
async fn write(path: &Path, basis: Basis) -> Result<Contents, ExportError> {
    let target = Target::new(path.to_owned())?;
    tokio::task::spawn_blocking(move || target.write(&basis)).await.unwrap()
}

fn folder_files(root: &Path) -> Files {
    let mut files = Files::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn zip_files(file: fs::File) -> Files {
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut files = Files::new();
    for nth in 0..archive.len() {
        let mut entry = archive.by_index(nth).unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        let name = entry.name().unwrap().into_owned();
        assert!(files.insert(name.clone(), bytes).is_none(), "{name} twice");
    }
    files
}

fn json(files: &Files, path: &str) -> Value {
    serde_json::from_slice(&files[path]).unwrap()
}
