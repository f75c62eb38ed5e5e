//! The clock that Control may see.

use beckon_desk::clock;

/// Milliseconds since this computer was started, wrapping.
pub fn now() -> u32 {
    let millis = clock::uptime().as_millis() & u128::from(u32::MAX);
    u32::try_from(millis).unwrap_or_default()
}
