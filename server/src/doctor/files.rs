//! The files that the configuration names, as the server looks at them when it starts.

use std::fs;
use std::io;
use std::path::Path;

use rustix::fs::{Access, access};

use super::report::{Check, Report};
use crate::config::Config;
use crate::text::doctor as text;
use crate::tls;

/// Looks at certificates, their keys, and the folder that receives checkpoints.
pub fn look(config: &Config, report: &mut Report) {
    let own = config.tls.as_ref();
    let of_face = config.face.as_ref().and_then(|face| face.tls.as_ref());
    for tls in own.into_iter().chain(of_face.filter(|tls| Some(*tls) != own)) {
        if let Err(error) = tls::load(tls) {
            report.fail(Check::Configuration, (error.to_string(), String::new()));
        }
    }
    if let Some(folder) = &config.evidence.publish_folder
        && let Err(error) = can_hold(folder)
    {
        report.fail(Check::Configuration, text::publishes_nowhere(folder, &error));
    }
}

/// Whether files can be made in a folder, or the folder itself. Makes nothing.
fn can_hold(folder: &Path) -> io::Result<()> {
    for place in folder.ancestors().filter(|place| !place.as_os_str().is_empty()) {
        match fs::metadata(place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
            Ok(there) if !there.is_dir() => return Err(io::ErrorKind::NotADirectory.into()),
            Ok(_) => return Ok(access(place, Access::WRITE_OK | Access::EXEC_OK)?),
        }
    }
    Ok(access(".", Access::WRITE_OK | Access::EXEC_OK)?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn found(text: &str) -> Vec<String> {
        let mut report = Report::default();
        look(&Config::parse(text, []).unwrap(), &mut report);
        report.checks.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_key_or_certificate_that_the_server_would_refuse_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let put = |name: &str, text: &str, mode| {
            fs::write(path(name), text).unwrap();
            fs::set_permissions(path(name), fs::Permissions::from_mode(mode)).unwrap();
        };
        let own = rcgen::generate_simple_self_signed(["a".to_owned()]).unwrap();
        let other = rcgen::generate_simple_self_signed(["a".to_owned()]).unwrap();
        put("own.pem", &own.cert.pem(), 0o644);
        put("own.key", &own.signing_key.serialize_pem(), 0o600);
        put("open.key", &own.signing_key.serialize_pem(), 0o644);
        put("other.key", &other.signing_key.serialize_pem(), 0o600);
        put("junk", "junk", 0o600);
        let table = [
            ("own.pem", "own.key", ""),
            ("own.pem", "other.key", "must be the certificate's own"),
            ("own.pem", "open.key", "chmod 600"),
            ("own.pem", "junk", "private key"),
            ("junk", "own.key", "junk cannot be read (there is none in it)"),
            ("missing.pem", "own.key", "missing.pem cannot be read"),
        ];
        for (certificate, key, words) in table {
            let pair = format!("certificate = {:?}\nkey = {:?}\n", path(certificate), path(key));
            let said = found(&format!("[tls]\n{pair}"));
            match said.as_slice() {
                [] => assert_eq!(words, "", "{certificate}, {key}"),
                [one] => assert!(!words.is_empty() && one.contains(words), "{one}"),
                more => panic!("{more:?}"),
            }
        }
    }

    #[test]
    fn a_folder_that_cannot_receive_checkpoints_is_named_and_none_is_made() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let publish = |name: &str| {
            let path = folder.path().join(name).display().to_string();
            found(&format!("[evidence]\npublish_folder = {path:?}"))
        };
        assert_eq!(publish("new/copies"), [""; 0]);
        assert!(!folder.path().join("new").exists());
        for name in ["file", "file/copies"] {
            let said = publish(name);
            assert!(said.len() == 1 && said[0].contains("evidence.publish_folder"), "{said:?}");
        }
    }
}
