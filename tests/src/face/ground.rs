//! A server whose log can be read, and clients that read it.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use beckon_events::account;
use beckon_server::clock::{Clock, ManualClock, SystemClock};
use beckon_server::store::{StoredEvent, StreamName};
use beckon_tests::authority::Authority;
use beckon_tests::inside::ground::Ground;
use eventstore::{Client, ReadAllOptions, RecordedEvent, ResolvedEvent};
use tempfile::TempDir;

/// An answer takes no longer.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A server that also listens on the port of the face.
pub struct House<C: Clock + Clone + 'static = SystemClock> {
    pub ground: Ground<C>,
    pub face: SocketAddr,
    /// A token in force.
    pub token: String,
    /// Its id.
    pub id: uuid::Uuid,
    /// Who certified it, where it speaks TLS.
    pub authority: Option<Authority>,
    /// For certificates.
    pub folder: TempDir,
}

impl House {
    /// One on this machine, without TLS.
    pub async fn plain() -> Self {
        Self::with(|_| (None, Vec::new())).await
    }

    /// One with a certificate of its own for its port.
    pub async fn with_tls() -> Self {
        Self::with(|folder| {
            let authority = Authority::new(folder, "own");
            let (chain, key) = authority.certify(folder);
            let settings = vec![
                ("BECKON_FACE__CERTIFICATE", chain.display().to_string()),
                ("BECKON_FACE__KEY", key.display().to_string()),
            ];
            (Some(authority), settings)
        })
        .await
    }

    async fn with(
        prepare: impl FnOnce(&Path) -> (Option<Authority>, Vec<(&'static str, String)>),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (authority, mut settings) = prepare(folder.path());
        let face = free_port();
        settings.push(("BECKON_FACE__LISTEN", face.to_string()));
        let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, &**value)).collect();
        let ground = Ground::in_real_time_with(&settings).await;
        Self::on(ground, face, authority, folder).await
    }

    /// One that keeps its log in the store at `uri`.
    pub async fn over(uri: &str) -> Self {
        Self::with(|_| (None, vec![("BECKON_STORE", uri.to_owned())])).await
    }
}

impl House<ManualClock> {
    /// One on this machine, without TLS, whose time the test moves.
    pub async fn in_slow_time() -> Self {
        let face = free_port();
        let ground = Ground::new_with(&[("BECKON_FACE__LISTEN", &face.to_string())]).await;
        Self::on(ground, face, None, tempfile::tempdir().unwrap()).await
    }
}

impl<C: Clock + Clone + 'static> House<C> {
    async fn on(
        ground: Ground<C>,
        face: SocketAddr,
        authority: Option<Authority>,
        folder: TempDir,
    ) -> Self {
        let (id, token) = ground.hub.issue_token("tests").await.unwrap();
        let token = token.as_str().to_owned();
        Self { ground, face, token, id, authority, folder }
    }

    /// How a client with this token is told of it.
    pub fn uri(&self, token: &str) -> String {
        let tls = match &self.authority {
            Some(authority) => format!("tls=true&tlsCaFile={}", authority.ca.display()),
            None => "tls=false".to_owned(),
        };
        format!("esdb://anybody:{token}@{}?{tls}", self.face)
    }

    /// A client with the token in force.
    pub fn client(&self) -> Client {
        client(&self.uri(&self.token))
    }

    /// Every event that is stored, as it is stored.
    pub fn stored(&self) -> Vec<StoredEvent> {
        let reader = self.ground.hub.journal.readers().reader().unwrap();
        reader.read_all(None, 100_000).unwrap()
    }

    /// A session with its first event, and that event's stream.
    pub async fn session(&self) -> StreamName {
        StreamName::session(self.ground.invited().await.session)
    }
}

/// What the log says about tokens.
pub fn about_tokens<C: Clock + Clone>(house: &House<C>) -> Vec<&'static str> {
    let read = |stored: StoredEvent| {
        let position = stored.position.to_bits();
        let keys = &house.ground.hub.keys;
        beckon_events::envelope::read(&stored.metadata, &stored.data, position, keys).unwrap()
    };
    let events = house.stored().into_iter().map(read).filter_map(|event| match event {
        beckon_events::RecordedEvent::Account(recorded) => Some(recorded.event),
        _ => None,
    });
    events
        .filter_map(|event| match event {
            account::Event::TokenIssued { .. } => Some("issued"),
            account::Event::TokenUsed { .. } => Some("used"),
            account::Event::TokenRevoked { .. } => Some("revoked"),
            _ => None,
        })
        .collect()
}

/// A client that does not try twice.
pub fn client(uri: &str) -> Client {
    Client::new(uri.parse().unwrap()).unwrap()
}

/// An address that nobody listens on.
pub fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// The whole of `$all`, as `options` say.
pub async fn all(
    client: &Client,
    options: &ReadAllOptions,
) -> eventstore::Result<Vec<RecordedEvent>> {
    let mut stream = client.read_all(options).await?;
    let mut events = Vec::new();
    while let Some(event) = stream.next().await? {
        events.push(own(event));
    }
    Ok(events)
}

/// The event itself.
pub fn own(event: ResolvedEvent) -> RecordedEvent {
    event.event.expect("an event that was no link")
}

/// Whether a client was told the same as is stored.
pub fn assert_same(told: &[RecordedEvent], stored: &[StoredEvent]) {
    assert_eq!(told.len(), stored.len());
    for (told, stored) in told.iter().zip(stored) {
        assert_eq!(told.id, stored.id.0);
        assert_eq!(told.stream_id, stored.stream.as_str());
        assert_eq!(told.revision, stored.version);
        let position = stored.position.to_bits();
        assert_eq!((told.position.commit, told.position.prepare), (position, position));
        assert_eq!(told.custom_metadata, stored.metadata);
        assert_eq!(told.data, stored.data);
        assert!(told.is_json);
        let envelope: serde_json::Value = serde_json::from_slice(&stored.metadata).unwrap();
        assert_eq!(envelope["type"], *told.event_type);
        let at = told.created.format("%Y-%m-%dT%H:%M:%S").to_string();
        assert_eq!(envelope["at"].as_str().unwrap().get(..19), Some(&*at));
    }
}

/// What `future` gives, unless it takes too long.
pub async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.expect("an answer in time")
}
