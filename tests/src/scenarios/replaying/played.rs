//! A session of half an hour, played on a server whose clock the test moves.

use std::sync::Arc;
use std::time::Duration;

use beckon_events::account;
use beckon_events::envelope::Actor;
use beckon_events::operator::{self, Role};
use beckon_events::session::{
    AgentKeys, Command, ControlKeys, Device, EndReason, EndedBy, Endpoint, Fact, Said, head_bytes,
};
use beckon_events::{
    AccountId, Action, ActionSet, CommandId, Committed, Digest, Grant, Limits, OperatorId,
    PublicKey, Salt, SessionId, Statement,
};
use beckon_server::clock::{Clock as _, ManualClock};
use beckon_server::config::Config;
use beckon_server::dispatch::Source;
use beckon_server::hub::Hub;
use beckon_server::store::StreamName;
use beckon_tests::operator::PASSWORD;
use ring::signature::{Ed25519KeyPair, KeyPair};
use tempfile::TempDir;

/// The auditor's sign-in name.
pub const AUDITOR: &str = "ben@example.com";

/// A data folder with an administrator, an auditor and a session that is over. Nobody waits for
/// anybody in it: without a running server no rule acts by time.
pub fn recorded() -> (TempDir, SessionId) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").display().to_string();
    let play = move || {
        let (tell, told) = std::sync::mpsc::channel();
        beckon_server::system(async move {
            let config = Config::parse("", [("BECKON_DATA".to_owned(), data)]).unwrap();
            let url = config.public_url_for(([127, 0, 0, 1], 8080).into());
            let clock = ManualClock::new("2026-11-22T08:00:00.000000Z".parse().unwrap());
            let opened = beckon_server::open(config, url, Arc::new(clock.clone())).await.unwrap();
            let ground = Ground { hub: opened.hub.clone(), clock };
            let account = AccountId(ground.hub.random.uuid());
            let open = account::Command::Open { account, company: "Example Ltd".into() };
            let done = ground.hub.account(ground.own(), open).await.unwrap();
            assert!(ground.hub.reached(&done).await);
            ground.registers("Ada Admin", "ada@example.com", Role::Admin).await;
            ground.registers("Ben Ortiz", AUDITOR, Role::Auditor).await;
            let session = plays(&ground).await;
            ground.hub.evidence.finish().await;
            tell.send(session).unwrap();
        });
        told.recv().unwrap()
    };
    let session = std::thread::spawn(play).join().unwrap();
    (folder, session)
}

/// A server that is open and does not run.
struct Ground {
    hub: Hub,
    clock: ManualClock,
}

impl Ground {
    fn own(&self) -> Source {
        self.hub.own(Actor::SYSTEM)
    }

    /// Somebody with a password.
    async fn registers(&self, name: &str, email: &str, role: Role) -> OperatorId {
        let id = OperatorId(self.hub.random.uuid());
        let account = self.hub.views.read(|models| models.account.account()).unwrap();
        let name: beckon_events::Personal<String> = name.into();
        let invite = operator::Command::Invite { operator: id, account, name: name.clone(), role };
        self.hub.operator(id, self.own(), invite).await.unwrap();
        let register = operator::Command::Register { name, email: email.into() };
        let done = self.hub.operator(id, self.own(), register).await.unwrap();
        assert!(self.hub.reached(&done).await);
        self.hub.in_vault(move |vault| vault.set_password(id, PASSWORD)).await.unwrap();
        id
    }
}

/// One session and its two ends.
struct Play<'g> {
    ground: &'g Ground,
    session: SessionId,
    operator: OperatorId,
    agent: Ed25519KeyPair,
    control: Ed25519KeyPair,
    granted: u32,
}

/// Plays it: helped, paused, disconnected, taken back, ended by the user.
async fn plays(ground: &Ground) -> SessionId {
    let operator = ground.registers("Olga Ruiz", "olga@example.com", Role::Operator).await;
    let session = SessionId(ground.hub.random.uuid());
    let pair = |seed| Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
    let (agent, control) = (pair(2), pair(3));
    let mut play = Play { ground, session, operator, agent, control, granted: 0 };
    let (view, both) = (set(&[Action::View]), set(&[Action::View, Action::Control]));
    let files = set(&[Action::View, Action::Control, Action::Files]);
    let user = Actor::USER;
    play.creates().await;
    play.joins(95).await;
    play.asks(20, both).await;
    play.approves(7, both).await;
    let keys = play.control_keys();
    play.says(1, Actor::operator(operator), Command::Connect { operator, control: keys }).await;
    play.starts(1, Action::View).await;
    play.starts(4, Action::Control).await;
    let wanted = set(&[Action::Files]);
    play.says(70, Actor::operator(operator), Command::RequestExtension { actions: wanted }).await;
    let (statement, now) = play.grants(5, files);
    play.says(0, user, Command::Extend { statement, now }).await;
    play.starts(3, Action::Files).await;
    play.says(40, Actor::operator(operator), Command::StopAction { action: Action::Files }).await;
    play.says(30, user, Command::Pause).await;
    play.says(18 * 60, user, Command::Continue).await;
    let until = ground.clock.now().plus(Duration::from_mins(5));
    play.says(50, Actor::AGENT, Command::LoseAgent { until, suppressed: 0 }).await;
    play.says(12, Actor::AGENT, Command::ResumeAgent).await;
    let (statement, _) = play.grants(30, view);
    play.says(0, user, Command::Withdraw { statement }).await;
    play.ends(45).await;
    session
}

