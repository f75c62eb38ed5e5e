//! A server on a folder of its own, with people whose names are looked for.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use beckon_events::account::{self, Names};
use beckon_events::envelope::Actor;
use beckon_events::operator::{Command, Role};
use beckon_events::session::{self, AgentKeys, ControlKeys, Device, EndReason, EndedBy};
use beckon_events::{
    AccountId, Action, Digest, OperatorId, PublicKey, RecordedEvent, SessionId, envelope,
};
use uuid::Uuid;

use crate::clock::ManualClock;
use crate::config::Config;
use crate::erase::erase;
use crate::hub::Hub;
use crate::run::Opened;
use crate::store::StoredEvent;
use crate::vault::Invitation;

const ACCOUNT: AccountId = AccountId(Uuid::from_u128(1));
/// What was recorded about the end user and the operator of [`Desk::session`].
pub const USER: [&str; 5] =
    ["Zebra matter", "giraffe note", "okapi-host", "lemur-user", "203.0.113.77"];
pub const OPERATOR: [&str; 3] = ["Nadia Quokka", "nadia@quokka.example", "tapir-desk"];

pub struct Desk {
    pub hub: Hub,
    _opened: Opened,
    pub folder: tempfile::TempDir,
}

impl Desk {
    /// A server that is set up.
    pub async fn new() -> Self {
        let desk = Self::at(tempfile::tempdir().unwrap()).await;
        desk.account(account::Command::Open { account: ACCOUNT, company: "Acme".into() }).await;
        desk.person("Ada Admin", "ada@acme.example", Role::Admin).await;
        desk
    }

    /// A server on this folder, whatever is in it.
    pub async fn at(folder: tempfile::TempDir) -> Self {
        let config = config(folder.path());
        let clock = ManualClock::new("2026-11-22T08:00:00.000000Z".parse().unwrap());
        let url = "http://127.0.0.1:8080".parse().unwrap();
        let opened = crate::run::open(config, url, Arc::new(clock)).await.unwrap();
        Self { hub: opened.hub.clone(), _opened: opened, folder }
    }

    /// Ends it as a server ends, and gives the folder back. Not after a session: its actor stays.
    pub async fn close(self) -> tempfile::TempDir {
        let Self { hub, _opened: opened, folder } = self;
        crate::run::close(&hub).await.unwrap();
        drop((hub, opened));
        folder
    }

    pub async fn account(&self, command: account::Command) {
        let done = self.hub.account(self.hub.own(Actor::SYSTEM), command).await.unwrap();
        assert!(self.hub.reached(&done).await);
    }

    pub async fn operator(&self, id: OperatorId, command: Command) {
        let done = self.hub.operator(id, self.hub.own(Actor::SYSTEM), command).await.unwrap();
        assert!(self.hub.reached(&done).await);
    }

    pub async fn tell(&self, id: SessionId, command: session::Command) {
        let done = self.hub.session(id, self.hub.own(Actor::SYSTEM), command).await.unwrap();
        assert!(self.hub.reached(&done).await);
    }

    pub async fn person(&self, name: &str, email: &str, role: Role) -> OperatorId {
        let operator = OperatorId(self.hub.random.uuid());
        let invite = Command::Invite { operator, account: ACCOUNT, name: name.into(), role };
        self.operator(operator, invite).await;
        let register = Command::Register { name: name.into(), email: email.into() };
        self.operator(operator, register).await;
        operator
    }

