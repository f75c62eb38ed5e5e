//! The programs' own tests under wine.

use std::path::Path;

use crate::desk::Desk;
use crate::wine::Wine;

/// The test programs that `scripts/check-windows` has built, one after the other.
pub fn pass(tell: &dyn Fn(&str)) {
    let programs = std::env::var("BECKON_WINDOWS_TESTS").unwrap_or_default();
    assert!(!programs.is_empty(), "run scripts/check-windows, which builds the tests");
    let desk = Desk::open("tester");
    let wine = Wine::on(&desk);
    for program in programs.split(':') {
        let (status, said) = wine.run(program, &[]);
        assert!(status.success(), "{program}: {status}\n{}", ending(&said));
        let line = said.lines().find(|line| line.starts_with("test result:"));
        let line = line.unwrap_or_else(|| panic!("{program} ran no tests:\n{said}"));
        let name = Path::new(program).file_stem().unwrap_or_default().to_string_lossy();
        let name = name.rsplit_once('-').map_or(&*name, |(name, _)| name);
        tell(&format!("{name}: {}", line.trim_start_matches("test result: ").trim()));
    }
}

/// From the first failure on.
fn ending(said: &str) -> &str {
    said.find("\nfailures:").and_then(|at| said.get(at..)).unwrap_or(said)
}