impl Play<'_> {
    /// Sends a command so many seconds after the one before it.
    async fn says(&self, after: u64, actor: Actor, command: Command) {
        self.ground.clock.advance(Duration::from_secs(after));
        let source = Source { command: CommandId(self.ground.hub.random.uuid()), actor };
        let done = self.ground.hub.session(self.session, source, command).await.unwrap();
        assert!(self.ground.hub.reached(&done).await);
    }

    async fn creates(&self) {
        let create = Command::Create {
            session: self.session,
            account: self.ground.hub.views.read(|models| models.account.account()).unwrap(),
            operator: self.operator,
            name: Some("Printer on the second floor".into()),
            note: None,
            code: Digest::of(b"code"),
            token: Digest::of(b"token"),
            expires: self.ground.clock.now().plus(Duration::from_hours(2)),
        };
        self.says(0, Actor::operator(self.operator), create).await;
    }

    async fn joins(&self, after: u64) {
        let now = self.ground.clock.now();
        let device = Device {
            host: "kitchen-pc".into(),
            user: "otto".into(),
            system: "Debian 12".to_owned(),
            build: "1".to_owned(),
        };
        let agent = AgentKeys { x25519: PublicKey([7; 32]), ed25519: public(&self.agent) };
        let wait_until = now.plus(Duration::from_hours(2));
        let address = "192.0.2.7".into();
        self.says(after, Actor::AGENT, Command::Join { agent, device, address, now, wait_until })
            .await;
    }

    async fn asks(&self, after: u64, actions: ActionSet) {
        let now = self.ground.clock.now();
        let ask = Command::RequestApproval {
            operator: self.operator,
            operator_name: "Olga Ruiz".into(),
            control: self.control_keys(),
            actions,
            now,
            lapses: now.plus(Duration::from_secs(after + 60)),
            damped: 0,
        };
        self.says(after, Actor::operator(self.operator), ask).await;
    }

    async fn approves(&mut self, after: u64, actions: ActionSet) {
        let (statement, now) = self.grants(after, actions);
        self.says(0, Actor::USER, Command::Approve { request: 1, statement, now }).await;
    }

    async fn starts(&self, after: u64, action: Action) {
        self.ground.clock.advance(Duration::from_secs(after));
        let now = self.ground.clock.now();
        self.says(0, Actor::AGENT, Command::StartAction { action, now }).await;
    }

    /// The user ends it, the agent removes itself, and both ends sign the end.
    async fn ends(&self, after: u64) {
        let statement = Some(Said::new(self.session, Fact::Ended).sign(&self.agent));
        let (by, why) = (EndedBy::User, EndReason::Asked);
        self.says(after, Actor::USER, Command::End { by, why, statement, suppressed: 0 }).await;
        let gone = [Committed { salt: Salt([5; 16]), value: "/tmp/beckon-agent".to_owned() }];
        let statement = Said::new(self.session, Fact::removal(&gone, &[])).sign(&self.agent);
        let removed = gone.into_iter().map(Into::into).collect();
        let left = Vec::new();
        let stream = StreamName::session(self.session);
        let events = self.ground.hub.journal.read_stream(stream.clone()).await.unwrap();
        let last = events.last().unwrap();
        let (leaf, head) = (last.leaf(), head_bytes(stream.as_str(), last.version, &last.leaf()));
        self.says(2, Actor::AGENT, Command::RecordRemoval { removed, left, statement }).await;
        let agent = (Endpoint::Agent, &self.agent, Actor::AGENT);
        let control = (Endpoint::Control, &self.control, Actor::operator(self.operator));
        for (by, pair, actor) in [agent, control] {
            let statement = Statement::sign(&head, pair);
            self.says(1, actor, Command::SignHead { by, leaf, statement }).await;
        }
    }

    /// The next grant, signed so many seconds later, and when that is.
    fn grants(&mut self, after: u64, actions: ActionSet) -> (Statement, beckon_events::Timestamp) {
        self.ground.clock.advance(Duration::from_secs(after));
        self.granted += 1;
        let now = self.ground.clock.now();
        let grant = Grant {
            v: 1,
            session: self.session,
            operator: self.operator,
            control: public(&self.control),
            actions,
            until: now.plus(Duration::from_hours(2)),
            n: self.granted,
            limits: Limits {},
        };
        (grant.sign(&self.agent), now)
    }

    fn control_keys(&self) -> ControlKeys {
        ControlKeys { x25519: PublicKey([8; 32]), ed25519: public(&self.control) }
    }
}

fn set(actions: &[Action]) -> ActionSet {
    actions.iter().copied().collect()
}

fn public(pair: &Ed25519KeyPair) -> PublicKey {
    PublicKey(pair.public_key().as_ref().try_into().unwrap())
}
