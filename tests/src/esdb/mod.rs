//! The log in an EventStoreDB cluster: what its client does wrong, and what a cluster goes through.

mod cluster;
mod faults;
mod outages;
mod refusals;
mod server;
mod speed;
mod strangers;
mod tls;
