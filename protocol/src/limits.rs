//! Caps that every program keeps. All may be lowered, none raised.

use std::time::Duration;

/// The longest WebSocket message, in bytes.
pub const FRAME_MAX: usize = 64 * 1024;
/// The longest message before authentication, in bytes.
pub const HELLO_MAX: usize = 4 * 1024;
/// How long a connection may take to authenticate.
pub const AUTHENTICATE_WITHIN: Duration = Duration::from_secs(10);
/// The deepest nesting of JSON.
pub const JSON_DEPTH: usize = 16;
/// The longest name that a device may claim, in characters.
pub const LABEL_MAX: usize = 64;
/// How often each side asks whether the other is there.
pub const PING_EVERY: Duration = Duration::from_secs(5);
/// A socket without any byte for so long is dead.
pub const DEAD_AFTER: Duration = Duration::from_secs(15);
/// The life of a relay ticket.
pub const RELAY_TICKET_FOR: Duration = Duration::from_secs(30);
/// The life of a launch token.
pub const LAUNCH_TOKEN_FOR: Duration = Duration::from_mins(1);
/// The most things that an agent may list as removed.
pub const REMOVED_MAX: usize = 32;
/// The longest path among them, in characters; longer ones are refused.
pub const PATH_MAX: usize = 512;
/// The longest signed checkpoint in a message, in bytes.
pub const CHECKPOINT_MAX: usize = 4 * 1024;
