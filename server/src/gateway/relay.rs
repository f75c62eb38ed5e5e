//! `/ws/relay`: a ticket first, then records only.

use std::sync::Arc;

use beckon_protocol::limits::HELLO_MAX;
use beckon_protocol::{RelayHello, VERSION, decode};

pub use super::socket::open_relay as open;

use super::pipe::{Joint, Side};
use crate::hub::Hub;

/// The seat that the first message of a relay socket pays for.
pub fn redeem(hub: &Hub, text: &str) -> Option<(Arc<Joint>, Side)> {
    let hello: RelayHello = decode(text, HELLO_MAX).ok()?;
    (hello.v == VERSION).then_some(())?;
    hub.tickets.redeem(&hello.ticket, hub.clock.monotonic())
}
