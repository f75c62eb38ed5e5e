//! Launch tokens: 256 bits, 60 s, single use, bound to operator and session, in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use beckon_events::{ActionSet, Digest, OperatorId, SessionId, Timestamp};
use beckon_protocol::limits::LAUNCH_TOKEN_FOR;
use beckon_protocol::{LaunchLink, ServerAddress};

use crate::clock::Random;

/// The tokens that are out, by their hash. Cheap to clone.
#[derive(Clone, Default)]
pub struct Launches(Arc<Mutex<HashMap<Digest, Launch>>>);

/// What a token opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Launch {
    /// For whom.
    pub operator: OperatorId,
    /// Which session.
    pub session: SessionId,
    /// What the icon asks for.
    pub wanted: ActionSet,
    until: Timestamp,
    redeemed: bool,
}

impl Launches {
    /// A link that opens Control for `operator` at `session`.
    pub fn issue(
        &self,
        server: ServerAddress,
        (operator, session, wanted): (OperatorId, SessionId, ActionSet),
        now: Timestamp,
        random: &Random,
    ) -> LaunchLink {
        let link = LaunchLink::new(server, random.bytes());
        let mut launches = self.lock();
        launches.retain(|_, launch| now < launch.until);
        let until = now.plus(LAUNCH_TOKEN_FOR);
        let launch = Launch { operator, session, wanted, until, redeemed: false };
        launches.insert(Digest::of(link.token().as_bytes()), launch);
        link
    }

    /// Takes a token in: `None` where it is unknown, used or too old.
    pub fn redeem(&self, token: &str, now: Timestamp) -> Option<Launch> {
        let mut launches = self.lock();
        let launch = launches.get_mut(&Digest::of(token.as_bytes()))?;
        if launch.redeemed || now >= launch.until {
            return None;
        }
        launch.redeemed = true;
        Some(*launch)
    }

    /// Whether this operator's token has been taken in.
    pub fn is_redeemed(&self, token: &str, operator: OperatorId) -> bool {
        let launches = self.lock();
        let launch = launches.get(&Digest::of(token.as_bytes()));
        launch.is_some_and(|launch| launch.redeemed && launch.operator == operator)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Launch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_token_opens_one_session_once_within_a_minute() {
        let (launches, random) = (Launches::default(), Random::new());
        let operator = OperatorId(Uuid::from_u128(1));
        let bound = (operator, SessionId(Uuid::from_u128(2)), ActionSet::EMPTY);
        let start = Timestamp::from_micros(0);
        let issue = || {
            let server = "127.0.0.1:8080".parse().unwrap();
            launches.issue(server, bound, start, &random).token().to_owned()
        };
        let token = issue();
        assert!(!launches.is_redeemed(&token, operator));
        let launch = launches.redeem(&token, start).unwrap();
        assert_eq!((launch.operator, launch.session, launch.wanted), bound);
        assert!(launches.is_redeemed(&token, operator));
        assert!(!launches.is_redeemed(&token, OperatorId(Uuid::from_u128(9))));
        assert_eq!(launches.redeem(&token, start), None, "used");
        assert_eq!(launches.redeem(&issue(), start.plus(LAUNCH_TOKEN_FOR)), None, "too old");
        assert_eq!(launches.redeem("guessed", start), None);
    }
}
