//! What an export is made of, fixed before its first byte is written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use beckon_events::account::{Command, Names};
use beckon_events::envelope::{self, Actor};
use beckon_events::{NoKeys, PublicKey, SessionId, Timestamp, node};
use beckon_protocol::evidence::{Checkpoint, Origin, SignedCheckpoint};
use serde::Serialize;

use super::names::{self, Found};
use super::package::{About, CHECKPOINTS, FORMAT, Package};
use super::sink::Sink;
use super::streams::every_event;
use super::{Contents, ExportError, Wish, one_session, scratch, whole_log};
use crate::clock::Random;
use crate::evidence::{Evidence, Signed};
use crate::hub::Hub;
use crate::keyring::Keyring;
use crate::partial;
use crate::store::{EventReader, Readers, StreamName};

/// An export that has been recorded, up to the checkpoint that ends with the record.
pub struct Basis {
    wish: Wish,
    signed: Arc<Signed>,
    checkpoint: Checkpoint,
    evidence: Evidence,
    readers: Arc<dyn Readers>,
    keys: Keyring,
    account: PublicKey,
    created: Timestamp,
    data: PathBuf,
    random: Random,
}

/// `keys.json`.
#[derive(Serialize)]
struct PublicKeys {
    account: PublicKey,
    log: Vec<KeyOfEra>,
}

#[derive(Serialize)]
struct KeyOfEra {
    era: u32,
    key: PublicKey,
    origin: String,
}

impl Basis {
    /// Records that `actor` takes an export away, and waits for the checkpoint that ends with it.
    pub async fn record(hub: &Hub, actor: Actor, wish: Wish) -> Result<Self, ExportError> {
        if let Some(session) = wish.session {
            must_exist(hub, session).await?;
        }
        let export = hub.random.uuid();
        let command = Command::Export { export, session: wish.session, names: wish.names.clone() };
        let done = hub.account(hub.own(actor), command).await?;
        hub.reached(&done).await;
        let position = done.position.ok_or(ExportError::Differs)?;
        let signed = hub.evidence.at(position).await?;
        let checkpoint = SignedCheckpoint::parse(&signed.note).map_err(|_| ExportError::Differs)?;
        Ok(Self {
            wish,
            signed,
            checkpoint: checkpoint.checkpoint,
            evidence: hub.evidence.clone(),
            readers: hub.journal.readers(),
            keys: hub.keys.clone(),
            account: hub.folder.account_key().public_key(),
            created: hub.clock.now(),
            data: hub.folder.path().to_owned(),
            random: hub.random.clone(),
        })
    }

    /// Writes all files, the manifest last. Waits for the disk.
    pub(super) fn write(&self, sink: &mut dyn Sink) -> Result<Contents, ExportError> {
        let reader = self.readers.reader()?;
        let mut package = Package::new(sink);
        let mut found = Found::new(&self.wish.names);
        let size = self.signed.size;
        let events = if let Some(session) = self.wish.session {
            let sealed = (&self.evidence, &*self.signed);
            one_session::write(&*reader, session, sealed, &mut package, &mut found)?
        } else {
            let aside = self.scratch().map_err(ExportError::Write)?;
            whole_log::write(&*reader, &self.checkpoint, aside, &mut package, &mut found)?;
            size
        };
        let erased = match self.wish.names {
            Names::None => BTreeSet::new(),
            Names::Some(_) | Names::All => names::erased(&*reader, self.signed.position)?,
        };
        let claim = found.write(&mut package, &self.keys, &erased)?;
        let origins = self.checkpoints(&mut package)?;
        let known = keys_of_eras(&*reader)?;
        let key = |(era, origin): (u32, Origin)| KeyOfEra {
            era,
            key: known.get(&era).copied().unwrap_or(self.evidence.public_key()),
            origin: origin.to_string(),
        };
        let log = origins.into_iter().map(key).collect();
        let keys = PublicKeys { account: self.account, log };
        package.json("keys.json", &keys).map_err(ExportError::Write)?;
        let about = About {
            format: FORMAT,
            v: 1,
            kind: if self.wish.session.is_some() { "session" } else { "log" },
            session: self.wish.session,
            log: self.checkpoint.origin.log,
            origin: self.checkpoint.origin.to_string(),
            size,
            events,
            created: self.created,
            build: env!("CARGO_PKG_VERSION"),
            names: claim.names,
        };
        package.close(about).map_err(ExportError::Write)?;
        Ok(Contents { events, size, opened: claim.opened })
    }

    /// A file in the data folder that nobody else can find.
    pub(super) fn scratch(&self) -> io::Result<File> {
        scratch::scratch(&self.data, &self.random)
    }

    /// Where it is written until it is whole and becomes `target`.
    pub(super) fn beside(&self, target: &Path) -> PathBuf {
        partial::beside(target, &self.random)
    }

    /// Writes the checkpoints; of each era with one, its origin.
    fn checkpoints(&self, package: &mut Package<'_>) -> Result<BTreeMap<u32, Origin>, ExportError> {
        let mut origins = BTreeMap::new();
        if self.wish.session.is_some() {
            self.checkpoint(package, &mut origins, &self.signed.note)?;
            return Ok(origins);
        }
        let now = self.checkpoint.origin.era;
        let eras = self.evidence.eras().map_err(ExportError::Write)?;
        for era in eras.into_iter().filter(|era| *era <= now) {
            for note in self.evidence.notes(era).map_err(ExportError::Write)? {
                let note = note.map_err(ExportError::Write)?;
                if !self.checkpoint(package, &mut origins, &note)? {
                    break;
                }
            }
        }
        Ok(origins)
    }

    /// Writes one checkpoint; whether it is not above the export's own.
    fn checkpoint(
        &self,
        package: &mut Package<'_>,
        origins: &mut BTreeMap<u32, Origin>,
        note: &str,
    ) -> Result<bool, ExportError> {
        let read = SignedCheckpoint::parse(note).map_err(|_| ExportError::Differs)?.checkpoint;
        let era = read.origin.era;
        if era == self.checkpoint.origin.era && read.size > self.signed.size {
            return Ok(false);
        }
        if origins.insert(era, read.origin).is_none() {
            let path = format!("{CHECKPOINTS}{era}.ndjson");
            package.begin(path).map_err(ExportError::Write)?;
        }
        let line = serde_json::to_string(note).map_err(io::Error::from);
        let line = line.map_err(ExportError::Write)? + "\n";
        package.write(line.as_bytes()).map_err(ExportError::Write)?;
        Ok(true)
    }
}

async fn must_exist(hub: &Hub, session: SessionId) -> Result<(), ExportError> {
    let readers = hub.journal.readers();
    let look = move || readers.reader()?.head(&StreamName::session(session));
    let head = tokio::task::spawn_blocking(look).await.map_err(|_| ExportError::CutOff)??;
    head.map(drop).ok_or(ExportError::NoSession(session))
}

/// The log key of each era, as the servers recorded it that ran in it.
fn keys_of_eras(reader: &dyn EventReader) -> Result<BTreeMap<u32, PublicKey>, ExportError> {
    let mut keys = BTreeMap::new();
    every_event(reader, "node", |event| {
        let (metadata, data) = (&event.metadata, &event.data);
        let position = event.position.to_bits();
        let read = envelope::read_as::<node::Event>(metadata, data, position, &NoKeys)?;
        if let node::Event::ServerStarted { era, log_key: Some(key), .. } = read.event {
            keys.insert(era, key);
        }
        Ok(())
    })?;
    Ok(keys)
}
