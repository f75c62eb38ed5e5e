//! How personal values and moments are kept in a snapshot: with nothing lost.
//!
//! In the log an erased value cannot be written, since nobody records what was erased; a snapshot
//! has to keep that it was. A moment is kept as a number, since it is read and written with every
//! row.

#![expect(clippy::ref_option, reason = "the shape that serde calls")]

use beckon_events::Personal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
enum Kept<T> {
    #[serde(rename = "k")]
    Known(T),
    #[serde(rename = "e")]
    Erased,
}

impl<'a, T> From<&'a Personal<T>> for Kept<&'a T> {
    fn from(value: &'a Personal<T>) -> Self {
        value.known().map_or(Self::Erased, Self::Known)
    }
}

impl<T> From<Kept<T>> for Personal<T> {
    fn from(kept: Kept<T>) -> Self {
        match kept {
            Kept::Known(value) => Self::Known(value),
            Kept::Erased => Self::Erased,
        }
    }
}

/// A personal text.
pub(crate) mod personal {
    use super::{Deserialize, Deserializer, Kept, Personal, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        value: &Personal<String>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        Kept::from(value).serialize(s)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Personal<String>, D::Error> {
        Kept::deserialize(d).map(Personal::from)
    }
}

/// A personal text that may be missing.
pub(crate) mod optional {
    use super::{Deserialize, Deserializer, Kept, Personal, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        value: &Option<Personal<String>>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        value.as_ref().map(Kept::from).serialize(s)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Option<Personal<String>>, D::Error> {
        Ok(<Option<Kept<String>>>::deserialize(d)?.map(Personal::from))
    }
}

/// A device that may be missing.
pub(crate) mod device {
    use beckon_events::session::Device;

    use super::{Deserialize, Deserializer, Personal, Serialize, Serializer, personal};

    #[derive(Serialize, Deserialize)]
    struct Claimed {
        #[serde(with = "personal")]
        host: Personal<String>,
        #[serde(with = "personal")]
        user: Personal<String>,
        system: String,
        build: String,
    }

    pub(crate) fn serialize<S: Serializer>(
        device: &Option<Device>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        let claimed = device.as_ref().map(|device| {
            let Device { host, user, system, build } = device.clone();
            Claimed { host, user, system, build }
        });
        claimed.serialize(s)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Device>, D::Error> {
        let claimed = <Option<Claimed>>::deserialize(d)?;
        Ok(claimed.map(|Claimed { host, user, system, build }| Device {
            host,
            user,
            system,
            build,
        }))
    }
}

/// A moment, in microseconds since the epoch.
pub(crate) mod moment {
    use beckon_events::Timestamp;

    use super::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde calls")]
    pub(crate) fn serialize<S: Serializer>(at: &Timestamp, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_i64(at.micros())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(d).map(Timestamp::from_micros)
    }
}

/// A moment that may be missing.
pub(crate) mod moments {
    use beckon_events::Timestamp;

    use super::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        at: &Option<Timestamp>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        at.map(Timestamp::micros).serialize(s)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Ok(<Option<i64>>::deserialize(d)?.map(Timestamp::from_micros))
    }
}
