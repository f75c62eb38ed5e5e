//! A real server on a free port, with a clock that the test moves.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use beckon_events::envelope::{self, Actor};
use beckon_events::operator::Role;
use beckon_events::session::{Command, Event};
use beckon_events::{
    AccountId, Action, ActionSet, CommandId, OperatorId, RecordedEvent, SessionId, Timestamp,
    account, operator,
};
use beckon_protocol::{JoinCode, LinkToken};
use beckon_server::clock::{Clock, ManualClock, SystemClock};
use beckon_server::config::Config;
use beckon_server::dispatch::Source;
use beckon_server::hub::Hub;
use beckon_server::vault::Invitation;
use tempfile::TempDir;
use tokio::sync::watch;

/// 2026-11-22T08:00:00Z.
const START: i64 = 1_795_334_400_000_000;

/// A server that runs until this is dropped.
pub struct Ground<C: Clock + Clone + 'static = ManualClock> {
    /// The heart of the server.
    pub hub: Hub,
    /// Its clock.
    pub clock: C,
    /// Where it listens.
    pub address: SocketAddr,
    folder: Option<TempDir>,
    settings: Vec<(String, String)>,
    stop: watch::Sender<bool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// An open invitation.
pub struct Invited {
    /// The session.
    pub session: SessionId,
    /// Its code.
    pub code: JoinCode,
    /// The token of its link.
    pub token: LinkToken,
    /// Who created it.
    pub operator: OperatorId,
}

impl Ground {
    /// A server on a new data folder, set up for "Acme", whose time the test moves.
    pub async fn new() -> Self {
        Self::new_with(&[]).await
    }

    /// The same with settings from the environment.
    pub async fn new_with(settings: &[(&str, &str)]) -> Self {
        Self::set_up(ManualClock::new(Timestamp::from_micros(START)), settings).await
    }
}

impl Ground<SystemClock> {
    /// The same in real time, for programs that have a clock of their own.
    pub async fn in_real_time() -> Self {
        Self::in_real_time_with(&[]).await
    }

    /// The same with settings from the environment, such as `("BECKON_SMTP__PORT", "2525")`.
    pub async fn in_real_time_with(settings: &[(&str, &str)]) -> Self {
        Self::set_up(SystemClock::new(), settings).await
    }
}

