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

#[cfg(not(target_os = "windows"))]
fn system() -> String {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    pretty_name(&release).unwrap_or_else(|| std::env::consts::OS.to_owned())
}

#[cfg(not(target_os = "windows"))]
fn pretty_name(release: &str) -> Option<String> {
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(name.trim_matches('"').to_owned())
}

#[cfg(target_os = "windows")]
fn system() -> String {
    const KEY: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";
    let key = windows_registry::LOCAL_MACHINE.open(KEY).ok();
    let value = |name: &str| key.as_ref()?.get_string(name).ok();
    let [product, version, build] = ["ProductName", "DisplayVersion", "CurrentBuild"]
        .map(|name| value(name).unwrap_or_default());
    windows_name(&product, &version, &build)
}

/// Such as "Windows 11 Pro 23H2 (22631)". Windows 11 calls itself 10 there.
#[cfg(any(target_os = "windows", test))]
fn windows_name(product: &str, version: &str, build: &str) -> String {
    const FIRST_11: u32 = 22_000;
    let is_11 = build.parse::<u32>().is_ok_and(|build| build >= FIRST_11);
    let product = match (product, is_11) {
        ("", _) => "Windows".to_owned(),
        (product, true) => product.replace("Windows 10", "Windows 11"),
        (product, false) => product.to_owned(),
    };
    let build = if build.is_empty() { String::new() } else { format!("({build})") };
    let parts = [product.as_str(), version, &build];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn label(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(LABEL_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_11_is_called_so() {
        assert_eq!(windows_name("Windows 10 Pro", "22H2", "19045"), "Windows 10 Pro 22H2 (19045)");
        assert_eq!(windows_name("Windows 10 Pro", "23H2", "22631"), "Windows 11 Pro 23H2 (22631)");
        assert_eq!(windows_name("", "", ""), "Windows");
    }

    #[cfg(not(target_os = "windows"))]
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
