//! What goes in comes out.

use beckon_events::Digest;
use beckon_events::envelope::{DATA_MAX, METADATA_MAX};
use beckon_server::store::AppendError;
use beckon_server::store::Expected::NoStream;
use beckon_server::store::{Append, EVENTS_MAX};
use bytes::Bytes;

use super::ground::{Ground, append, event, stream};

pub fn metadata_and_data_come_back_byte_for_byte(ground: &mut Ground) {
    let every: Vec<u8> = (0..=255).collect();
    let texts: [&[u8]; 5] = [
        b"",
        b"\0",
        &every,
        b"{ \"b\":1.50,\r\n\"a\":\"\\u00e4 \xc3\xa4\" }",
        b"\xff\xfe\x00not utf-8",
    ];
    let mut all = append("session-1", NoStream, &[]);
    for (index, (metadata, data)) in texts.iter().zip(texts.iter().rev()).enumerate() {
        let mut new = event(&index.to_string());
        new.metadata = Bytes::copy_from_slice(metadata);
        new.data = Bytes::copy_from_slice(data);
        all.events.push(new);
    }
    ground.append(all.clone()).unwrap();
    let by_stream = ground.reader().read_stream(&stream("session-1"), 0, 10).unwrap();
    for read in [by_stream, ground.log()] {
        assert_eq!(read.len(), all.events.len());
        for (stored, new) in read.iter().zip(&all.events) {
            assert_eq!(stored.metadata, new.metadata);
            assert_eq!(stored.data, new.data);
            assert_eq!(stored.id, new.id);
            assert_eq!(stored.stream, all.stream);
        }
    }
}

pub fn the_leaf_is_the_rfc_6962_hash_of_the_metadata(ground: &mut Ground) {
    let mut empty = append("session-1", NoStream, &["a"]);
    empty.events[0].metadata = Bytes::new();
    let answer = ground.append(empty).unwrap();
    // SHA-256 of one zero byte: the leaf of an empty entry in RFC 6962's own test vectors.
    let known = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
    assert_eq!(Some(answer.leaf), Digest::from_hex(known));
    let stored = ground.log().remove(0);
    assert_eq!(stored.leaf(), answer.leaf);
    let head = ground.reader().head(&stream("session-1")).unwrap().unwrap();
    assert_eq!(head.leaf, answer.leaf);
}

pub fn the_largest_event_is_stored_and_one_byte_more_is_refused(ground: &mut Ground) {
    let sized = |metadata: usize, data: usize| {
        let mut append = append("session-1", NoStream, &["a"]);
        append.events[0].metadata = Bytes::from(vec![1; metadata]);
        append.events[0].data = Bytes::from(vec![2; data]);
        append
    };
    let too_large = |answer| matches!(answer, Err(AppendError::TooLarge { .. }));
    assert!(too_large(ground.append(sized(METADATA_MAX + 1, 0))));
    assert!(too_large(ground.append(sized(0, DATA_MAX + 1))));
    assert!(ground.log().is_empty());
    ground.append(sized(METADATA_MAX, DATA_MAX)).unwrap();
    let stored = ground.log().remove(0);
    assert_eq!(stored.metadata, vec![1; METADATA_MAX]);
    assert_eq!(stored.data, vec![2; DATA_MAX]);
}

pub fn an_append_holds_one_to_a_hundred_events(ground: &mut Ground) {
    let of = |count: usize| Append {
        stream: stream("session-1"),
        expected: NoStream,
        events: (0..count).map(|n| event(&n.to_string())).collect(),
    };
    assert_eq!(ground.append(of(0)), Err(AppendError::Empty));
    let over = ground.append(of(EVENTS_MAX + 1));
    assert!(matches!(over, Err(AppendError::TooLarge { .. })), "{over:?}");
    assert!(ground.log().is_empty());
    let answer = ground.append(of(EVENTS_MAX)).unwrap();
    assert_eq!(answer.version, 99);
    assert_eq!(ground.log().len(), EVENTS_MAX);
}
