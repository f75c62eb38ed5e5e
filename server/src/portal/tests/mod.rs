//! The portal from outside: requests in, pages out, over a whole server without its socket.

mod auditing;
mod bad_input;
mod cut_off;
mod doors;
mod downloads;
mod exporting;
mod inviting;
mod live;
mod looking_back;
mod played;
mod replaying;
mod rights;
mod running;
mod setting_up;
mod stage;
