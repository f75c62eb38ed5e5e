//! The public keys of an export.

use beckon_events::PublicKey;
use beckon_protocol::evidence::Origin;
use serde::{Deserialize, Serialize};

use super::{Manifest, shape};
use crate::text;

/// `keys.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportKeys {
    /// Signs certificates of operators.
    pub account: PublicKey,
    /// Sign checkpoints, one for each era that has any.
    #[serde(deserialize_with = "shape::objects")]
    pub log: Vec<LogEraKey>,
}

/// The key of one era.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogEraKey {
    /// Which era.
    pub era: u32,
    /// Its key.
    pub key: PublicKey,
    /// Under which name it signs.
    pub origin: String,
}

impl ExportKeys {
    /// Its name.
    pub const PATH: &'static str = "keys.json";

    /// Reads it; `eras` are those that have checkpoints, in their order.
    pub fn read(bytes: &[u8], manifest: &Manifest, eras: &[u32]) -> Result<Self, String> {
        let read: Self = shape::object(bytes)?;
        if !read.log.iter().map(|one| one.era).eq(eras.iter().copied()) {
            return Err(text::form::KEYS_ERAS.to_owned());
        }
        let fits = |one: &LogEraKey| {
            let origin: Result<Origin, _> = one.origin.parse();
            origin.is_ok_and(|origin| origin.log == manifest.log && origin.era == one.era)
        };
        let last = read.log.last().is_some_and(|one| one.origin == manifest.origin);
        if last && read.log.iter().all(fits) {
            Ok(read)
        } else {
            Err(text::form::KEYS_ORIGIN.to_owned())
        }
    }

    /// The key of an era.
    pub fn of(&self, era: u32) -> Option<&LogEraKey> {
        self.log.iter().find(|one| one.era == era)
    }

    /// The key of the last era.
    pub fn last(&self) -> Option<&LogEraKey> {
        self.log.last()
    }
}
