//! Any bytes as the tiles of an update whose header is right.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| beckon_peer_fuzz::tile_decoder(bytes));
