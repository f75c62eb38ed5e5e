//! Relay tickets: 128 bits, 30 s, single use, in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use beckon_protocol::limits::RELAY_TICKET_FOR;
use data_encoding::BASE64URL_NOPAD;

use crate::clock::Random;
use crate::gateway::pipe::{Joint, Side};

/// The tickets that are out. Cheap to clone.
#[derive(Clone, Default)]
pub struct Tickets(Arc<Mutex<HashMap<String, Ticket>>>);

struct Ticket {
    joint: Arc<Joint>,
    side: Side,
    until: Duration,
}

impl Tickets {
    /// A ticket for one side of a relay, at the monotonic time `now`.
    pub fn issue(&self, joint: Arc<Joint>, side: Side, now: Duration, random: &Random) -> String {
        let name = BASE64URL_NOPAD.encode(&random.bytes::<16>());
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.retain(|_, ticket| now < ticket.until);
        tickets.insert(name.clone(), Ticket { joint, side, until: now + RELAY_TICKET_FOR });
        name
    }

    /// Takes a ticket in; it counts once and in its time only.
    pub fn redeem(&self, name: &str, now: Duration) -> Option<(Arc<Joint>, Side)> {
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ticket = tickets.remove(name)?;
        (now < ticket.until).then_some((ticket.joint, ticket.side))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_counts_once_and_for_thirty_seconds() {
        let (tickets, random) = (Tickets::default(), Random::new());
        let joint = Arc::new(Joint::new(Duration::ZERO));
        let issue = || tickets.issue(Arc::clone(&joint), Side::Agent, Duration::ZERO, &random);
        let first = issue();
        assert!(tickets.redeem(&first, Duration::from_secs(29)).is_some());
        assert!(tickets.redeem(&first, Duration::from_secs(29)).is_none(), "used");
        assert!(tickets.redeem(&issue(), Duration::from_secs(30)).is_none(), "too late");
        assert!(tickets.redeem("guessed", Duration::ZERO).is_none());
    }
}
