//! A receipt by itself, without any export.

use std::path::Path;

use beckon_protocol::evidence::{Fingerprint, RECEIPT_MAX, Receipt, ReceiptError};

use crate::text::told as text;
use crate::verdict::CannotLook;

/// What a receipt turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// In words.
    pub text: String,
    /// What the program exits with: 0, 3 or 1.
    pub exit_code: u8,
}

/// Checks the receipt at `path`, against the key with the fingerprint `key` where that is known.
pub fn check(path: &Path, key: Option<Fingerprint>) -> Result<Found, CannotLook> {
    let failed = |error| CannotLook::Open { path: path.to_owned(), error };
    let useless = |why: String| CannotLook::Seen { path: path.to_owned(), why };
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Err(useless(text::FOLDER.to_owned()));
    }
    let longest = u64::try_from(RECEIPT_MAX).unwrap_or(u64::MAX);
    if !metadata.is_file() || metadata.len() > longest {
        return Err(useless(ReceiptError::TooLong.to_string()));
    }
    let file = String::from_utf8(std::fs::read(path).map_err(failed)?)
        .map_err(|_| useless(ReceiptError::NoReceipt.to_string()))?;
    let wrong = |why: &ReceiptError| Found { text: text::receipt_wrong(why), exit_code: 1 };
    let receipt = match Receipt::parse(&file) {
        Ok(receipt) => receipt,
        Err(why @ (ReceiptError::NoReceipt | ReceiptError::Version(_) | ReceiptError::TooLong)) => {
            return Err(useless(why.to_string()));
        }
        Err(why) => return Ok(wrong(&why)),
    };
    if key.is_some_and(|key| !key.is_of(&receipt.proof.log_key)) {
        return Ok(wrong(&ReceiptError::OtherKey));
    }
    Ok(match receipt.check(&receipt.proof.log_key) {
        Err(why) => wrong(&why),
        Ok(checked) => {
            let exit_code = if key.is_some() { 0 } else { 3 };
            Found { text: text::receipt(&receipt, &checked, key.is_some()), exit_code }
        }
    })
}
