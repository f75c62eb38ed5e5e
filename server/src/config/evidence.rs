//! How the log is signed, and who receives it.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::ConfigError;
use super::raw::given;

/// How often checkpoints are signed, and who gets a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceRules {
    /// A log that grows gets a checkpoint within this.
    pub every: Duration,
    /// The folder that receives each checkpoint.
    pub publish_folder: Option<PathBuf>,
    /// The program and its arguments that get each checkpoint as input; empty: none.
    pub publish_command: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEvidence {
    every_seconds: i64,
    publish_folder: String,
    publish_command: Vec<String>,
}

impl RawEvidence {
    pub(super) fn check(self) -> Result<EvidenceRules, ConfigError> {
        let every = u64::try_from(self.every_seconds).ok().filter(|s| (1..=3_600).contains(s));
        let every = every.map(Duration::from_secs).ok_or_else(|| {
            ConfigError::invalid("evidence.every_seconds", "write a number from 1 to 3600")
        })?;
        if self.publish_command.first().is_some_and(|program| given(program).is_none()) {
            let reason = "the program is missing, write [\"/path/of/program\", \"argument\"]";
            return Err(ConfigError::invalid("evidence.publish_command", reason));
        }
        let publish_folder = given(&self.publish_folder).map(PathBuf::from);
        Ok(EvidenceRules { every, publish_folder, publish_command: self.publish_command })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn read(table: &str) -> Result<EvidenceRules, String> {
        let read = Config::parse(&format!("[evidence]\n{table}"), []);
        read.map(|config| config.evidence).map_err(|error| error.to_string())
    }

    #[test]
    fn checkpoints_are_signed_every_five_seconds_and_copied_where_that_is_asked_for() {
        let defaults = EvidenceRules {
            every: Duration::from_secs(5),
            publish_folder: None,
            publish_command: Vec::new(),
        };
        assert_eq!(read("").unwrap(), defaults);
        let asked = read(
            "every_seconds = 60\npublish_folder = \"/mnt/copies\"\npublish_command = [\"keep\", \"-v\"]",
        );
        let wanted = EvidenceRules {
            every: Duration::from_mins(1),
            publish_folder: Some(PathBuf::from("/mnt/copies")),
            publish_command: vec!["keep".to_owned(), "-v".to_owned()],
        };
        assert_eq!(asked.unwrap(), wanted);
        for table in ["every_seconds = 0", "every_seconds = 3601", "every_seconds = -1"] {
            assert!(read(table).unwrap_err().contains("write a number from 1 to 3600"));
        }
        let said = read("publish_command = [\"\", \"-v\"]").unwrap_err();
        assert!(said.starts_with("evidence.publish_command: the program is missing"), "{said}");
    }
}
