//! Everything that is wrong with a configuration, not only the first thing.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use toml::Table;

use super::{Config, ConfigError, settings};

/// What other values hang on: where one of these is wrong, what follows from it is not said.
const OTHERS_DEPEND_ON: [&str; 4] = ["listen", "public_url", "tls", "trusted_proxies"];

impl Config {
    /// Every problem of a file with the environment over it; none where it can be used.
    pub fn problems(
        path: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Vec<ConfigError> {
        let mut environment: Vec<_> = environment.into_iter().collect();
        let text = match path.map(|path| (path, fs::read_to_string(path))) {
            None => String::new(),
            Some((_, Ok(text))) => text,
            Some((path, Err(error))) => {
                return vec![ConfigError::Unreadable { path: path.to_owned(), error }];
            }
        };
        let mut settings = match settings::table(&text) {
            Ok(settings) => settings,
            Err(problem) => return vec![problem],
        };
        let (mut problems, mut named, mut doubtful) = (Vec::new(), HashSet::new(), false);
        // One after the other is taken out, until the rest can be used.
        while let Err(problem) = Self::of(settings.clone(), environment.clone()) {
            let key = match &problem {
                ConfigError::Unknown { key, .. } | ConfigError::Invalid { key, .. } => key.clone(),
                ConfigError::Syntax(_) | ConfigError::Unreadable { .. } => {
                    problems.push(problem);
                    break;
                }
            };
            let follows = doubtful && OTHERS_DEPEND_ON.contains(&key.as_str());
            if follows {
                break;
            }
            let top = key.split('.').next().unwrap_or_default().to_owned();
            doubtful |= OTHERS_DEPEND_ON.contains(&top.as_str());
            let first = named.insert(key.clone());
            if first {
                problems.push(problem);
            }
            if !(take_out(&mut settings, &mut environment, &key)
                || settings.remove(&top).is_some()
                || take_out_all(&mut environment, &top))
            {
                break;
            }
        }
        problems
    }
}

/// Whether there was something to take out.
fn take_out(settings: &mut Table, environment: &mut Vec<(String, String)>, key: &str) -> bool {
    let variable = format!("BECKON_{}", key.replace('.', "__")).to_ascii_uppercase();
    let before = environment.len();
    environment.retain(|(name, _)| name != key && *name != variable);
    if environment.len() < before {
        return true;
    }
    match key.split_once('.') {
        None => settings.remove(key).is_some(),
        Some((table, leaf)) => {
            let table = settings.get_mut(table).and_then(toml::Value::as_table_mut);
            table.is_some_and(|table| table.remove(leaf).is_some())
        }
    }
}

/// Takes out everything about a table.
fn take_out_all(environment: &mut Vec<(String, String)>, table: &str) -> bool {
    let prefix = format!("BECKON_{table}__").to_ascii_uppercase();
    let before = environment.len();
    environment.retain(|(name, _)| !name.starts_with(&prefix));
    environment.len() < before
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str, environment: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("beckon.toml");
        fs::write(&file, text).unwrap();
        let environment =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let problems = Config::problems(Some(&file), environment);
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_problem_is_named_once() {
        let text = "lisen = \"127.0.0.1:1\"\n[smtp]\nhost = \"mail.example.com\"\nport = 0\n\
                    [log]\nformat = \"yaml\"\n[session]\nwait = 5";
        let named =
            problems(text, &[("BECKON_SESSION__APPROVAL_TIMEOUT", "soon"), ("BECKON_X", "1")]);
        let keys = [
            "lisen is no setting",
            "smtp.port:",
            "smtp.from:",
            "log.format:",
            "session.wait:",
            "session.approval_timeout:",
            "BECKON_X is no setting",
        ];
        assert_eq!(named.len(), keys.len(), "{named:#?}");
        for key in keys {
            assert!(named.iter().any(|said| said.starts_with(key)), "{key}: {named:#?}");
        }
    }

    #[test]
    fn what_only_follows_from_another_problem_is_not_said() {
        let text = "listen = \"0.0.0.0:443\"\npublic_url = \"https://help.example.com\"\n\
                    [tls]\ncertificate = \"chain.pem\"";
        let named = problems(text, &[]);
        assert_eq!(named.len(), 1, "{named:#?}");
        assert!(named[0].starts_with("tls.key:"), "{named:#?}");
    }

    #[test]
    fn a_good_configuration_has_none_and_one_that_is_not_toml_has_one() {
        assert_eq!(problems("listen = \"127.0.0.1:1\"", &[]), Vec::<String>::new());
        let said = problems("listen = ", &[]);
        assert!(said.len() == 1 && said[0].contains("is not TOML"), "{said:?}");
        let gone = Config::problems(Some(Path::new("nowhere.toml")), []);
        assert!(matches!(&gone[..], [ConfigError::Unreadable { .. }]));
    }
}
