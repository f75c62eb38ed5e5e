//! What `beckon-server VERB` asks of a running server, over a socket that only its own user can
//! open; when none runs, the same work is done on the data folder itself.

mod request;
mod socket;
#[cfg(test)]
mod tests;

pub use request::{AdminAnswer, AdminRequest, carry_out};
pub use socket::{Listening, ask, listen};
