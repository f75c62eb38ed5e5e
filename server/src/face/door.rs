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

/// Wrong tokens of one address within [`WITHIN`]; from then on it is not listened to.
const WRONG_MAX: u32 = 100;
/// Wrong tokens are counted for so long.
const WITHIN: Duration = Duration::from_mins(1);
/// So many addresses are counted at once.
const ADDRESSES_MAX: usize = 1_000;

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
        revoked: watch::Receiver<BTreeSet<Uuid>>,
        wrong: Arc<Mutex<HashMap<IpAddr, Wrong>>>,
        clock: Arc<dyn Clock>,
    },
}

/// Somebody shows a token.
pub struct Knock {
    /// What they show.
    pub token: Zeroizing<String>,
    /// What becomes of it: the id of the token.
    pub answer: oneshot::Sender<Result<Uuid, KnockError>>,
}

/// Why somebody does not come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnockError {
    /// There is no such token.
    Wrong,
    /// Its use cannot be recorded now.
    Unavailable(String),
}

/// Somebody who came in.
pub(super) struct Guest(Option<(Uuid, watch::Receiver<BTreeSet<Uuid>>)>);

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
                may_try(wrong, from.ip(), clock.monotonic())?;
                let Some(token) = password(metadata) else {
                    return Err(Status::unauthenticated(
                        "an API token is needed as the password, any name as the user",
                    ));
                };
                let revoked = revoked.clone();
                let (answer, answered) = oneshot::channel();
                let stopping = || Status::unavailable(super::STOPPING);
                knocks.send(Knock { token, answer }).await.map_err(|_| stopping())?;
                match answered.await.map_err(|_| stopping())? {
                    Ok(id) => Ok(Guest(Some((id, revoked)))),
                    Err(KnockError::Wrong) => {
                        was_wrong(wrong, from.ip(), clock.monotonic());
                        Err(Status::unauthenticated("the API token is wrong or was revoked"))
                    }
                    Err(KnockError::Unavailable(why)) => Err(Status::unavailable(format!(
                        "the use of the API token cannot be recorded ({why})"
                    ))),
                }
            }
        }
    }
}

impl Guest {
    /// Whether they may still read.
    pub fn is_in(&self) -> Result<(), Status> {
        match &self.0 {
            Some((id, revoked)) if revoked.borrow().contains(id) => {
                Err(Status::unauthenticated("the API token was revoked"))
            }
            _ => Ok(()),
        }
    }

    /// Returns when they may not any more.
    pub async fn thrown_out(&mut self) {
        let Some((id, revoked)) = &mut self.0 else { return std::future::pending().await };
        if revoked.wait_for(|revoked| revoked.contains(id)).await.is_err() {
            // Whoever revokes tokens is gone, and the server with it.
            std::future::pending::<()>().await;
        }
    }
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

fn may_try(
    wrong: &Mutex<HashMap<IpAddr, Wrong>>,
    from: IpAddr,
    now: Duration,
) -> Result<(), Status> {
    let wrong = wrong.lock().unwrap_or_else(PoisonError::into_inner);
    let counted = wrong.get(&from).filter(|wrong| now < wrong.since + WITHIN);
    match counted {
        Some(wrong) if wrong.count >= WRONG_MAX => {
            Err(Status::resource_exhausted("too many wrong API tokens, wait a minute"))
        }
        _ => Ok(()),
    }
}

fn was_wrong(wrong: &Mutex<HashMap<IpAddr, Wrong>>, from: IpAddr, now: Duration) {
    let mut wrong = wrong.lock().unwrap_or_else(PoisonError::into_inner);
    if wrong.len() >= ADDRESSES_MAX && !wrong.contains_key(&from) {
        wrong.clear();
    }
    let counted = wrong.entry(from).or_insert(Wrong { since: now, count: 0 });
    if now >= counted.since + WITHIN {
        *counted = Wrong { since: now, count: 0 };
    }
    counted.count += 1;
    if counted.count == 1 || counted.count == WRONG_MAX {
        tracing::warn!(%from, count = counted.count, "a wrong API token was shown");
    }
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
    fn an_address_that_shows_many_wrong_tokens_waits_a_minute() {
        let wrong = Mutex::default();
        let (guilty, other) = ([127, 0, 0, 1].into(), [127, 0, 0, 2].into());
        for _ in 0..WRONG_MAX {
            assert!(may_try(&wrong, guilty, Duration::ZERO).is_ok());
            was_wrong(&wrong, guilty, Duration::ZERO);
        }
        let refused = may_try(&wrong, guilty, Duration::from_secs(59)).unwrap_err();
        assert_eq!(refused.code(), tonic::Code::ResourceExhausted);
        assert!(may_try(&wrong, other, Duration::ZERO).is_ok());
        assert!(may_try(&wrong, guilty, WITHIN).is_ok());
    }
}
