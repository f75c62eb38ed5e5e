//! A server in memory, and browsers in front of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::test::TestRequest;
use actix_web::{App, test, web};
use beckon_events::envelope::Actor;
use beckon_events::operator::Role;
use beckon_events::session::{self, AgentKeys, Device};
use beckon_events::{AccountId, OperatorId, PublicKey, SessionId, Timestamp, account, operator};
use beckon_projections::SessionRow;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use uuid::Uuid;

use crate::clock::ManualClock;
use crate::config::Config;
use crate::hub::Hub;
use crate::portal::{configure, cookie};
use crate::run::Opened;

pub const ORIGIN: &str = "http://127.0.0.1:8080";

pub struct Stage {
    pub hub: Hub,
    pub clock: ManualClock,
    _folder: tempfile::TempDir,
    _opened: Opened,
}

/// A browser: cookies, and the token of the page it shows.
pub struct Browser<'a> {
    pub stage: &'a Stage,
    pub cookies: BTreeMap<String, String>,
    pub csrf: String,
    pub headers: Vec<(&'static str, String)>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    pub bytes: web::Bytes,
}

impl Stage {
    /// A server that is not set up.
    pub async fn empty() -> Self {
        Self::with("").await
    }

    /// A server of "Acme & Söhne" with an administrator.
    pub async fn new() -> Self {
        Self::set_up("").await
    }

    pub async fn set_up(settings: &str) -> Self {
        let stage = Self::with(settings).await;
        let account = AccountId(Uuid::from_u128(1));
        let open = account::Command::Open { account, company: "Acme & Söhne".to_owned() };
        let done = stage.hub.account(stage.hub.own(Actor::SYSTEM), open).await.unwrap();
        assert!(stage.hub.reached(&done).await);
        stage.person("Ada Admin", Role::Admin).await;
        stage
    }

    async fn with(settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let text = format!("store = \"memory:\"\ndata = {data:?}\n{settings}");
        let config = Config::parse(&text, []).unwrap();
        let clock = ManualClock::new("2026-11-22T08:00:00.000000Z".parse().unwrap());
        let public_url = ORIGIN.parse().unwrap();
        let opened = crate::run::open(config, public_url, Arc::new(clock.clone())).await.unwrap();
        Self { hub: opened.hub.clone(), clock, _folder: folder, _opened: opened }
    }

    /// Somebody invited, who has not opened their link.
    pub async fn invited(&self, name: &str, role: Role) -> OperatorId {
        let operator = OperatorId(self.hub.random.uuid());
        let account = AccountId(Uuid::from_u128(1));
        let invite = operator::Command::Invite { operator, account, name: name.into(), role };
        let done = self.hub.operator(operator, self.hub.own(Actor::SYSTEM), invite).await.unwrap();
        assert!(self.hub.reached(&done).await);
        operator
    }

    /// Somebody registered; the e-mail is the name in lower case without spaces, at example.org.
    pub async fn person(&self, name: &str, role: Role) -> OperatorId {
        let operator = self.invited(name, role).await;
        let email = format!("{}@example.org", name.to_lowercase().replace(' ', ""));
        let register =
            operator::Command::Register { name: name.into(), email: email.as_str().into() };
        let source = self.hub.own(Actor::SYSTEM);
        let done = self.hub.operator(operator, source, register).await.unwrap();
        assert!(self.hub.reached(&done).await);
        operator
    }

