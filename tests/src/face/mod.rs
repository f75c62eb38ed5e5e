//! The log over EventStoreDB's protocol: what clients of EventStoreDB hear from a real server.

mod days;
mod doors;
mod following;
mod ground;
mod peer;
mod python;
mod reading;
mod strangers;
mod thrown_out;
