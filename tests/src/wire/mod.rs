//! The sockets of a real server in this process, spoken to without windows: what agent, Control
//! and strangers hear, and what the log says afterwards.

mod evidence;
mod garbage;
mod join;
mod launch;
mod life;
mod lost;
mod relay;