impl<C: Clock + Clone + 'static> Ground<C> {
    async fn set_up(clock: C, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let ground = Self::on(folder, clock, settings.iter().map(owned).collect());
        let open = account::Command::Open {
            account: AccountId(ground.hub.random.uuid()),
            company: "Acme".into(),
        };
        let done = ground.hub.account(ground.own(), open).await.unwrap();
        assert!(ground.hub.reached(&done).await);
        ground
    }

    /// Ends the server and starts another one on the same data folder.
    #[must_use]
    pub fn restart(mut self) -> Self {
        self.end();
        let (folder, clock) = (self.folder.take().unwrap(), self.clock.clone());
        let settings = self.settings.clone();
        // The hub of the test holds the lock of the data folder, too.
        drop(self);
        Self::on(folder, clock, settings)
    }

    /// Starts a server on what stands on the disk now, as if this one had been killed.
    #[must_use]
    pub fn killed(self) -> Self {
        let copied = tempfile::tempdir().unwrap();
        copy(self.hub.folder.path(), &copied.path().join("data"));
        let (clock, settings) = (self.clock.clone(), self.settings.clone());
        drop(self);
        Self::on(copied, clock, settings)
    }

    /// Ends the server and leaves its folder; the data folder is `data` in it.
    pub fn into_folder(mut self) -> TempDir {
        self.end();
        self.folder.take().unwrap()
    }

    fn on(folder: TempDir, clock: C, settings: Vec<(String, String)>) -> Self {
        let data = folder.path().join("data");
        let mut environment = settings.clone();
        environment.push(("BECKON_DATA".to_owned(), data.display().to_string()));
        let config = Config::parse("", environment).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let (tell, told) = std::sync::mpsc::channel();
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let thread = std::thread::spawn(move || {
            actix_system(async move {
                let url = config.public_url_for(address);
                let opened = beckon_server::open(config, url, shared).await.unwrap();
                let hub = opened.hub.clone();
                let ready = Box::new(move || tell.send(hub).unwrap());
                beckon_server::serve(opened, listener, stopped, ready).await.unwrap();
            });
        });
        let hub = told.recv_timeout(Duration::from_secs(30)).expect("the server did not start");
        Self { hub, clock, address, folder: Some(folder), settings, stop, thread: Some(thread) }
    }

    fn end(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(std::thread::panicking() || ended.is_ok(), "the server panicked");
        }
    }

    /// A source of commands.
    pub fn own(&self) -> Source {
        self.hub.own(Actor::SYSTEM)
    }

    /// A registered operator.
    pub async fn operator(&self, name: &str) -> OperatorId {
        let id = OperatorId(self.hub.random.uuid());
        let account = self.hub.views.read(|m| m.account.account()).unwrap();
        let invite = operator::Command::Invite {
            operator: id,
            account,
            name: name.into(),
            role: Role::Operator,
        };
        self.hub.operator(id, self.own(), invite).await.unwrap();
        let register = operator::Command::Register {
            name: name.into(),
            email: format!("{}@example.org", name.replace(' ', ".")).as_str().into(),
        };
        let done = self.hub.operator(id, self.own(), register).await.unwrap();
        assert!(self.hub.reached(&done).await);
        id
    }

    /// An operator and their open invitation.
    pub async fn invited(&self) -> Invited {
        let operator = self.operator("Ana Silva").await;
        self.invitation(operator).await
    }

    /// An open invitation of this operator.
    pub async fn invitation(&self, operator: OperatorId) -> Invited {
        let hub = &self.hub;
        let session = SessionId(hub.random.uuid());
        let code = JoinCode::from_random(&hub.random.bytes::<9>());
        let token = LinkToken::from_random(hub.random.bytes());
        let kept = Invitation { code: code.folded(), token: token.as_str().to_owned() };
        hub.in_vault(move |vault| vault.keep_invitation(session, &kept)).await.unwrap();
        let command = Command::Create {
            session,
            account: hub.views.read(|m| m.account.account()).unwrap(),
            operator,
            name: None,
            note: None,
            code: hub.folder.pepper().code_digest(&code.folded()),
            token: hub.folder.pepper().code_digest(token.as_str()),
            expires: self.clock.now().plus(Duration::from_hours(2)),
        };
        let source =
            Source { command: CommandId(hub.random.uuid()), actor: Actor::operator(operator) };
        let done = hub.session(session, source, command).await.unwrap();
        assert!(hub.reached(&done).await);
        Invited { session, code, token, operator }
    }

    /// The token of a launch link to a session, for view and control.
    pub fn launch(&self, invited: &Invited) -> String {
        let wanted: ActionSet = [Action::Control].into_iter().collect();
        let server = self.address.to_string().parse().unwrap();
        let bound = (invited.operator, invited.session, wanted);
        self.hub
            .launches
            .issue(server, bound, self.clock.now(), &self.hub.random)
            .token()
            .to_owned()
    }

    /// What the log says about a session, with the bytes checked: chain, versions, body.
    pub async fn log(&self, session: SessionId) -> Vec<Event> {
        let stream = beckon_server::store::StreamName::session(session);
        let stored = self.hub.journal.read_stream(stream).await.unwrap();
        let mut previous = beckon_events::Digest::ZERO;
        let mut events = Vec::new();
        for (version, stored) in stored.iter().enumerate() {
            let position = stored.position.to_bits();
            let keys = &self.hub.keys;
            let read = envelope::read(&stored.metadata, &stored.data, position, keys);
            let RecordedEvent::Session(recorded) = read.unwrap() else {
                panic!("a stranger's event")
            };
            assert_eq!(recorded.metadata.version, version as u64);
            assert_eq!(recorded.metadata.prev, previous);
            assert_eq!(recorded.metadata.body, beckon_events::Digest::of(&stored.data));
            previous = envelope::leaf(&stored.metadata);
            events.push(recorded.event);
        }
        events
    }

    /// The names of what the log says, in order.
    pub async fn story(&self, session: SessionId) -> Vec<&'static str> {
        self.log(session).await.iter().map(beckon_events::DomainEvent::name).collect()
    }

    /// Waits until the log of a session ends with `name`.
    pub async fn recorded(&self, session: SessionId, name: &str) {
        let mut changed = self.hub.views.changed();
        let wait = async {
            while self.story(session).await.last() != Some(&name) {
                changed.changed().await.unwrap();
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(20), wait).await.is_ok();
        assert!(in_time, "{name} was not recorded: {:?}", self.story(session).await);
    }
}

impl<C: Clock + Clone + 'static> Drop for Ground<C> {
    fn drop(&mut self) {
        self.end();
    }
}

/// Copies the files of a data folder, its socket left out.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (kind, target) = (entry.file_type().unwrap(), to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &target);
        } else if kind.is_file() {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Runs `future` as the server's program does.
fn actix_system(future: impl Future<Output = ()>) {
    beckon_server::system(future);
}
