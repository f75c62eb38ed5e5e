//! What is kept about the logs of servers: what they were, receipts, and evidence.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use beckon_desk::file_name;
use beckon_protocol::ServerAddress;

use super::{ConfigError, ConfigFolder};
use crate::effect::Evidence;
use crate::log_memory::LogMemory;

const LOGS: &str = "logs.json";
const RECEIPTS: &str = "receipts";
const EVIDENCE: &str = "evidence";

impl ConfigFolder {
    /// The logs as they were seen last, by `host[:port]`.
    pub fn logs(&self) -> Result<BTreeMap<String, LogMemory>, ConfigError> {
        let path = self.path.join(LOGS);
        let saved = match fs::read(&path) {
            Ok(saved) => saved,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(ConfigError::File(path, error)),
        };
        let logs: BTreeMap<String, LogMemory> = match serde_json::from_slice(&saved) {
            Ok(logs) => logs,
            Err(error) => return Err(ConfigError::Logs(path, error.to_string())),
        };
        match logs.iter().find(|(_, memory)| !memory.is_sound()) {
            Some((server, _)) => {
                let why = format!("the checkpoint of {server} is not signed by its key");
                Err(ConfigError::Logs(path, why))
            }
            None => Ok(logs),
        }
    }

    /// Remembers the log of `server` from now on.
    pub fn remember_log(
        &self,
        server: &ServerAddress,
        memory: LogMemory,
    ) -> Result<(), ConfigError> {
        let mut logs = self.logs()?;
        logs.insert(server.to_string(), memory);
        let json = serde_json::to_vec_pretty(&logs)
            .map_err(|error| ConfigError::Logs(self.path.join(LOGS), error.to_string()))?;
        self.write(LOGS, &json)
    }

    /// Keeps the receipt of a session; says where.
    pub fn keep_receipt(
        &self,
        session: beckon_events::SessionId,
        text: &str,
    ) -> Result<PathBuf, ConfigError> {
        let receipts = self.within(RECEIPTS)?;
        let name = format!("{session}.txt");
        receipts.write(&name, text.as_bytes())?;
        Ok(receipts.path.join(name))
    }

    /// Keeps evidence in a folder of its own; says where.
    pub fn keep_evidence(&self, evidence: &Evidence) -> Result<PathBuf, ConfigError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        let name = format!("{}-{}", evidence.server, evidence.at);
        let name: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
        let folder = self.within(EVIDENCE)?.within(&file_name::safe(&name))?;
        for (name, text) in &evidence.files {
            folder.write(name, text.as_bytes())?;
        }
        Ok(folder.path)
    }

    fn within(&self, name: &str) -> Result<Self, ConfigError> {
        Self::at(self.path.join(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log_memory::tests::{LOG, Log};
    use beckon_events::Timestamp;

    fn folder() -> (tempfile::TempDir, ConfigFolder) {
        let within = tempfile::tempdir().unwrap();
        let folder = ConfigFolder::at(within.path().join("c")).unwrap();
        (within, folder)
    }

    #[cfg(unix)]
    fn is_private(path: &std::path::Path) -> bool {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
            == if path.is_dir() { 0o700 } else { 0o600 }
    }

    #[test]
    fn logs_are_remembered_by_server_and_a_damaged_memory_is_not_taken_for_none() {
        let (_within, folder) = folder();
        assert!(folder.logs().unwrap().is_empty());
        for (server, size) in
            [("help.example.org", 3), ("127.0.0.1:8080", 5), ("help.example.org", 9)]
        {
            folder.remember_log(&server.parse().unwrap(), LOG.seen(size)).unwrap();
        }
        let logs = folder.logs().unwrap();
        assert_eq!(logs["help.example.org"], LOG.seen(9));
        assert_eq!(logs["127.0.0.1:8080"], LOG.seen(5));
        let path = folder.path().join(LOGS);
        #[cfg(unix)]
        assert!(is_private(&path));
        let other = Log { key: 7, ..LOG };
        let changed = fs::read_to_string(&path).unwrap();
        let changed = changed.replace(&LOG.key().to_string(), &other.key().to_string());
        for damaged in ["{", &changed] {
            fs::write(&path, damaged).unwrap();
            assert!(matches!(folder.logs(), Err(ConfigError::Logs(..))));
            let server = "help.example.org".parse().unwrap();
            assert!(folder.remember_log(&server, LOG.seen(9)).is_err(), "it is not written over");
        }
    }

    #[test]
    fn receipts_and_evidence_have_places_of_their_own_that_only_the_user_can_read() {
        let (_within, folder) = folder();
        let session = crate::update::tests::SESSION;
        let receipt = folder.keep_receipt(session, "receipt").unwrap();
        assert_eq!(receipt, folder.path().join(format!("receipts/{session}.txt")));
        assert_eq!(fs::read_to_string(&receipt).unwrap(), "receipt");
        let evidence = Evidence {
            server: "127.0.0.1:8080".to_owned(),
            at: Timestamp::from_micros(1_795_334_400_000_000),
            files: vec![("remembered.txt", "one".to_owned()), ("shown.txt", "two".to_owned())],
        };
        let kept = folder.keep_evidence(&evidence).unwrap();
        assert!(kept.ends_with("evidence/127.0.0.1_8080-2026-11-22T08_00_00.000000Z"), "{kept:?}");
        assert_eq!(fs::read_to_string(kept.join("remembered.txt")).unwrap(), "one");
        assert_eq!(fs::read_to_string(kept.join("shown.txt")).unwrap(), "two");
        #[cfg(unix)]
        assert!([receipt, kept.join("shown.txt"), kept].iter().all(|path| is_private(path)));
    }
}
