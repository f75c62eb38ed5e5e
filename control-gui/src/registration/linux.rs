//! The entry among the desktop's applications.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::RegistrationError;
use crate::config_folder::user_folder;

const FILE: &str = "beckon-control.desktop";
const TYPE: &str = "x-scheme-handler/beckon";
/// Characters because of which an argument of `Exec` must be quoted.
const RESERVED: [char; 17] =
    [' ', '"', '\'', '\\', '>', '<', '~', '|', '&', ';', '$', '*', '?', '#', '(', ')', '`'];

/// Makes links open `program`, and says by which file.
pub(super) fn register(program: &Path) -> Result<String, RegistrationError> {
    let folder = applications()?;
    let path = write_entry(&folder, program)?;
    let run = std::process::Command::new("xdg-mime").args(["default", FILE, TYPE]).output();
    match run {
        Ok(output) if output.status.success() => {}
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(RegistrationError::XdgMime(said));
        }
        Err(error) => return Err(RegistrationError::XdgMime(error.to_string())),
    }
    // Only a cache: where the tool is missing everything works without it.
    let cache = std::process::Command::new("update-desktop-database").arg(&folder).output();
    if let Err(error) = cache {
        tracing::debug!(%error, "no cache of desktop entries");
    }
    Ok(path.display().to_string())
}

/// Whether there is an entry whose program exists.
pub(super) fn is_registered(_: &Path) -> Result<bool, RegistrationError> {
    Ok(has_entry(&applications()?))
}

/// Undoes [`register`].
pub(super) fn unregister(_: &Path) -> Result<(), RegistrationError> {
    let entry = applications()?.join(FILE);
    remove(&entry)?;
    let Some(config) = user_folder("XDG_CONFIG_HOME", ".config") else { return Ok(()) };
    for list in [config.join("mimeapps.list"), applications()?.join("mimeapps.list")] {
        match fs::read_to_string(&list) {
            Ok(text) => {
                if let Some(text) = without_entry(&text) {
                    fs::write(&list, text).map_err(|e| RegistrationError::File(list, e))?;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(RegistrationError::File(list, error)),
        }
    }
    Ok(())
}

fn applications() -> Result<PathBuf, RegistrationError> {
    let data = user_folder("XDG_DATA_HOME", ".local/share").ok_or(RegistrationError::NoHome)?;
    Ok(data.join("applications"))
}

fn write_entry(folder: &Path, program: &Path) -> Result<PathBuf, RegistrationError> {
    let program = program.to_str().ok_or(RegistrationError::Path)?;
    let entry = entry(program).ok_or(RegistrationError::Path)?;
    let path = folder.join(FILE);
    let write = || {
        fs::create_dir_all(folder)?;
        fs::write(&path, entry)
    };
    write().map_err(|error| RegistrationError::File(path.clone(), error))?;
    Ok(path)
}

/// Whether there is an entry whose program exists.
fn has_entry(folder: &Path) -> bool {
    let text = fs::read_to_string(folder.join(FILE)).unwrap_or_default();
    let program = text.lines().find_map(|line| line.strip_prefix("TryExec="));
    program.is_some_and(|program| Path::new(program).exists())
}

fn entry(program: &str) -> Option<String> {
    if program.chars().any(char::is_control) {
        return None;
    }
    let mut quoted = String::with_capacity(program.len());
    for letter in program.chars() {
        match letter {
            // Escaped for the argument, and each backslash once more for the file.
            '\\' => quoted.push_str("\\\\\\\\"),
            '"' | '`' | '$' => quoted.extend(["\\\\", letter.encode_utf8(&mut [0; 4])]),
            '%' => quoted.push_str("%%"),
            other => quoted.push(other),
        }
    }
    // xdg-open without a desktop does not understand quotes, so they stand only where they must.
    let exec = if program.contains(RESERVED) { format!("\"{quoted}\"") } else { quoted };
    Some(format!(
        "[Desktop Entry]\nType=Application\nVersion=1.0\nName=Beckon Control\n\
         Comment=See and control the screen of a person whom you help\nTryExec={program}\n\
         Exec={exec} %u\nTerminal=false\nNoDisplay=true\nCategories=Network;\n\
         MimeType={TYPE};\n"
    ))
}

/// `text` without the line that names the entry; `None` where there is none.
fn without_entry(text: &str) -> Option<String> {
    let is_ours = |line: &str| {
        line.split_once('=').is_some_and(|(name, value)| {
            name.trim() == TYPE && value.trim().trim_end_matches(';') == FILE
        })
    };
    text.lines()
        .any(is_ours)
        .then(|| text.lines().filter(|line| !is_ours(line)).flat_map(|line| [line, "\n"]).collect())
}

fn remove(path: &Path) -> Result<(), RegistrationError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(RegistrationError::File(path.to_owned(), error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_quotes_the_path_of_the_program() {
        let entry = entry(r#"/opt/my "100%" tools/beckon-control"#).unwrap();
        let exec = r#"Exec="/opt/my \\"100%%\\" tools/beckon-control" %u"#;
        assert!(entry.lines().any(|line| line == exec), "{entry}");
        let plain = super::entry("/opt/100%/beckon-control").unwrap();
        assert!(plain.lines().any(|line| line == "Exec=/opt/100%%/beckon-control %u"), "{plain}");
        assert!(entry.contains("MimeType=x-scheme-handler/beckon;\n"));
        assert_eq!(super::entry("/opt/a\nExec=rm"), None);
    }

    #[test]
    fn an_entry_whose_program_is_gone_counts_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("beckon-control");
        assert!(!has_entry(folder.path()));
        fs::write(&program, "").unwrap();
        write_entry(folder.path(), &program).unwrap();
        assert!(has_entry(folder.path()));
        fs::remove_file(&program).unwrap();
        assert!(!has_entry(folder.path()));
    }

    #[test]
    fn unregistering_takes_out_its_own_line_only() {
        let ours = "x-scheme-handler/beckon=beckon-control.desktop";
        let before = format!("[Default Applications]\ntext/html=a.desktop\n{ours}\n");
        let after = "[Default Applications]\ntext/html=a.desktop\n".to_owned();
        assert_eq!(without_entry(&before), Some(after.clone()));
        assert_eq!(without_entry(&after), None);
    }
}
