//! A server inside the test's own process, and programs that say just what the test tells them.

pub mod client;
pub mod ground;
pub mod probe;
