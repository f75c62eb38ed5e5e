//! One server per log: a cluster lets two write the same one, a file and its lock do not.

use std::sync::Arc;
use std::time::Duration;

use crate::config::Store;
use crate::hub::Hub;
use crate::run::NODE;
use crate::store::{Position, StreamName};

/// How often the log is asked.
const EVERY: Duration = Duration::from_secs(2);

/// Ends when somebody else has recorded a start after this server's own, which stands at
/// `started`. Where only one server can have the log open, never.
pub(crate) async fn superseded(hub: &Hub, started: Option<Position>) {
    let (Store::Esdb(_), Ok(node)) = (&hub.config.store, StreamName::node(NODE)) else {
        return std::future::pending().await;
    };
    loop {
        tokio::time::sleep(EVERY).await;
        let (readers, node) = (Arc::clone(&hub.journal.readers()), node.clone());
        let head = tokio::task::spawn_blocking(move || readers.reader()?.head(&node)).await;
        match head {
            Ok(Ok(head)) if head.map(|head| head.position) > started => return,
            // While the cluster is away nobody starts on it either.
            Ok(Ok(_) | Err(_)) | Err(_) => {}
        }
    }
}
