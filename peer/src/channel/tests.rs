use data_encoding::HEXLOWER;
use proptest::prelude::*;

use crate::handshake::tests::Scene;
use crate::record::{BODY, LIFETIME, LONGEST};
use crate::{Frame, OpenError, Opener, SealError, Sealer, Stream};

/// The agent's sealer and Control's opener.
fn halves() -> (Sealer, Opener) {
    let (control, agent, _) = Scene::new().shake().unwrap();
    (agent.sealer, control.opener)
}

fn deliver(opener: &mut Opener, records: &[Vec<u8>]) -> Option<(Stream, Vec<u8>)> {
    let (last, before) = records.split_last().unwrap();
    for record in before {
        assert_eq!(opener.open(record), Ok(None));
    }
    opener.open(last).unwrap()
}

#[test]
fn what_one_end_seals_the_other_opens() {
    let (mut control, mut agent, _) = Scene::new().shake().unwrap();
    for stream in Stream::ALL {
        let records = control.sealer.seal(stream, b"to the agent").unwrap();
        assert!(matches!(Frame::of(&records[0]), Ok(Frame::Record(_))));
        let opened = deliver(&mut agent.opener, &records);
        assert_eq!(opened, Some((stream, b"to the agent".to_vec())));
        let records = agent.sealer.seal(stream, b"to Control").unwrap();
        let opened = deliver(&mut control.opener, &records);
        assert_eq!(opened, Some((stream, b"to Control".to_vec())));
    }
}

#[test]
fn a_message_is_cut_at_64_kib_and_put_together_again() {
    let (mut sealer, mut opener) = halves();
    for (length, count) in [
        (0, 1),
        (1, 1),
        (BODY - 1, 1),
        (BODY, 1),
        (BODY + 1, 2),
        (2 * BODY, 2),
        (2 * BODY + 1, 3),
        (Stream::Screen.longest(), 257),
    ] {
        let message: Vec<u8> = (0_u8..=250).cycle().take(length).collect();
        let records = sealer.seal(Stream::Screen, &message).unwrap();
        assert_eq!(records.len(), count, "{length} bytes");
        assert!(records.iter().all(|record| record.len() <= LONGEST));
        assert!(deliver(&mut opener, &records) == Some((Stream::Screen, message)));
    }
}

#[test]
fn every_changed_byte_of_a_record_is_refused() {
    let length = halves().0.seal(Stream::Control, b"click").unwrap()[0].len();
    for at in 0..length {
        let (mut sealer, mut opener) = halves();
        let mut records = sealer.seal(Stream::Control, b"click").unwrap();
        for bit in [1, 128] {
            records[0][at] ^= bit;
            assert!(opener.open(&records[0]).is_err(), "bit {bit} of byte {at}");
            (_, opener) = halves();
            records[0][at] ^= bit;
        }
    }
}

#[test]
fn a_record_that_is_cut_or_longer_is_refused() {
    let (mut sealer, _) = halves();
    let record = &sealer.seal(Stream::Control, b"click").unwrap()[0];
    for at in 0..record.len() {
        assert!(halves().1.open(&record[..at]).is_err(), "cut at {at}");
    }
    assert!(halves().1.open(&[&record[..], &[0]].concat()).is_err());
    let huge = [&record[..], &vec![0; LONGEST]].concat();
    assert_eq!(halves().1.open(&huge), Err(OpenError::Malformed));
}

#[test]
fn a_record_twice_lost_or_out_of_order_is_refused() {
    let mut records = Vec::new();
    let (mut sealer, mut opener) = halves();
    for _ in 0..3 {
        records.extend(sealer.seal(Stream::Control, b"x").unwrap());
    }
    opener.open(&records[0]).unwrap();
    let again = opener.open(&records[0]);
    assert_eq!(again, Err(OpenError::OutOfOrder { expected: 1, got: 0 }));
    let mut opener = halves().1;
    opener.open(&records[0]).unwrap();
    let lost = opener.open(&records[2]);
    assert_eq!(lost, Err(OpenError::OutOfOrder { expected: 1, got: 2 }));
    let early = halves().1.open(&records[1]);
    assert_eq!(early, Err(OpenError::OutOfOrder { expected: 0, got: 1 }));
}

