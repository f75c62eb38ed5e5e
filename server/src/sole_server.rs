//! One server per log: a cluster lets two write the same one, a file and its lock do not.

use std::sync::Arc;
use std::time::Duration;

use beckon_events::envelope;

use crate::config::Store;
use crate::hub::Hub;
use crate::run::NODE;
use crate::store::{Position, ReadError, Readers, StreamName};

/// How often the log is asked.
const EVERY: Duration = Duration::from_secs(2);
/// How many of the node's events are looked at at once.
const PAGE: usize = 64;
/// The event by which a server says that it has started.
const STARTED: &str = "ServerStarted";

/// Ends when somebody else has recorded a start after this server's own, which stands at
/// `started`. Where only one server can have the log open, never.
pub(crate) async fn superseded(hub: &Hub, started: Option<Position>) {
    let (Store::Esdb(_), Ok(node)) = (&hub.config.store, StreamName::node(NODE)) else {
        return std::future::pending().await;
    };
    // Of the node's events, those from this version on were not looked at.
    let mut from = 0;
    loop {
        tokio::time::sleep(EVERY).await;
        let (readers, node) = (Arc::clone(&hub.journal.readers()), node.clone());
        let look = move || other_start(&*readers, &node, from, started);
        match tokio::task::spawn_blocking(look).await {
            Ok(Ok((true, _))) => return,
            Ok(Ok((false, next))) => from = next,
            // While the cluster is away nobody starts on it either.
            Ok(Err(_)) | Err(_) => {}
        }
    }
}

/// Whether somebody has started after `started`, and the version to go on with. What another one
/// records otherwise, such as its own end while this one starts, is no reason to go.
fn other_start(
    readers: &dyn Readers,
    node: &StreamName,
    mut from: u64,
    started: Option<Position>,
) -> Result<(bool, u64), ReadError> {
    let reader = readers.reader()?;
    loop {
        let page = reader.read_stream(node, from, PAGE)?;
        let is_start = |metadata| envelope::metadata(metadata).is_ok_and(|m| m.kind == STARTED);
        let mut later = page.iter().filter(|event| Some(event.position) > started);
        if later.any(|event| is_start(&event.metadata)) {
            return Ok((true, from));
        }
        from = page.last().map_or(from, |last| last.version.saturating_add(1));
        if page.len() < PAGE {
            return Ok((false, from));
        }
    }
}

#[cfg(test)]
mod tests;
