//! What the caller has seen before: a checkpoint or a receipt, kept elsewhere.

use std::path::Path;

use beckon_protocol::evidence::{Receipt, ReceiptError, SignedCheckpoint};
use data_encoding::BASE64;
use uuid::Uuid;

use super::point::point;
use crate::export::object;
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
    pub receipt: Option<Receipt>,
}

impl Seen {
    /// Reads one.
    pub fn read(path: &Path) -> Result<Self, CannotLook> {
        let failed = |error| CannotLook::Open { path: path.to_owned(), error };
        let useless = |why: &str| CannotLook::Seen { path: path.to_owned(), why: why.to_owned() };
        let metadata = std::fs::metadata(path).map_err(failed)?;
        if metadata.is_dir() {
            return Err(useless(text::FOLDER));
        }
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

    /// The session that it is a receipt of.
    pub fn session(&self) -> Option<Uuid> {
        self.receipt.as_ref().and_then(Receipt::session).map(|session| session.0)
    }
}

/// The receipt in a file, whose words are those that belong to its block.
fn block(file: &str) -> Result<Receipt, &'static str> {
    let mut blocks = file.split(BEGIN).skip(1);
    let (Some(rest), None) = (blocks.next(), blocks.next()) else { return Err(text::SEVERAL) };
    let (base64, after) = rest.split_once(END).ok_or(text::RECEIPT)?;
    let lines = || base64.split_terminator('\n');
    let formed = base64.ends_with('\n') && lines().all(|line| (1..=64).contains(&line.len()));
    if !formed || !after.bytes().all(|byte| byte == b'\n') {
        return Err(text::RECEIPT);
    }
    let json = BASE64.decode(lines().collect::<String>().as_bytes());
    object::<Receipt>(&json.map_err(|_| text::RECEIPT)?).map_err(|_| text::RECEIPT)?;
    Receipt::parse(file).map_err(|error| match error {
        ReceiptError::TextChanged => text::WORDS,
        _ => text::RECEIPT,
    })
}
