//! What is done on the data folder itself, while no server runs on it.

use std::path::{Path, absolute};

use anyhow::bail;
use beckon_protocol::evidence::fingerprint;
use beckon_server::clock::{Clock, Random, SystemClock};
use beckon_server::config::{Config, Store};
use beckon_server::data_folder::{LogSigningKey, read_secret};
use beckon_server::{backup, renewal, text};

/// Refuses a folder on which there never was a server, before anything is made in it. One that
/// lost its log or its keys says so when it is opened.
pub fn must_hold_server(config: &Config) -> anyhow::Result<()> {
    let known = match &config.store {
        Store::Sqlite(None) => config.data.join("log.db"),
        Store::Sqlite(Some(path)) => path.clone(),
        Store::Memory | Store::Esdb(_) => config.data.join("keys/log.key"),
    };
    if known.exists() || config.data.join("vault.db").exists() {
        return Ok(());
    }
    bail!(text::no_server(&absolute(&config.data)?))
}

/// Refuses what no backup can be made of, whether it can be reached or not.
pub fn must_copy(config: &Config) -> anyhow::Result<()> {
    match config.store {
        Store::Esdb(_) => bail!(backup::BackupError::InCluster),
        Store::Memory | Store::Sqlite(_) => Ok(()),
    }
}

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
        bail!(text::no_server(&absolute(&config.data)?));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_in_a_cluster_is_not_backed_up_and_nobody_waits_for_the_cluster() {
        let of =
            |store: &str| must_copy(&Config::parse(&format!("store = {store:?}"), []).unwrap());
        of("sqlite:").unwrap();
        let said = of("esdb://127.0.0.1:1").unwrap_err().to_string();
        assert!(said.contains("cannot copy"), "{said}");
    }
}
