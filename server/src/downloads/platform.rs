//! Systems that programs are built for.

use std::str::FromStr;

/// A system and its processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Platform {
    WindowsX86_64,
    WindowsAarch64,
    MacosAarch64,
    MacosX86_64,
    LinuxX86_64,
    LinuxAarch64,
}

impl Platform {
    /// Every platform, in the order in which they are offered.
    pub const ALL: [Self; 6] = [
        Self::WindowsX86_64,
        Self::WindowsAarch64,
        Self::MacosAarch64,
        Self::MacosX86_64,
        Self::LinuxX86_64,
        Self::LinuxAarch64,
    ];

    /// Its name in addresses.
    pub fn slug(self) -> &'static str {
        match self {
            Self::WindowsX86_64 => "windows-x86_64",
            Self::WindowsAarch64 => "windows-aarch64",
            Self::MacosAarch64 => "macos-aarch64",
            Self::MacosX86_64 => "macos-x86_64",
            Self::LinuxX86_64 => "linux-x86_64",
            Self::LinuxAarch64 => "linux-aarch64",
        }
    }

    /// Its name for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::WindowsX86_64 => "Windows",
            Self::WindowsAarch64 => "Windows on ARM",
            Self::MacosAarch64 => "macOS",
            Self::MacosX86_64 => "macOS on Intel",
            Self::LinuxX86_64 => "Linux",
            Self::LinuxAarch64 => "Linux on ARM",
        }
    }

    /// The targets whose builds run on it, the best first.
    pub fn triples(self) -> &'static [&'static str] {
        match self {
            Self::WindowsX86_64 => &["x86_64-pc-windows-msvc", "x86_64-pc-windows-gnu"],
            Self::WindowsAarch64 => &["aarch64-pc-windows-msvc", "aarch64-pc-windows-gnullvm"],
            Self::MacosAarch64 => &["aarch64-apple-darwin"],
            Self::MacosX86_64 => &["x86_64-apple-darwin"],
            Self::LinuxX86_64 => &["x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl"],
            Self::LinuxAarch64 => &["aarch64-unknown-linux-gnu", "aarch64-unknown-linux-musl"],
        }
    }

    /// What a program's file name ends with.
    pub fn exe(self) -> &'static str {
        match self {
            Self::WindowsX86_64 | Self::WindowsAarch64 => ".exe",
            Self::MacosAarch64 | Self::MacosX86_64 | Self::LinuxX86_64 | Self::LinuxAarch64 => "",
        }
    }

    /// Whether it is Windows, which warns of programs that it has rarely seen.
    pub fn is_windows(self) -> bool {
        matches!(self, Self::WindowsX86_64 | Self::WindowsAarch64)
    }

    /// Whether a program is started from a terminal there.
    pub fn has_terminal_start(self) -> bool {
        matches!(self, Self::LinuxX86_64 | Self::LinuxAarch64)
    }

    /// The platform of this server.
    pub fn own() -> Option<Self> {
        let own = format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH);
        own.parse().ok()
    }

    /// Whether it is the platform of this server.
    pub fn is_own(self) -> bool {
        Self::own() == Some(self)
    }

    /// What a browser says it runs on; phones and the unknown count as Windows, which most
    /// people who are helped have.
    pub fn of_browser(user_agent: &str) -> Self {
        let has = |word: &str| user_agent.contains(word);
        let arm = has("aarch64") || has("arm64") || has("ARM64");
        match () {
            () if has("Windows") && arm => Self::WindowsAarch64,
            () if has("Mac OS X") && !has("iPhone") && !has("iPad") => Self::MacosAarch64,
            () if has("Android") => Self::WindowsX86_64,
            () if has("Linux") && arm => Self::LinuxAarch64,
            () if has("Linux") => Self::LinuxX86_64,
            () => Self::WindowsX86_64,
        }
    }
}

impl FromStr for Platform {
    type Err = ();

    fn from_str(slug: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|platform| platform.slug() == slug).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_offered_its_own_system() {
        let table = [
            ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", Platform::LinuxX86_64),
            ("Mozilla/5.0 (X11; Linux aarch64; rv:130.0)", Platform::LinuxAarch64),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", Platform::WindowsX86_64),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", Platform::MacosAarch64),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)", Platform::WindowsX86_64),
            ("Mozilla/5.0 (Linux; Android 14; Pixel 8)", Platform::WindowsX86_64),
            ("", Platform::WindowsX86_64),
        ];
        for (user_agent, platform) in table {
            assert_eq!(Platform::of_browser(user_agent), platform, "{user_agent}");
        }
    }

    #[test]
    fn every_platform_reads_back_by_its_slug() {
        for platform in Platform::ALL {
            assert_eq!(platform.slug().parse(), Ok(platform));
        }
        assert!("linux".parse::<Platform>().is_err());
    }
}
