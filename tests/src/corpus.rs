//! What the fuzz targets have found and what they began with, once more.

use std::path::Path;

use beckon_tests::scratch::workspace;

#[path = "../../peer/fuzz/oracle.rs"]
mod oracle;

#[test]
fn every_input_of_the_corpus_is_decoded_or_refused() {
    replay("update_header", oracle::update_header);
    replay("tile_decoder", oracle::tile_decoder);
}

fn replay(target: &str, decode: fn(&[u8])) {
    let folder = workspace().join("peer/fuzz/corpus").join(target);
    let inputs =
        std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let inputs: Vec<_> = inputs.map(|input| input.unwrap().path()).collect();
    assert!(inputs.len() >= 5, "{} holds hardly anything", folder.display());
    for input in inputs {
        let bytes = std::fs::read(&input).unwrap();
        let decoded = std::panic::catch_unwind(|| decode(&bytes));
        assert!(decoded.is_ok(), "{} breaks the decoder", named(&input));
    }
}

fn named(input: &Path) -> String {
    input.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
