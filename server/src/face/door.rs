//! Who may read: whoever shows an API token that is in force.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use data_encoding::BASE64;
use tokio::sync::{mpsc, oneshot, watch};
use tonic::Status;
use tonic::metadata::MetadataMap;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::tokens::day;

/// Wrong tokens of one address within [`WITHIN`]; from then on it is told to wait.
const WRONG_MAX: u32 = 100;
/// Wrong tokens are counted for so long.
const WITHIN: Duration = Duration::from_mins(1);
/// So many addresses are counted at once.
const ADDRESSES_MAX: usize = 1_000;

/// What somebody hears whose token opens nothing any more.
const REVOKED: &str = "the API token was revoked";

/// Where readers show their token; cheap to clone.
#[derive(Clone)]
pub struct Door(Guard);

#[derive(Clone)]
enum Guard {
    /// Everybody comes in.
    #[cfg(feature = "esdb-peer")]
    Nobody,
    Keeper {
        knocks: mpsc::Sender<Knock>,
        revoked: Revoked,
        wrong: Arc<Mutex<HashMap<IpAddr, Wrong>>>,
        clock: Arc<dyn Clock>,
    },
}

/// Somebody wants to come in, or to stay.
pub struct Knock {
    /// What they show.
    pub shown: Shown,
    /// What becomes of it.
    pub answer: oneshot::Sender<Result<Admission, KnockError>>,
}

/// What somebody shows at the door.
pub enum Shown {
    /// A token.
    Token(Zeroizing<String>),
    /// That they came in by the token with this id, on a day that is over.
    Before(Uuid),
}

/// A token that is in force and whose use is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Its id.
    pub token: Uuid,
    /// On which day it was used, counted from 1970 (UTC).
    pub day: i64,
}

/// Why somebody does not come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnockError {
    /// There is no such token.
    Wrong,
    /// Its use cannot be recorded now.
    Unavailable(String),
}

/// The tokens that stopped counting.
pub(super) type Revoked = watch::Receiver<BTreeSet<Uuid>>;

/// Somebody who came in.
pub(super) struct Guest(Option<Stay>);

struct Stay {
    admission: Admission,
    revoked: Revoked,
    knocks: mpsc::Sender<Knock>,
    clock: Arc<dyn Clock>,
}

#[derive(Clone, Copy)]
struct Wrong {
    /// On the monotonic clock.
    since: Duration,
    count: u32,
}

impl Door {
    /// A door whose keeper answers `knocks`; `revoked` holds the tokens that stopped counting.
    pub fn new(
        knocks: mpsc::Sender<Knock>,
        revoked: watch::Receiver<BTreeSet<Uuid>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Guard::Keeper { knocks, revoked, wrong: Arc::default(), clock })
    }

    /// A door without a keeper.
    #[cfg(feature = "esdb-peer")]
    pub(super) fn open() -> Self {
        Self(Guard::Nobody)
    }

    /// Lets somebody in who shows a token in force.
    pub(super) async fn admit(
        &self,
        metadata: &MetadataMap,
        from: SocketAddr,
    ) -> Result<Guest, Status> {
        match &self.0 {
            #[cfg(feature = "esdb-peer")]
            Guard::Nobody => Ok(Guest(None)),
            Guard::Keeper { knocks, revoked, wrong, clock } => {
                let Some(token) = password(metadata) else {
                    return Err(Status::unauthenticated(
                        "an API token is needed as the password, any name as the user",
                    ));
                };
                // Looked at before anything is counted: nobody guesses one, and whoever has one
                // may come from where others try.
                match ask(knocks, Shown::Token(token)).await? {
                    Ok(admission) => {
                        let (revoked, knocks) = (revoked.clone(), knocks.clone());
                        let clock = Arc::clone(clock);
                        Ok(Guest(Some(Stay { admission, revoked, knocks, clock })))
                    }
                    Err(KnockError::Wrong) => Err(was_wrong(wrong, from.ip(), clock.monotonic())),
                    Err(KnockError::Unavailable(why)) => Err(unrecorded(&why)),
                }
            }
        }
    }

    /// The tokens that stopped counting.
    pub(super) fn revoked(&self) -> Revoked {
        match &self.0 {
            #[cfg(feature = "esdb-peer")]
            Guard::Nobody => watch::channel(BTreeSet::new()).1,
            Guard::Keeper { revoked, .. } => revoked.clone(),
        }
    }
}

impl Guest {
    /// The token by which they came in.
    pub fn token(&self) -> Option<Uuid> {
        self.0.as_ref().map(|stay| stay.admission.token)
    }

    /// Whether they may stay: on a new day that they are there is recorded first.
    pub async fn stays(&mut self) -> Result<(), Status> {
        let Some(Stay { admission, knocks, clock, .. }) = &mut self.0 else { return Ok(()) };
        if day(clock.now()) <= admission.day {
            return Ok(());
        }
        match ask(knocks, Shown::Before(admission.token)).await? {
            Ok(again) => {
                *admission = again;
                Ok(())
            }
            Err(KnockError::Wrong) => Err(Status::unauthenticated(REVOKED)),
            Err(KnockError::Unavailable(why)) => Err(unrecorded(&why)),
        }
    }