#[test]
fn the_first_failure_is_final() {
    let (mut sealer, mut opener) = halves();
    let good = sealer.seal(Stream::Control, b"x").unwrap();
    let mut bad = good[0].clone();
    *bad.last_mut().unwrap() ^= 1;
    assert_eq!(opener.open(&bad), Err(OpenError::Forged));
    assert_eq!(opener.open(&good[0]), Err(OpenError::Closed));
}

#[test]
fn streams_count_for_themselves() {
    let (mut sealer, mut opener) = halves();
    let screen = sealer.seal(Stream::Screen, &vec![7; BODY + 1]).unwrap();
    let control = sealer.seal(Stream::Control, b"first").unwrap();
    assert_eq!(opener.open(&screen[0]), Ok(None));
    let between = opener.open(&control[0]);
    assert_eq!(between, Ok(Some((Stream::Control, b"first".to_vec()))));
    let message = opener.open(&screen[1]).unwrap().unwrap();
    assert_eq!(message.1.len(), BODY + 1);
}

#[test]
fn a_record_moved_to_another_stream_or_direction_is_refused() {
    let (mut control, mut agent, _) = Scene::new().shake().unwrap();
    let own = agent.sealer.seal(Stream::Control, b"x").unwrap();
    assert_eq!(agent.opener.open(&own[0]), Err(OpenError::Forged), "sent back");
    let mut moved = own[0].clone();
    moved[1] = 1;
    assert_eq!(control.opener.open(&moved), Err(OpenError::Forged), "moved to the screen");
}

#[test]
fn a_message_longer_than_its_stream_allows_is_neither_sealed_nor_opened() {
    for stream in [Stream::Control, Stream::Chat, Stream::File] {
        let (mut sealer, mut opener) = halves();
        let length = stream.longest() + 1;
        let refused = sealer.seal(stream, &vec![0; length]);
        assert_eq!(refused, Err(SealError::TooLong { length }));
        let longest = sealer.seal(stream, &vec![0; length - 1]).unwrap();
        assert!(deliver(&mut opener, &longest).is_some());
    }
}

#[test]
fn a_sender_that_never_ends_its_message_is_refused_at_the_bound() {
    let (mut sealer, mut opener) = halves();
    let begun = sealer.seal_whatever_its_length(Stream::Control, &vec![0; 2 * BODY]).unwrap();
    assert_eq!(opener.open(&begun[0]), Ok(None));
    assert_eq!(opener.open(&begun[1]), Err(OpenError::TooLong));
}

#[test]
fn a_key_is_used_up_in_the_end() {
    let (mut sealer, _) = halves();
    sealer.skip_to(Stream::Control, LIFETIME - 1);
    sealer.seal(Stream::Control, b"last").unwrap();
    assert_eq!(sealer.seal(Stream::Control, b"x"), Err(SealError::UsedUp));
    sealer.seal(Stream::Screen, b"x").unwrap();
}

#[test]
fn records_are_frozen() {
    let (mut control, mut agent, _) = Scene::new().shake().unwrap();
    let mut lines = Vec::new();
    for sealer in [&mut control.sealer, &mut agent.sealer] {
        for stream in Stream::ALL {
            for message in [&b""[..], b"Beckon"] {
                let records = sealer.seal(stream, message).unwrap();
                lines.extend(records.iter().map(|record| HEXLOWER.encode(record)));
            }
        }
    }
    assert_eq!(lines.join("\n"), include_str!("../../vectors/records.txt").trim_end());
}

#[test]
fn nothing_secret_is_printed() {
    let (control, _, _) = Scene::new().shake().unwrap();
    let printed = format!("{:?}", (&control.sealer, &control.opener));
    assert_eq!(printed, "(Sealer { sender: Control, .. }, Opener { sender: Agent, .. })");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn garbage_is_refused(record in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(halves().1.open(&record).is_err());
    }
}
