//! Zips that say two things at once.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use zip::write::SimpleFileOptions;

use super::*;

/// The zip of a fabricated log, changed in its bytes.
fn changed(folder: &TempDir, change: impl Fn(&mut Vec<u8>)) -> PathBuf {
    let path = folder.path().join("log.zip");
    fabricated().0.write_zip(&path).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(&path, bytes).unwrap();
    path
}

fn places(bytes: &[u8], part: &[u8]) -> Vec<usize> {
    (0..bytes.len()).filter(|at| bytes[*at..].starts_with(part)).collect()
}

#[test]
fn a_file_has_one_name_and_its_checksum() {
    let folder = TempDir::new().unwrap();
    let found = (Check::V0, Place::file("keys.json"));
    let named = changed(&folder, |bytes| {
        let first = places(bytes, b"keys.json")[0];
        bytes[first + 2] = b'e';
    });
    assert_eq!(wrong(judged(&named)), found);
    let summed = changed(&folder, |bytes| {
        let listed = *places(bytes, b"keys.json").last().unwrap();
        bytes[listed - 46 + 16] ^= 1;
    });
    assert_eq!(wrong(judged(&summed)), found);
}

#[test]
fn a_list_of_another_length_than_it_says_cannot_be_looked_at() {
    let folder = TempDir::new().unwrap();
    for count in [3_u8, 200] {
        let path = changed(&folder, |bytes| {
            let end = *places(bytes, b"PK\x05\x06").last().unwrap();
            (bytes[end + 8], bytes[end + 10]) = (count, count);
        });
        let failed = verify(&path, &Options::default()).unwrap_err();
        assert!(matches!(failed, CannotLook::NoZip(_)), "{count}: {failed}");
    }
    let path = changed(&folder, |bytes| {
        for at in places(bytes, b"keys.json") {
            bytes[at] = 0xff;
        }
    });
    let failed = verify(&path, &Options::default()).unwrap_err();
    assert!(matches!(failed, CannotLook::HostileZip(_)), "{failed}");
}

#[test]
fn a_folder_in_a_zip_is_empty_and_stays_below() {
    let folder = TempDir::new().unwrap();
    let with = |name: &str, bytes: &[u8]| {
        let path = folder.path().join("log.zip");
        fabricated().0.write_zip(&path).unwrap();
        let file = fs::File::options().read(true).write(true).open(&path).unwrap();
        let mut zip = zip::ZipWriter::new_append(file).unwrap();
        if bytes.is_empty() {
            zip.add_directory(name, SimpleFileOptions::default()).unwrap();
        } else {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
        judged(&path)
    };
    assert_eq!(with("empty/", b""), Verdict::Consistent);
    assert_eq!(wrong(with("evil.txt/", b"x")), (Check::V0, Place::file("evil.txt/")));
    assert_eq!(wrong(with("../d/", b"")), (Check::V0, Place::file("../d/")));
    assert_eq!(wrong(with("evil\\", b"x")), (Check::V0, Place::file("evil\\")));
}