    /// Ends with the reason when their token was revoked.
    pub fn thrown_out(&self) -> impl Future<Output = Status> + use<> {
        let known = self.0.as_ref().map(|stay| (stay.admission.token, stay.revoked.clone()));
        async move {
            if let Some((token, mut revoked)) = known
                && revoked.wait_for(|revoked| revoked.contains(&token)).await.is_ok()
            {
                return Status::unauthenticated(REVOKED);
            }
            // Nobody revokes tokens, or whoever did is gone, and the server with it.
            std::future::pending().await
        }
    }
}

async fn ask(
    knocks: &mpsc::Sender<Knock>,
    shown: Shown,
) -> Result<Result<Admission, KnockError>, Status> {
    let stopping = || Status::unavailable(super::STOPPING);
    let (answer, answered) = oneshot::channel();
    knocks.send(Knock { shown, answer }).await.map_err(|_| stopping())?;
    answered.await.map_err(|_| stopping())
}

fn unrecorded(why: &str) -> Status {
    Status::unavailable(format!("the use of the API token cannot be recorded ({why})"))
}

/// The password of HTTP basic authentication; the user's name says nothing.
fn password(metadata: &MetadataMap) -> Option<Zeroizing<String>> {
    let value = metadata.get("authorization")?.to_str().ok()?;
    let (scheme, credentials) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("basic").then_some(())?;
    let bytes = Zeroizing::new(BASE64.decode(credentials.trim().as_bytes()).ok()?);
    let (_, password) = std::str::from_utf8(&bytes).ok()?.split_once(':')?;
    Some(Zeroizing::new(password.to_owned()))
}

/// What somebody hears who showed a wrong token, counted for their address: a flood of them does
/// not flood our log.
fn was_wrong(wrong: &Mutex<HashMap<IpAddr, Wrong>>, from: IpAddr, now: Duration) -> Status {
    let mut wrong = wrong.lock().unwrap_or_else(PoisonError::into_inner);
    if wrong.len() >= ADDRESSES_MAX && !wrong.contains_key(&from) {
        wrong.clear();
    }
    let counted = wrong.entry(from).or_insert(Wrong { since: now, count: 0 });
    if now >= counted.since + WITHIN {
        *counted = Wrong { since: now, count: 0 };
    }
    counted.count = counted.count.saturating_add(1);
    if counted.count == 1 || counted.count == WRONG_MAX {
        tracing::warn!(count = counted.count, "a wrong API token was shown");
    }
    if counted.count > WRONG_MAX {
        return Status::resource_exhausted("too many wrong API tokens, wait a minute");
    }
    Status::unauthenticated("the API token is wrong or was revoked")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(authorization: &str) -> Option<String> {
        let mut metadata = MetadataMap::new();
        metadata.insert("authorization", authorization.parse().unwrap());
        password(&metadata).map(|password| password.to_string())
    }

    #[test]
    fn the_token_is_the_password_whatever_the_user_is_called() {
        let basic = |text: &str| format!("Basic {}", BASE64.encode(text.as_bytes()));
        assert_eq!(shown(&basic("auditor:beckon_x:y")), Some("beckon_x:y".to_owned()));
        assert_eq!(shown(&basic(":t")), Some("t".to_owned()));
        for bad in [basic("no colon"), "Bearer abc".to_owned(), "Basic %%%".to_owned()] {
            assert_eq!(shown(&bad), None, "{bad}");
        }
    }

    #[test]
    fn an_address_that_shows_many_wrong_tokens_is_told_to_wait_a_minute() {
        let wrong = Mutex::default();
        let (guilty, other) = ([127, 0, 0, 1].into(), [127, 0, 0, 2].into());
        let code = |from, now| was_wrong(&wrong, from, now).code();
        for _ in 0..WRONG_MAX {
            assert_eq!(code(guilty, Duration::ZERO), tonic::Code::Unauthenticated);
        }
        assert_eq!(code(guilty, Duration::from_secs(59)), tonic::Code::ResourceExhausted);
        assert_eq!(code(other, Duration::ZERO), tonic::Code::Unauthenticated);
        assert_eq!(code(guilty, WITHIN), tonic::Code::Unauthenticated);
    }

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_log_says_that_a_wrong_token_was_shown_and_not_from_where() {
        let kept = Kept::default();
        let writer = kept.clone();
        let logs = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(logs, || {
            was_wrong(&Mutex::default(), [192, 0, 2, 7].into(), Duration::ZERO);
        });
        let said = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert!(said.contains("a wrong API token was shown"), "{said}");
        assert!(!said.contains("192.0.2.7"), "{said}");
    }
}
