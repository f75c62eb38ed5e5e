//! The operator asks.

use std::time::Duration;

use beckon_events::{ActionSet, OperatorId};
use beckon_peer::PeerKeys;
use beckon_protocol::Certificate;

use super::Now;

/// A dialog can be answered only after it has been seen for so long.
pub const ARMING: Duration = Duration::from_secs(1);

/// A request that waits for the user's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its number.
    pub number: u32,
    /// P, verbatim.
    pub policy: Vec<u8>,
    /// What is asked for.
    pub actions: ActionSet,
    /// Whether the server says that it continues a suspended grant.
    pub claims_to_continue: bool,
    /// When no answer counts as no, by the time since boot.
    pub lapses: Duration,
    /// The dialog, once the channel has said who asks.
    pub dialog: Option<Dialog>,
}

/// The question on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialog {
    /// Who asks, by the certificate.
    pub who: Who,
    /// What would be allowed.
    pub ticked: ActionSet,
    /// Whether it goes on with what was allowed a moment ago.
    pub continues: bool,
    /// Since when it is seen.
    pub shown: Duration,
}

/// An operator, as the certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The operator.
    pub operator: OperatorId,
    /// Their name.
    pub name: String,
    /// Their company.
    pub company: String,
    /// The keys of their Control.
    pub keys: PeerKeys,
}

impl Who {
    /// Who a verified certificate is about.
    pub fn of(certificate: &Certificate) -> Self {
        Self {
            operator: certificate.operator,
            name: certificate.name.clone(),
            company: certificate.company.clone(),
            keys: certificate.keys().into(),
        }
    }
}

impl Dialog {
    /// Whether it can be answered with yes.
    pub fn is_armed(&self, now: Now) -> bool {
        now.up.saturating_sub(self.shown) >= ARMING
    }
}
