//! Chromium with one page and nothing around it.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::bed::Bed;
use crate::process::Process;

/// Opens a page of the desk's own and waits for its window.
pub fn open(bed: &Bed, page: &Path, title: &str) -> Process {
    let profile = page.with_extension("profile");
    let (profile, page) = (
        format!("--user-data-dir={}", profile.display()),
        format!("--app=file://{}", page.display()),
    );
    let mut arguments = vec![
        &*profile,
        "--no-first-run",
        "--password-store=basic",
        "--disable-gpu",
        "--force-device-scale-factor=1",
        "--window-position=60,40",
        "--window-size=1500,980",
    ];
    if std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0) {
        arguments.push("--no-sandbox");
    }
    arguments.push(&page);
    let browser = bed.desk.start("chromium", "/usr/bin/chromium", &arguments);
    bed.desk.window_titled(title);
    browser
}
