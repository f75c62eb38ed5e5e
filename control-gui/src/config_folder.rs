//! What this Control keeps between its starts: its keys, the portals that it trusts, and what it
//! knows about their logs.

mod evidence;

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::{env, fmt};

use beckon_desk::clock;
use beckon_peer::{Identity, IdentityError};
use beckon_protocol::ServerAddress;

const KEY: &str = "identity.key";
const HOSTS: &str = "hosts.json";

/// `$XDG_CONFIG_HOME/beckon-control`, on Windows `%LOCALAPPDATA%\Beckon\Control`, which does not
/// travel to other computers: a folder that only its user can read.
#[derive(Clone, Debug)]
pub struct ConfigFolder {
    path: PathBuf,
}

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The system does not say where the user's folder is.
    #[error("there is no folder for the settings of this user, set {NEEDS}")]
    NoHome,
    /// A file cannot be read or written.
    #[error("{0} cannot be used: {1}")]
    File(PathBuf, io::Error),
    /// Others can read the keys.
    #[cfg(unix)]
    #[error("{0} can be read by others, remove it or run chmod 600 on it")]
    Open(PathBuf),
    /// The keys are damaged, or there is no randomness.
    #[error("{0}: {1}")]
    Identity(PathBuf, IdentityError),
    /// The list of portals is damaged.
    #[error("{0} is damaged, remove it: {1}")]
    Hosts(PathBuf, serde_json::Error),
    /// The memory of logs is damaged or was changed.
    #[error(
        "{0} is damaged ({1}): keep a copy for your auditor, then remove it; logs are then seen as \
         for the first time"
    )]
    Logs(PathBuf, String),
}

impl ConfigFolder {
    /// The folder of this user, made if need be.
    pub fn of_user() -> Result<Self, ConfigError> {
        Self::at(place().ok_or(ConfigError::NoHome)?)
    }

    /// The folder at `path`, made if need be.
    pub fn at(path: PathBuf) -> Result<Self, ConfigError> {
        let mut folder = fs::DirBuilder::new();
        folder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.create(&path).map_err(|error| ConfigError::File(path.clone(), error))?;
        Ok(Self { path })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The keys of this Control, made at the first start.
    pub fn identity(&self) -> Result<Identity, ConfigError> {
        let path = self.path.join(KEY);
        match fs::read(&path) {
            Ok(saved) => {
                #[cfg(unix)]
                if others_can_read(&path).map_err(|e| ConfigError::File(path.clone(), e))? {
                    return Err(ConfigError::Open(path));
                }
                Identity::from_bytes(&saved).map_err(|error| ConfigError::Identity(path, error))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let identity = Identity::generate(&clock::random())
                    .map_err(|error| ConfigError::Identity(path.clone(), error))?;
                self.write(KEY, &identity.to_bytes())?;
                Ok(identity)
            }
            Err(error) => Err(ConfigError::File(path, error)),
        }
    }

    /// The trusted portals, as `host[:port]`.
    pub fn hosts(&self) -> Result<BTreeSet<String>, ConfigError> {
        let path = self.path.join(HOSTS);
        match fs::read(&path) {
            Ok(saved) => {
                serde_json::from_slice(&saved).map_err(|error| ConfigError::Hosts(path, error))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeSet::new()),
            Err(error) => Err(ConfigError::File(path, error)),
        }
    }

    /// Trusts `server` from now on.
    pub fn remember(&mut self, server: &ServerAddress) -> Result<(), ConfigError> {
        let mut hosts = self.hosts()?;
        hosts.insert(server.to_string());
        let json = serde_json::to_vec_pretty(&hosts)
            .map_err(|error| ConfigError::Hosts(self.path.join(HOSTS), error))?;
        self.write(HOSTS, &json)
    }

    /// Writes a file whole or not at all, for this user only.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), ConfigError> {
        let path = self.path.join(name);
        let new = self.path.join(format!("{name}.new"));
        let write = || {
            if new.exists() {
                fs::remove_file(&new)?;
            }
            let mut file = private().open(&new)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&new, &path)
        };
        write().map_err(|error: io::Error| ConfigError::File(path.clone(), error))
    }
}

impl fmt::Display for ConfigFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)
    }
}

/// What `variable` names, else `fallback` within the home folder.
#[cfg(not(target_os = "windows"))]
pub fn user_folder(variable: &str, fallback: &str) -> Option<PathBuf> {
    named(variable).or_else(|| named("HOME").map(|home| home.join(fallback)))
}

/// The name of this computer, as the portal shows it.
pub fn computer_name() -> String {
    let read = || fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = env::var("COMPUTERNAME").ok().or_else(read).unwrap_or_default();
    name.trim().chars().take(beckon_protocol::limits::LABEL_MAX).collect()
}

fn private() -> OpenOptions {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn others_can_read(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

/// What the environment has to name.
#[cfg(not(target_os = "windows"))]
const NEEDS: &str = "HOME or XDG_CONFIG_HOME";
#[cfg(target_os = "windows")]
const NEEDS: &str = "LOCALAPPDATA";

#[cfg(not(target_os = "windows"))]
fn place() -> Option<PathBuf> {
    Some(user_folder("XDG_CONFIG_HOME", ".config")?.join("beckon-control"))
}

/// Its access list is the one of the user's profile: nobody else can read there.
#[cfg(target_os = "windows")]
fn place() -> Option<PathBuf> {
    Some(named("LOCALAPPDATA")?.join("Beckon").join("Control"))
}

fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, ConfigFolder) {
        let within = tempfile::tempdir().unwrap();
        let folder = ConfigFolder::at(within.path().join("a/beckon-control")).unwrap();
        (within, folder)
    }

    #[test]
    fn the_keys_are_made_once_and_kept() {
        let (_within, folder) = folder();
        let made = folder.identity().unwrap().public();
        assert_eq!(folder.identity().unwrap().public(), made);
        fs::write(folder.path().join(KEY), b"x").unwrap();
        assert!(matches!(folder.identity(), Err(ConfigError::Identity(..))));
    }

    #[cfg(unix)]
    #[test]
    fn keys_that_others_can_read_are_refused() {
        use std::os::unix::fs::PermissionsExt;
        let (_within, folder) = folder();
        folder.identity().unwrap();
        let path = folder.path().join(KEY);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(folder.identity(), Err(ConfigError::Open(_))));
    }

    #[test]
    fn a_trusted_portal_is_remembered_with_its_port() {
        let (_within, mut folder) = folder();
        assert!(folder.hosts().unwrap().is_empty());
        for server in ["help.example.org", "127.0.0.1:8080", "help.example.org"] {
            folder.remember(&server.parse().unwrap()).unwrap();
        }
        let expected = ["127.0.0.1:8080", "help.example.org"].map(str::to_owned);
        assert_eq!(folder.hosts().unwrap(), BTreeSet::from(expected));
        fs::write(folder.path().join(HOSTS), b"{").unwrap();
        assert!(matches!(folder.hosts(), Err(ConfigError::Hosts(..))));
    }
}
