//! Bad input: each says what it is and what to do.

use std::fs;
use std::io::Write;

use zip::write::SimpleFileOptions;

use super::*;

fn failed(path: &Path) -> String {
    verify(path, &Options::default()).unwrap_err().to_string()
}

fn what(verdict: Verdict) -> (Check, Place, String) {
    match verdict {
        Verdict::Wrong(Wrong { check, place, what }) => (check, place, what),
        other => panic!("nothing is wrong: {other:?}"),
    }
}

fn zipped(folder: &TempDir, files: &[(&str, &[u8])]) -> std::path::PathBuf {
    let path = folder.path().join("x.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
    path
}

#[test]
fn nothing_a_text_and_half_a_zip_cannot_be_looked_at() {
    let folder = TempDir::new().unwrap();
    assert!(failed(&folder.path().join("no")).contains("cannot be opened"));
    let text = folder.path().join("text");
    fs::write(&text, "hello").unwrap();
    assert!(failed(&text).contains("copy the export again"), "{}", failed(&text));
    let zip = folder.path().join("log.zip");
    fabricated().0.write_zip(&zip).unwrap();
    let bytes = fs::read(&zip).unwrap();
    fs::write(&zip, &bytes[..bytes.len() / 2]).unwrap();
    assert!(failed(&zip).contains("cut off"), "{}", failed(&zip));
}

#[test]
fn a_foreign_folder_and_a_newer_export_say_so() {
    let folder = TempDir::new().unwrap();
    let (check, place, why) = what(judged(folder.path()));
    assert_eq!((check, place), (Check::V0, Place::file("manifest.json")));
    assert!(why.contains("no manifest.json"), "{why}");
    for (manifest, says) in [
        ("{\"format\":\"other\",\"v\":1}", "not the manifest of an export of Beckon"),
        ("{\"format\":\"beckon-export\",\"v\":2,\"new\":[]}", "use a newer beckon-audit"),
        ("{\"format\":\"beckon-export\",\"v\":1}", "cannot be read"),
        ("{\"format\":\"beckon-export\",\"v\":1,\"v\":1}", "a key stands twice"),
        ("[]", "not the manifest"),
    ] {
        fs::write(folder.path().join("manifest.json"), manifest).unwrap();
        let (check, place, why) = what(judged(folder.path()));
        assert_eq!((check, place), (Check::V0, Place::file("manifest.json")));
        assert!(why.contains(says), "{manifest}: {why}");
    }
    let deep = "[".repeat(1_000_000);
    fs::write(folder.path().join("manifest.json"), deep).unwrap();
    assert!(what(judged(folder.path())).2.contains("16 deep"));
}

#[test]
fn links_and_pipes_are_refused_and_never_opened() {
    let (bundle, _) = fabricated();
    let folder = TempDir::new().unwrap();
    bundle.write(folder.path()).unwrap();
    let keys = folder.path().join("keys.json");
    fs::remove_file(&keys).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &keys).unwrap();
    let found = (Check::V0, Place::file("keys.json"));
    assert_eq!(wrong(judged(folder.path())), found);
    fs::remove_file(&keys).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&keys).status().unwrap();
    assert!(made.success());
    assert_eq!(wrong(judged(folder.path())), found);
    fs::remove_file(&keys).unwrap();
    std::os::unix::net::UnixListener::bind(&keys).unwrap();
    assert_eq!(wrong(judged(folder.path())), found);
    assert!(failed(Path::new("/dev/null")).contains("neither a folder nor a file"));
}

#[test]
fn huge_lengths_and_lines_cost_no_memory() {
    let (bundle, _) = fabricated();
    let mut files = bundle.files();
    let mut manifest = bundle.manifest(&files);
    let listed = manifest.files.iter_mut().find(|file| file.path == "events.ndjson").unwrap();
    listed.bytes = u64::MAX;
    let with = |files: &BTreeMap<String, Vec<u8>>, manifest: &Manifest| {
        let mut files = files.clone();
        files.insert("manifest.json".to_owned(), serde_json::to_vec(manifest).unwrap());
        of_files(&files)
    };
    assert_eq!(wrong(with(&files, &manifest)), (Check::V0, Place::file("events.ndjson")));
    manifest.size = u64::MAX;
    manifest.events = u64::MAX;
    assert_eq!(wrong(with(&files, &manifest)).0, Check::V0);
    let lines = files.get_mut("events.ndjson").unwrap();
    let newline = lines.iter().position(|byte| *byte == b'\n').unwrap();
    lines.splice(newline..newline, vec![b' '; 3_000_000]);
    let manifest = bundle.manifest(&files);
    assert_eq!(wrong(with(&files, &manifest)), (Check::V0, event(0)));
}

#[test]
fn a_bomb_a_link_and_a_way_out_of_a_zip_are_refused() {
    let folder = TempDir::new().unwrap();
    let bomb = zipped(&folder, &[("manifest.json", &vec![b' '; 30_000_000])]);
    let (check, place, why) = what(judged(&bomb));
    assert_eq!((check, place), (Check::V0, Place::file("manifest.json")));
    assert!(why.contains("a hundred times"), "{why}");
    for name in ["../keys.json", "/etc/passwd", "a/../b", "a\\b", "c:/x"] {
        let path = zipped(&folder, &[("manifest.json", b"{}"), (name, b"x")]);
        let (check, _, why) = what(judged(&path));
        assert_eq!(check, Check::V0, "{name}");
        assert!(why.contains("its name leads elsewhere"), "{name}: {why}");
    }
    let path = folder.path().join("link.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    zip.add_symlink("keys.json", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    zip.finish().unwrap();
    assert_eq!(wrong(judged(&path)), (Check::V0, Place::file("keys.json")));
}

#[test]
fn a_damaged_file_in_a_zip_is_named() {
    let (bundle, _) = fabricated();
    let folder = TempDir::new().unwrap();
    let zip = folder.path().join("log.zip");
    bundle.write_zip(&zip).unwrap();
    let mut bytes = fs::read(&zip).unwrap();
    let name = b"events.ndjson";
    let at = bytes.windows(name.len()).position(|part| part == name).unwrap();
    for byte in &mut bytes[at + 2000..at + 2100] {
        *byte ^= 0xff;
    }
    fs::write(&zip, &bytes).unwrap();
    assert_eq!(wrong(judged(&zip)), (Check::V0, Place::file("events.ndjson")));
}
