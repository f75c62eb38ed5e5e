//! What the caller has seen before: a checkpoint or a receipt, kept elsewhere.

use std::path::Path;

use beckon_events::Statement;
use beckon_protocol::evidence::{ReceiptProof, SignedCheckpoint};
use data_encoding::BASE64;
use serde::Deserialize;

use super::point::point;
use crate::export::strict::{self, Style};
use crate::text::seen as text;
use crate::verdict::CannotLook;

/// The longest file that can be one of them, in bytes.
const LONGEST: u64 = 1024 * 1024;
const BEGIN: &str = "-----BEGIN BECKON RECEIPT-----\n";
const END: &str = "-----END BECKON RECEIPT-----";

/// One of them.
#[derive(Debug)]
pub struct Seen {
    /// The name of its file, without its folder.
    pub name: String,
    /// The checkpoint; that of the receipt, where it is one.
    pub point: SignedCheckpoint,
    /// The receipt.
    pub receipt: Option<Kept>,
}

/// A receipt proof, and what its holder signed.
#[derive(Debug, Deserialize)]
pub struct Kept {
    /// The end of a session in the log.
    pub proof: ReceiptProof,
    /// The signature of whoever keeps the receipt.
    pub signed: Statement,
}

impl Seen {
    /// Reads one.
    pub fn read(path: &Path) -> Result<Self, CannotLook> {
        let failed = |error| CannotLook::Open { path: path.to_owned(), error };
        let useless = |why: &str| CannotLook::Seen { path: path.to_owned(), why: why.to_owned() };
        let metadata = std::fs::metadata(path).map_err(failed)?;
        if !metadata.is_file() || metadata.len() > LONGEST {
            return Err(useless(text::NEITHER));
        }
        let file = String::from_utf8(std::fs::read(path).map_err(failed)?);
        let file = file.map_err(|_| useless(text::NEITHER))?.replace("\r\n", "\n");
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if file.contains(BEGIN) {
            let receipt = block(&file).map_err(useless)?;
            let point = point(&receipt.proof.checkpoint).ok_or_else(|| useless(text::RECEIPT))?;
            return Ok(Self { name, point, receipt: Some(receipt) });
        }
        let point = point(&file).ok_or_else(|| useless(text::NEITHER))?;
        Ok(Self { name, point, receipt: None })
    }
}

fn block(file: &str) -> Result<Kept, &'static str> {
    let mut blocks = file.split(BEGIN).skip(1);
    let (Some(rest), None) = (blocks.next(), blocks.next()) else { return Err(text::SEVERAL) };
    let (base64, _) = rest.split_once(END).ok_or(text::RECEIPT)?;
    let base64: String = base64.split('\n').collect();
    let json = BASE64.decode(base64.as_bytes()).map_err(|_| text::RECEIPT)?;
    strict::check(&json, Style::Free).map_err(|_| text::RECEIPT)?;
    serde_json::from_slice(&json).map_err(|_| text::RECEIPT)
}
