//! What the user keeps: a file among their downloads.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use beckon_desk::file_name;

/// So many files of one name are looked past.
const SAME_NAME_MAX: u32 = 100;

/// Writes `text` into a new file `name.txt`, or `name-2.txt` and so on, in the first of `folders`
/// that takes it; gives back where it is.
pub fn save(folders: &[PathBuf], name: &str, text: &str) -> io::Result<PathBuf> {
    let name = &file_name::safe(name);
    let mut why = io::Error::new(io::ErrorKind::NotFound, "there is no home folder");
    for folder in folders {
        match save_in(folder, name, text) {
            Ok(path) => return Ok(path),
            Err(error) => why = error,
        }
    }
    Err(why)
}

/// The folder for downloads, where there is one, then the home folder.
#[cfg(not(target_os = "windows"))]
pub fn folders() -> Vec<PathBuf> {
    let named = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let home = named("HOME");
    let config =
        named("XDG_CONFIG_HOME").or_else(|| home.as_ref().map(|home| home.join(".config")));
    let dirs = config.and_then(|config| fs::read_to_string(config.join("user-dirs.dirs")).ok());
    let chosen = dirs.and_then(|dirs| chosen(&dirs, home.as_deref()));
    within(named("XDG_DOWNLOAD_DIR").or(chosen), home)
}

/// The folder for downloads, wherever the user has put it, then the home folder.
#[cfg(target_os = "windows")]
pub fn folders() -> Vec<PathBuf> {
    within(dirs::download_dir(), dirs::home_dir())
}

fn within(chosen: Option<PathBuf>, home: Option<PathBuf>) -> Vec<PathBuf> {
    let usual = home.as_ref().map(|home| home.join("Downloads"));
    let downloads = chosen.into_iter().chain(usual).find(|folder| folder.is_dir());
    downloads.into_iter().chain(home).collect()
}

/// What the desktop's own list of folders says.
#[cfg(not(target_os = "windows"))]
fn chosen(dirs: &str, home: Option<&Path>) -> Option<PathBuf> {
    let line = dirs.lines().find_map(|line| line.trim().strip_prefix("XDG_DOWNLOAD_DIR="))?;
    let value = line.trim().trim_matches('"');
    match value.strip_prefix("$HOME") {
        // The home folder itself stands for "none".
        Some(rest) => {
            let rest = rest.trim_matches('/');
            (!rest.is_empty()).then(|| home.map(|home| home.join(rest))).flatten()
        }
        None => Some(PathBuf::from(value)).filter(|path| path.is_absolute()),
    }
}

fn save_in(folder: &Path, name: &str, text: &str) -> io::Result<PathBuf> {
    for number in 1..=SAME_NAME_MAX {
        let file = if number == 1 { format!("{name}.txt") } else { format!("{name}-{number}.txt") };
        let path = folder.join(file);
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut new = match options.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            opened => opened?,
        };
        let written = new.write_all(text.as_bytes()).and_then(|()| new.sync_all());
        if written.is_err() {
            drop(fs::remove_file(&path));
        }
        return written.map(|()| path);
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "there are too many files of that name"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_is_never_written_over() {
        let home = tempfile::tempdir().unwrap();
        let folders = [home.path().to_owned()];
        let first = save(&folders, "beckon-receipt-x", "one").unwrap();
        let second = save(&folders, "beckon-receipt-x", "two").unwrap();
        assert_eq!(first, home.path().join("beckon-receipt-x.txt"));
        assert_eq!(second, home.path().join("beckon-receipt-x-2.txt"));
        assert_eq!(fs::read_to_string(first).unwrap(), "one");
        assert_eq!(fs::read_to_string(second).unwrap(), "two");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_its_place_is_not_followed_and_only_the_user_can_read() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("precious");
        symlink(&target, home.path().join("r.txt")).unwrap();
        let path = save(&[home.path().to_owned()], "r", "mine").unwrap();
        assert_eq!(path, home.path().join("r-2.txt"));
        assert!(!target.exists());
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn where_the_first_folder_takes_nothing_the_next_one_does() {
        let home = tempfile::tempdir().unwrap();
        let folders = [home.path().join("gone"), home.path().to_owned()];
        assert_eq!(save(&folders, "r", "x").unwrap(), home.path().join("r.txt"));
        assert!(save(&folders[..1], "r", "x").is_err());
        assert!(save(&[], "r", "x").is_err());
    }

    #[test]
    fn downloads_are_where_the_user_put_them_else_in_their_usual_folder_else_at_home() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path();
        assert_eq!(within(None, Some(home.into())), [home]);
        fs::create_dir(home.join("Downloads")).unwrap();
        assert_eq!(within(None, Some(home.into())), [&home.join("Downloads"), home]);
        let gone = Some(home.join("gone"));
        assert_eq!(within(gone, Some(home.into())), [&home.join("Downloads"), home]);
    }

    #[cfg(not(target_os = "windows"))]
    #[test]
    fn the_desktop_s_own_list_of_folders_is_read() {
        let home = Some(Path::new("/home/ana"));
        let dirs =
            "# comment\nXDG_DESKTOP_DIR=\"$HOME/Desktop\"\nXDG_DOWNLOAD_DIR=\"$HOME/Geholtes\"\n";
        assert_eq!(chosen(dirs, home).unwrap(), Path::new("/home/ana/Geholtes"));
        assert_eq!(chosen("XDG_DOWNLOAD_DIR=\"/data/in\"", None).unwrap(), Path::new("/data/in"));
        assert_eq!(chosen("XDG_DOWNLOAD_DIR=\"$HOME/\"", home), None);
        assert_eq!(chosen("XDG_DOWNLOAD_DIR=\"in\"", home), None);
    }
}
