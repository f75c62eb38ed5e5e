//! What this computer says about itself. A claim: the operator sees it as one.

use beckon_protocol::ClaimedDevice;
use beckon_protocol::limits::LABEL_MAX;

/// The names of this computer, its user and its system.
pub fn describe() -> ClaimedDevice {
    ClaimedDevice {
        host: label(&host()),
        user: label(&user()),
        system: label(&system()),
        build: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

fn user() -> String {
    ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok())
        .unwrap_or_default()
}

#[cfg(unix)]
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

fn system() -> String {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    pretty_name(&release).unwrap_or_else(|| std::env::consts::OS.to_owned())
}

fn pretty_name(release: &str) -> Option<String> {
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(name.trim_matches('"').to_owned())
}

fn label(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(LABEL_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_has_the_name_that_its_makers_gave_it() {
        let release = "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n";
        assert_eq!(pretty_name(release).unwrap(), "Debian GNU/Linux 12 (bookworm)");
        assert_eq!(pretty_name(""), None);
    }

    #[test]
    fn names_are_short_and_plain() {
        assert_eq!(label(&"x".repeat(100)).len(), 64);
        assert_eq!(label("a\nb"), "ab");
        assert!(!describe().host.is_empty());
    }
}
