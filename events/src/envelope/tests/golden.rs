//! The bytes of every event in every schema that was ever written: files that are only added to.

use std::path::PathBuf;

use super::{DomainEvent, Head, accounts, build, nodes, operators, read, sessions, stream_name};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden")
}

/// Compares with the file; where there is none yet, `BECKON_GOLDEN=write` makes it.
fn check<E: DomainEvent + PartialEq + std::fmt::Debug>(id: &str, events: &[E]) {
    for event in events {
        let stream = stream_name(E::CATEGORY, id);
        let built = build(&stream, Head::default(), std::slice::from_ref(event)).unwrap().remove(0);
        let lines = [built.metadata, built.data].map(|bytes| String::from_utf8(bytes).unwrap());
        let text = format!("{}\n{}\n", lines[0], lines[1]);
        let name = format!("{}.{}.json", event.name(), E::schema(event.name()));
        let path = folder().join(E::CATEGORY).join(&name);
        let writes = std::env::var_os("BECKON_GOLDEN").is_some_and(|value| value == "write");
        if writes && !path.exists() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_else(|error| {
            panic!("{name}: {error}; a new event or schema needs its golden file")
        });
        assert_eq!(text, golden, "the bytes of {name} have changed: write a new schema instead");
    }
}

#[test]
fn every_event_has_the_bytes_of_its_golden_file() {
    let nine = "00000000-0000-0000-0000-000000000009";
    check(nine, &sessions());
    check(nine, &operators());
    check(nine, &accounts());
    check("0", &nodes());
}

#[test]
fn every_schema_that_was_ever_written_still_reads() {
    let mut read_back = 0;
    for category in std::fs::read_dir(folder()).unwrap() {
        for file in std::fs::read_dir(category.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let (metadata, data) = text.trim_end().split_once('\n').unwrap();
            let read = read(metadata.as_bytes(), data.as_bytes(), 0);
            assert!(read.is_ok(), "{}: {read:?}", path.display());
            read_back += 1;
        }
    }
    assert!(read_back > 45, "{read_back} golden files were read");
}
