//! The first message on every socket.

use serde::{Deserialize, Serialize};

/// The version of the protocol that this build speaks.
pub const VERSION: u16 = 1;

/// Which program speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The end user's program.
    Agent,
    /// The operator's program.
    Control,
}

/// Who speaks, in which version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The version of the protocol.
    pub v: u16,
    /// Which program.
    pub kind: Kind,
    /// Which build of it.
    pub build: String,
}

/// `{"hello":{…}}`; what a later version adds beside it is ignored, so that the version can be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelloFrame {
    /// The hello.
    pub hello: Hello,
}

impl HelloFrame {
    /// The hello of this build.
    pub fn of(kind: Kind) -> Self {
        Self { hello: Hello { v: VERSION, kind, build: env!("CARGO_PKG_VERSION").to_owned() } }
    }
}