    /// A browser in which nobody is signed in.
    pub fn stranger(&self) -> Browser<'_> {
        let headers = vec![
            ("Origin", ORIGIN.to_owned()),
            ("Sec-Fetch-Site", "same-origin".to_owned()),
            ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64)".to_owned()),
        ];
        Browser { stage: self, cookies: BTreeMap::new(), csrf: String::new(), headers }
    }

    /// A browser in which `operator` is signed in.
    pub fn browser(&self, operator: OperatorId) -> Browser<'_> {
        let signed_in = self.hub.vault.sign_in(operator, self.now()).unwrap();
        let mut browser = self.stranger();
        browser.cookies.insert(cookie::SESSION.to_owned(), signed_in.id.as_str().to_owned());
        browser.csrf = signed_in.session.csrf;
        browser
    }

    pub fn now(&self) -> Timestamp {
        crate::clock::Clock::now(&self.clock)
    }

    /// The only session there is.
    pub fn session(&self) -> SessionRow {
        let all = self.sessions();
        assert_eq!(all.len(), 1, "{all:?}");
        all.into_iter().next().unwrap()
    }

    pub fn sessions(&self) -> Vec<SessionRow> {
        let of_old = Timestamp::from_micros(0);
        let ended = self.hub.views.look_now(|tables| tables.ended(None, of_old, 0)).unwrap();
        self.hub.views.read(|models| {
            models.sessions.live(None).into_iter().cloned().chain(ended.rows).collect()
        })
    }

    pub async fn tell(&self, session: SessionId, command: session::Command) {
        let source = self.hub.own(Actor::SYSTEM);
        let done = self.hub.session(session, source, command).await.unwrap();
        assert!(self.hub.reached(&done).await);
    }

    /// An agent joins.
    pub async fn join(&self, session: SessionId) {
        let device = Device {
            host: "<b>PC</b>".into(),
            user: "eva".into(),
            system: "Debian 12".to_owned(),
            build: "1".to_owned(),
        };
        let mut key = [0; 32];
        key.copy_from_slice(agent().public_key().as_ref());
        let agent = AgentKeys { x25519: PublicKey([1; 32]), ed25519: PublicKey(key) };
        let now = self.now();
        let wait_until = now.plus(self.hub.config.session.wait);
        let address = "192.0.2.1".into();
        self.tell(session, session::Command::Join { agent, device, address, now, wait_until })
            .await;
    }
}

/// What every agent signs with.
pub fn agent() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[2; 32]).unwrap()
}

impl Browser<'_> {
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        if !value.is_empty() {
            self.headers.push((name, value.to_owned()));
        }
        self
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(TestRequest::get().uri(path)).await
    }

    /// Sends a form with the token of the page.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf.clone();
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend(fields);
        self.send(TestRequest::post().uri(path).set_form(all)).await
    }

    pub async fn send(&mut self, mut request: TestRequest) -> Answer {
        for (name, value) in &self.headers {
            request = request.insert_header((*name, value.as_str()));
        }
        let cookies: Vec<_> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        if !cookies.is_empty() {
            request = request.insert_header(("Cookie", cookies.join("; ")));
        }
        let request = request.peer_addr("192.0.2.7:1234".parse().unwrap());
        let hub = web::Data::new(self.stage.hub.clone());
        let app = App::new().configure(|config| configure(config, hub.clone()));
        let app = test::init_service(app).await;
        let response = test::call_service(&app, request.to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        for cookie in response.response().cookies() {
            if cookie.value().is_empty() {
                self.cookies.remove(cookie.name());
            } else {
                self.cookies.insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
        let bytes = test::read_body(response).await;
        let body = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(csrf) = field(&body, "csrf") {
            self.csrf = csrf;
        }
        Answer { status, headers, body, bytes }
    }

    /// Fills in and sends the Create dialog; what is not given stays as the page has it.
    pub async fn create(&mut self, fields: &[(&str, &str)]) -> Answer {
        let page = self.get("/sessions/new").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let mut all = page.draft();
        for (name, value) in fields {
            all.retain(|(known, _)| known != name);
            all.push(((*name).to_owned(), (*value).to_owned()));
        }
        let all: Vec<_> = all.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        self.post("/sessions", &all).await
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The fields of the Create dialog, as the browser would send them.
    pub fn draft(&self) -> Vec<(String, String)> {
        ["session", "code", "token", "expires", "mac", "name"]
            .map(|name| (name.to_owned(), field(&self.body, name).unwrap()))
            .to_vec()
    }
}

/// The value of an input of this name.
pub fn field(body: &str, name: &str) -> Option<String> {
    let (_, rest) = body.split_once(&format!("name=\"{name}\""))?;
    let (input, _) = rest.split_once('>')?;
    let (_, value) = input.split_once("value=\"")?;
    value.split_once('"').map(|(value, _)| value.to_owned())
}
