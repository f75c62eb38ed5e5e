//! Erasures that a crash cut off.

use std::collections::BTreeSet;

use beckon_events::{AccountId, NoKeys, Subject, account, envelope};

use super::{blocking, destroy, forget_in_views, record};
use crate::dispatch::DispatchError;
use crate::hub::Hub;
use crate::store::{EventReader, ReadError, StreamName};
use crate::text;
use crate::vault::Vault;

/// How many events are read at once.
const PAGE: usize = 500;

/// Finishes every erasure of which the key is gone and the log says nothing yet: at a start.
pub async fn finish(hub: &Hub) -> Result<(), DispatchError> {
    let erased = hub.in_vault(Vault::erased_subjects).await?;
    let account = hub.views.read(|models| models.account.account());
    let Some(account) = account.filter(|_| !erased.is_empty()) else { return Ok(()) };
    let readers = hub.journal.readers();
    let recorded = blocking(move || recorded(&*readers.reader()?, account)).await?;
    let unfinished: Vec<_> = erased.into_iter().filter(|it| !recorded.contains(it)).collect();
    for subject in &unfinished {
        destroy(hub, *subject).await?;
        record(hub, *subject, text::ERASURE_FINISHED.to_owned()).await?;
        tracing::warn!(%subject, "an erasure that was cut off is finished");
    }
    if unfinished.is_empty() { Ok(()) } else { forget_in_views(hub).await }
}

/// Of whom the log says that they were erased.
fn recorded(reader: &dyn EventReader, account: AccountId) -> Result<BTreeSet<Subject>, ReadError> {
    let (stream, mut from) = (StreamName::account(account), 0);
    let mut subjects = BTreeSet::new();
    loop {
        let page = reader.read_stream(&stream, from, PAGE)?;
        for stored in &page {
            let (metadata, data) = (&stored.metadata, &stored.data);
            let position = stored.position.to_bits();
            let read = envelope::read_as::<account::Event>(metadata, data, position, &NoKeys);
            let read = read.map_err(|error| ReadError::Damaged(error.to_string()))?;
            if let account::Event::SubjectErased { subject, .. } = read.event {
                subjects.insert(subject);
            }
        }
        if page.len() < PAGE {
            return Ok(subjects);
        }
        from += page.len() as u64;
    }
}
