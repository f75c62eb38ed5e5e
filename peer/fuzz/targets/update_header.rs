//! Any bytes as the updates of one agent.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| beckon_peer_fuzz::update_header(bytes));
