//! All tests of Beckon that are not about one file: in one binary, on one stage.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a test a panic is the report"
)]

mod architecture;
mod contract;
mod corpus;
mod doctor;
mod esdb;
mod face;
mod faults;
mod harness_checks;
mod links;
mod mutations;
mod operations;
mod scenarios;
mod wire;
