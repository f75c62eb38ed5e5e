//! The file that shows an end user, years later, what happened.

use beckon_events::session::{Event, head_bytes};
use beckon_events::{ActionSet, DomainEvent as _, PublicKey, SessionId, Statement, Timestamp};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::receipt_text::{BEGIN, END};
use super::{CheckedReceipt, ReceiptError, ReceiptProof};

/// The longest receipt, in bytes.
pub const RECEIPT_MAX: usize = 64 * 1024;

/// Lines for people, then the same and its proof in a block for programs.
///
/// The log proves the session, its end and when that was. Company, operator, start and actions
/// are what the keeper's own program noted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The version of this document: 1.
    pub v: u64,
    /// The company's name.
    pub company: String,
    /// The operator's name; none where nobody came.
    pub operator: Option<String>,
    /// Everything that was allowed in the session.
    pub actions: ActionSet,
    /// When the keeper joined.
    pub started: Timestamp,
    /// When the session ended: the `at` of the closing event.
    pub ended: Timestamp,
    /// Who keeps it.
    pub by: KeptBy,
    /// The end of the session in the log.
    pub proof: ReceiptProof,
    /// [`head_bytes`] of the closing event, signed by the keeper.
    pub signed: Statement,
}

/// The program that writes a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeptBy {
    /// The end user's.
    Agent,
    /// The operator's.
    Control,
}

impl Receipt {
    /// The session that it is about, unchecked.
    pub fn session(&self) -> Option<SessionId> {
        let stream = self.proof.event().ok()?.stream;
        let (category, id) = stream.split_once('-')?;
        let session: SessionId = id.parse().ok()?;
        (category == Event::CATEGORY && session.to_string() == id).then_some(session)
    }

    /// Checks all of it against the key `pinned`, whose fingerprint came from elsewhere.
    ///
    /// The key of the keeper is in `signed`; whether it took part in the session is in the log.
    pub fn check(&self, pinned: &PublicKey) -> Result<CheckedReceipt, ReceiptError> {
        let session = self.session().ok_or(ReceiptError::Metadata)?;
        let checked = self.proof.check(session, pinned)?;
        let metadata = &checked.metadata;
        if metadata.at != self.ended {
            return Err(ReceiptError::OtherEnd);
        }
        let head = head_bytes(&metadata.stream, metadata.version, &checked.leaf);
        if self.signed.open(&self.signed.key()).ok() != Some(head) {
            return Err(ReceiptError::Statement);
        }
        Ok(checked)
    }

    /// Reads a file. Only the block counts, and the lines above it must be its own; how lines
    /// end does not matter.
    pub fn parse(file: &str) -> Result<Self, ReceiptError> {
        if file.len() > RECEIPT_MAX {
            return Err(ReceiptError::TooLong);
        }
        let file = file.replace("\r\n", "\n");
        let (_, block) = file.split_once(BEGIN).ok_or(ReceiptError::NoReceipt)?;
        let (block, _) = block.split_once(END).ok_or(ReceiptError::NoReceipt)?;
        let block: String = block.split('\n').collect();
        let json = BASE64.decode(block.as_bytes()).map_err(|_| ReceiptError::Block)?;
        let Version { v } = serde_json::from_slice(&json).map_err(|_| ReceiptError::Block)?;
        if v != 1 {
            return Err(ReceiptError::Version(v));
        }
        let receipt: Self = serde_json::from_slice(&json).map_err(|_| ReceiptError::Block)?;
        if receipt.session().is_none() {
            return Err(ReceiptError::Metadata);
        }
        if receipt.to_text().trim_end_matches('\n') != file.trim_end_matches('\n') {
            return Err(ReceiptError::TextChanged);
        }
        Ok(receipt)
    }
}

/// What every version of the document has.
#[derive(Deserialize)]
struct Version {
    v: u64,
}
