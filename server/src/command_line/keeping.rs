//! What is done on the data folder itself, while no server runs on it.

use std::path::Path;

use anyhow::bail;
use beckon_protocol::evidence::fingerprint;
use beckon_server::clock::{Clock, Random, SystemClock};
use beckon_server::config::Config;
use beckon_server::data_folder::{LogSigningKey, read_secret};
use beckon_server::{backup, renewal, text};

/// Puts a backup back.
pub fn restore(
    config: &Config,
    folder: &Path,
    keys: &Path,
    seen: Option<&Path>,
) -> anyhow::Result<String> {
    let now = SystemClock::new().now();
    let done = backup::restore(config, folder, keys, seen, now, &Random::new())?;
    Ok(text::restored(
        &done.folder,
        (done.events, done.made),
        (done.era, done.checkpoint),
        &done.fingerprint,
    ))
}

/// The key that signs the log, whether a server runs or not.
pub fn log_key(config: &Config) -> anyhow::Result<String> {
    let path = config.data.join("keys/log.key");
    if !path.exists() {
        bail!(text::no_folder(&config.data));
    }
    match LogSigningKey::from_pkcs8(&read_secret(&path)?) {
        Some(key) => Ok(text::log_key(&fingerprint(&key.public_key()))),
        None => bail!(beckon_server::data_folder::DataFolderError::KeyDamaged(path)),
    }
}

/// Makes a vault where it is lost.
pub fn renew_vault(config: &Config) -> anyhow::Result<String> {
    Ok(text::vault_renewed(renewal::renew(config, &Random::new())?))
}
