//! Whole exports.

use tempfile::TempDir;

use super::*;
use crate::fabricate::{Bundle, Recipe};

#[test]
fn a_fabricated_log_is_consistent_and_with_its_key_verified() {
    let (bundle, _) = Bundle::fabricate(&Recipe::default());
    let folder = TempDir::new().unwrap();
    bundle.write(folder.path()).unwrap();
    let report = verify(folder.path(), &Options::default()).unwrap();
    assert_eq!(report.verdict, Verdict::Consistent, "{report}");
    println!("{report}");
    let key = Some(report.fingerprint.unwrap().parse().unwrap());
    let report = verify(folder.path(), &Options { key, ..Options::default() }).unwrap();
    assert_eq!(report.verdict, Verdict::Verified, "{report}");
}
