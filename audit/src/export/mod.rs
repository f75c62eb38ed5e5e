//! An export on disk: a folder or a zip, read in place.

mod archive;
mod container;
mod folder;
mod keys;
mod line;
mod lines;
mod manifest;
mod shape;
pub mod strict;
mod subjects;

pub use container::{Container, SMALL};
pub use keys::{ExportKeys, LogEraKey};
pub use line::{LINE, Line, Unread, line};
pub use lines::{Batch, Lines, Passed};
pub use manifest::{Kind, Manifest, ManifestFile, NamesIn};
pub use shape::{Text, is_object, object};
pub use subjects::Subjects;