    /// An operator with a Control and a sign-in, and a session of theirs that goes on.
    pub async fn session(&self) -> (OperatorId, SessionId) {
        let [name, email, device] = OPERATOR;
        let operator = self.person(name, email, Role::Operator).await;
        let control = ControlKeys { x25519: PublicKey([3; 32]), ed25519: PublicKey([4; 32]) };
        let enrol = Command::EnrolControl { control, device: device.into() };
        self.operator(operator, enrol).await;
        self.hub.vault.set_password(operator, "a long enough password").unwrap();
        self.hub.vault.sign_in(operator, self.hub.journal.now()).unwrap();
        let session = SessionId(self.hub.random.uuid());
        let invitation = Invitation { code: "ABCDEFGH".into(), token: "token".into() };
        self.hub.vault.keep_invitation(session, &invitation).unwrap();
        let now = self.hub.journal.now();
        let later = now.plus(Duration::from_hours(1));
        let (_, create) = self.creation_of(session, operator);
        self.tell(session, create).await;
        let join = session::Command::Join {
            agent: AgentKeys { x25519: PublicKey([1; 32]), ed25519: PublicKey([2; 32]) },
            device: Device {
                host: USER[2].into(),
                user: USER[3].into(),
                system: "Debian 12".into(),
                build: "1".into(),
            },
            address: USER[4].into(),
            now,
            wait_until: later,
        };
        self.tell(session, join).await;
        let ask = session::Command::RequestApproval {
            operator,
            operator_name: OPERATOR[0].into(),
            control,
            actions: [Action::View].into_iter().collect(),
            now,
            lapses: later,
            damped: 0,
        };
        self.tell(session, ask).await;
        (operator, session)
    }

    /// A new session of an operator, not told to anybody yet.
    pub fn creation(&self, operator: OperatorId) -> (SessionId, session::Command) {
        self.creation_of(SessionId(self.hub.random.uuid()), operator)
    }

    fn creation_of(
        &self,
        session: SessionId,
        operator: OperatorId,
    ) -> (SessionId, session::Command) {
        let create = session::Command::Create {
            session,
            account: ACCOUNT,
            operator,
            name: Some(USER[0].into()),
            note: Some(USER[1].into()),
            code: Digest::of(b"code"),
            token: Digest::of(b"token"),
            expires: self.hub.journal.now().plus(Duration::from_hours(1)),
        };
        (session, create)
    }

    pub async fn end(&self, session: SessionId) {
        let (by, why) = (EndedBy::Portal, EndReason::Asked);
        self.tell(session, session::Command::End { by, why, statement: None, suppressed: 0 }).await;
    }

    pub async fn export(&self, number: u128, session: Option<SessionId>, names: Names) {
        let export = Uuid::from_u128(number);
        self.account(account::Command::Export { export, session, names }).await;
    }

    pub async fn refused(&self, who: &str, reason: &str) -> String {
        erase(&self.hub, who, reason).await.unwrap_err().to_string()
    }

    /// Every file of the data folder, and all that the read models hold.
    pub fn everything(&self) -> Vec<(String, Vec<u8>)> {
        let mut all = Vec::new();
        files(self.folder.path(), &mut all);
        let models = self.hub.views.read(|models| {
            format!("{:?} {:?} {:?}", models.sessions, models.roster, models.account)
        });
        all.push(("read models".to_owned(), models.into_bytes()));
        all
    }

    pub fn holds(&self, names: &[&str]) -> Vec<String> {
        let all = self.everything();
        let within =
            |bytes: &[u8], name: &str| bytes.windows(name.len()).any(|w| w == name.as_bytes());
        let found = all.iter().flat_map(|(file, bytes)| {
            names
                .iter()
                .filter(|name| within(bytes, name))
                .map(move |name| format!("{name}: {file}"))
        });
        found.collect()
    }

    pub fn log(&self) -> Vec<StoredEvent> {
        self.hub.journal.readers().reader().unwrap().read_all(None, 10_000).unwrap()
    }

    pub fn events(&self) -> Vec<RecordedEvent> {
        let read = |event: &StoredEvent| {
            let position = event.position.to_bits();
            envelope::read(&event.metadata, &event.data, position, &self.hub.keys).unwrap()
        };
        self.log().iter().map(read).collect()
    }
}

fn files(folder: &Path, all: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, all);
        } else if let Ok(bytes) = fs::read(&path) {
            all.push((path.display().to_string(), bytes));
        }
    }
}

pub fn config(folder: &Path) -> Config {
    Config::parse(&format!("data = {folder:?}"), []).unwrap()
}
