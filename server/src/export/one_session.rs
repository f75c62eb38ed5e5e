//! The events of one session, each with its way into the tree.

use beckon_events::{SessionId, envelope};
use beckon_protocol::Base64;
use beckon_protocol::evidence::ReceiptProof;

use super::names::Found;
use super::package::{EVENTS, Package};
use super::{ExportError, PAGE, whole_log};
use crate::evidence::{Evidence, Signed};
use crate::store::{EventReader, StreamName};

/// Writes the events of `session` that the checkpoint covers, and its receipt once it is over.
/// How many events.
pub(super) fn write(
    reader: &dyn EventReader,
    session: SessionId,
    (evidence, signed): (&Evidence, &Signed),
    package: &mut Package<'_>,
    found: &mut Found<'_>,
) -> Result<u64, ExportError> {
    let stream = StreamName::session(session);
    let mut receipt = None;
    let mut events = 0;
    let mut line = String::new();
    package.begin(EVENTS).map_err(ExportError::Write)?;
    loop {
        let page = reader.read_stream(&stream, events, PAGE)?;
        let ends = page.len() < PAGE;
        for event in page {
            if event.position > signed.position {
                return close(package, session, receipt, events);
            }
            let index = evidence.index_of(event.position)?;
            let proof = evidence.proven(&event.leaf(), index, signed)?;
            line.clear();
            line.push_str("{\"index\":");
            line.push_str(&index.to_string());
            line.push(',');
            whole_log::bytes_of(&event, &mut line);
            line.push_str(",\"proof\":[");
            for (nth, hash) in proof.iter().enumerate() {
                line.push_str(if nth == 0 { "\"" } else { ",\"" });
                line.push_str(&hash.to_string());
                line.push('"');
            }
            line.push_str("]}\n");
            package.write(line.as_bytes()).map_err(ExportError::Write)?;
            found.look(&event);
            events += 1;
            let kind = envelope::metadata(&event.metadata)?.kind;
            if matches!(kind.as_str(), "Ended" | "Expired") {
                receipt = Some(ReceiptProof {
                    metadata: Base64(event.metadata.to_vec()),
                    index,
                    proof,
                    checkpoint: signed.note.clone(),
                    log_key: evidence.public_key(),
                });
            }
        }
        if ends {
            return close(package, session, receipt, events);
        }
    }
}

fn close(
    package: &mut Package<'_>,
    session: SessionId,
    receipt: Option<ReceiptProof>,
    events: u64,
) -> Result<u64, ExportError> {
    if let Some(receipt) = receipt {
        let path = format!("receipts/{session}.json");
        package.json(path, &receipt).map_err(ExportError::Write)?;
    }
    Ok(events)
}
