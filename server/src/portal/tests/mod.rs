//! The portal from outside: requests in, pages out, over a whole server without its socket.

mod bad_input;
mod doors;
mod downloads;
mod exporting;
mod inviting;
mod live;
mod rights;
mod running;
mod setting_up;
mod stage;
