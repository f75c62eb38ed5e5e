//! The messages and services of the protocol, made by `scripts/protocol-code`.
#![allow(
    dead_code,
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes_without_reason,
    reason = "made by a program; some of it only the peer uses"
)]

/// What EventStoreDB defines.
pub mod event_store {
    /// What its clients use.
    pub mod client {
        include!("generated/event_store.client.rs");

        /// Which node of a cluster leads.
        pub mod gossip {
            include!("generated/event_store.client.gossip.rs");
        }

        /// What a server can do.
        pub mod server_features {
            include!("generated/event_store.client.server_features.rs");
        }

        /// Reading and appending.
        pub mod streams {
            include!("generated/event_store.client.streams.rs");
        }
    }
}

/// What it borrows.
pub mod google {
    /// An outcome within a message.
    pub mod rpc {
        include!("generated/google.rpc.rs");
    }
}
