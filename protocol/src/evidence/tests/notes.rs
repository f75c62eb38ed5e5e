use beckon_events::LogId;
use uuid::Uuid;

use super::*;

const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n";
const SIGNATURE: &str =
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
/// The published private key: its type, then the seed.
const SEED: &[u8] = b"AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

fn checkpoint() -> Checkpoint {
    let origin = Origin { host: "help.example.org".into(), log: LogId(Uuid::from_u128(7)), era: 0 };
    Checkpoint { origin, size: 20_852_163, root: leaf(1) }
}

#[test]
fn the_published_note_of_go() {
    let key: LogKey = VKEY.parse().unwrap();
    assert_eq!((key.name.as_str(), key.key_id()), ("PeterNeumann", [0xc7, 0x4f, 0x20, 0xa3]));
    assert_eq!(key.vkey(), VKEY);
    let text = format!("{TEXT}\n— PeterNeumann {SIGNATURE}\n");
    let note: Note = text.parse().unwrap();
    assert_eq!(note.text, TEXT);
    assert!(note.verify(&key));
    assert_eq!(note.to_string(), text);
    let seed = data_encoding::BASE64.decode(SEED).unwrap();
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed[1..]).unwrap();
    assert_eq!(sign(TEXT, "PeterNeumann", &pair), text);

    assert!(!note.verify(&LogKey { name: "Other".into(), ..key.clone() }));
    assert!(!note.verify(&LogKey { key: PublicKey([1; 32]), ..key.clone() }));
    let other = Note { text: TEXT.replace("your", "my"), ..note.clone() };
    assert!(!other.verify(&key));
    let mut spoiled = note.clone();
    spoiled.signatures.push(note.signatures[0].clone());
    assert!(spoiled.verify(&key));
    spoiled.signatures[1].signature[9] ^= 1;
    assert!(!spoiled.verify(&key), "one wrong signature by the same key");
    spoiled.signatures[1].key_id[0] ^= 1;
    assert!(spoiled.verify(&key), "a signature by an unknown key does not matter");
}

#[test]
fn what_is_no_note_is_refused() {
    let line = format!("— PeterNeumann {SIGNATURE}\n");
    let parse = |note: &str| note.parse::<Note>();
    assert!(parse(&format!("a\n\nb\n\n{line}")).is_ok_and(|note| note.text == "a\n\nb\n"));
    assert_eq!(parse(&format!("{}\n\n{line}", "a".repeat(NOTE_MAX))), Err(NoteError::TooLong));
    for control in ["\r", "\t", "\0", "\u{1b}"] {
        assert_eq!(parse(&format!("a{control}\n\n{line}")), Err(NoteError::Control));
    }
    for note in ["", "a\n", &format!("a\n{line}"), &format!("a\n\n{}", line.trim_end())] {
        assert_eq!(parse(note), Err(NoteError::Unsigned), "{note}");
    }
    let base64 = SIGNATURE;
    for line in [
        "\n".into(),
        "a\n".into(),
        format!("- PeterNeumann {base64}\n"),
        format!("—PeterNeumann {base64}\n"),
        format!("— Peter Neumann {base64}\n"),
        format!("— Peter+Neumann {base64}\n"),
        format!("—  {base64}\n"),
        format!("— Peter\u{a0}Neumann {base64}\n"),
        format!("— PeterNeumann {}\n", base64.trim_end_matches('=')),
        format!("— PeterNeumann {}\n", base64.replace("M=", "N=")),
        format!("— PeterNeumann {base64} \n"),
        "— PeterNeumann x08goA==\n".into(),
        format!("— PeterNeumann {base64}\na\n"),
    ] {
        let refused = parse(&format!("a\n\n{line}"));
        assert!(matches!(refused, Err(NoteError::Signature | NoteError::Unsigned)), "{line}");
    }
    for vkey in [
        "",
        "PeterNeumann",
        &VKEY.replace("c7", "C7"),
        &VKEY.replace("c7", "c8"),
        &VKEY.replace("Peter", "Peter "),
        &VKEY.replace("TW", "TX"),
        &VKEY.replace("+AR", "+AQ"),
        &VKEY.replace("+ARpc", "+Ag"),
        &format!("{VKEY} "),
    ] {
        assert_eq!(vkey.parse::<LogKey>(), Err(LogKeyError), "{vkey}");
    }
}

#[test]
fn a_checkpoint_reads_back_and_counts_under_its_key_only() {
    let signed = checkpoint().sign(&pair(1));
    let root = data_encoding::BASE64.encode(&leaf(1).0);
    let origin = "help.example.org/beckon/00000000-0000-0000-0000-000000000007/0";
    assert_eq!(checkpoint().text(), format!("{origin}\n20852163\n{root}\n"));
    assert_eq!(SignedCheckpoint::parse(&signed.note), Ok(signed.clone()));
    assert!(signed.verify(&public(&pair(1))));
    assert!(!signed.verify(&public(&pair(2))));
    let larger = Checkpoint { size: 20_852_164, ..checkpoint() };
    assert!(!SignedCheckpoint { checkpoint: larger, ..signed.clone() }.verify(&public(&pair(1))));
    let forged = signed.note.replace("20852163", "20852164");
    let forged = SignedCheckpoint::parse(&forged).unwrap();
    assert!(!forged.verify(&public(&pair(1))));
    let extended = sign(
        &format!("{}an extension\n", checkpoint().text()),
        &checkpoint().origin.to_string(),
        &pair(1),
    );
    let extended = SignedCheckpoint::parse(&extended).unwrap();
    assert_eq!(extended.checkpoint, checkpoint());
    assert!(extended.verify(&public(&pair(1))));
}

#[test]
fn what_is_no_checkpoint_is_refused_by_name() {
    use CheckpointError as E;
    let (text, name) = (checkpoint().text(), checkpoint().origin.to_string());
    let parse = |text: &str| SignedCheckpoint::parse(&sign(text, &name, &pair(1)));
    assert_eq!(SignedCheckpoint::parse(&text), Err(E::Note(NoteError::Unsigned)));
    assert_eq!(parse(&text.replace("/beckon/", "/other/")), Err(E::Origin));
    for size in ["020852163", "+1", "-1", "", "1 ", "18446744073709551616"] {
        assert_eq!(parse(&text.replace("20852163", size)), Err(E::Size), "{size:?}");
    }
    assert_eq!(parse(&text.replace("=\n", "\n")), Err(E::Root));
    assert_eq!(parse(&format!("{name}\n1\nAAAA\n")), Err(E::Root));
    assert_eq!(parse(&format!("{name}\n1\n")), Err(E::Root));
    assert_eq!(parse(&format!("{text}\nmore\n")), Err(E::Empty));
    let other = sign(&text, "someone.else", &pair(1));
    assert_eq!(SignedCheckpoint::parse(&other), Err(E::OtherName));
    for origin in [
        "help.example.org/beckon/00000000-0000-0000-0000-000000000007",
        "help.example.org/beckon/00000000-0000-0000-0000-000000000007/00",
        "help.example.org/beckon/00000000000000000000000000000007/0",
        "/beckon/00000000-0000-0000-0000-000000000007/0",
        "a b/beckon/00000000-0000-0000-0000-000000000007/0",
        "a/b/beckon/00000000-0000-0000-0000-000000000007/0",
        "help.example.org/beckon/00000000-0000-0000-0000-000000000007/4294967296",
    ] {
        assert_eq!(origin.parse::<Origin>(), Err(OriginError), "{origin}");
    }
    let ported = "localhost:8443/beckon/00000000-0000-0000-0000-000000000007/3";
    assert_eq!(ported.parse::<Origin>().unwrap().to_string(), ported);
}

#[test]
fn a_fingerprint_reads_as_people_copy_it() {
    let key = PublicKey([0; 32]);
    let hex = "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925";
    assert_eq!(fingerprint(&key), hex);
    let spaced = "66687AAD F862BD77:6c8fc18b-8e9f8e20 \n 089714856ee233b3902a591d0d5f2925 ";
    for typed in [hex, spaced] {
        assert!(typed.parse::<Fingerprint>().unwrap().is_of(&key), "{typed}");
    }
    assert!(!hex.parse::<Fingerprint>().unwrap().is_of(&PublicKey([1; 32])));
    for typed in ["", &hex[1..], &format!("{hex}0"), &hex.replace('6', "g")] {
        assert_eq!(typed.parse::<Fingerprint>(), Err(FingerprintError), "{typed}");
    }
}

#[test]
fn a_host_is_a_name_or_an_address_and_nothing_else() {
    let of = |host: &str| format!("{host}/beckon/{}/0", Uuid::from_u128(7)).parse::<Origin>();
    for host in
        ["help.example.org", "Help-1.example.org:8443", "[::1]:443", "127.0.0.1", "localhost"]
    {
        assert_eq!(of(host).map(|origin| origin.host), Ok(host.to_owned()));
    }
    let long = "x".repeat(261);
    for host in
        ["", "ü.example", "a\u{202e}b", "a\u{200b}b", "a_b", "a b", "a/b", "a+b", "\u{660}", &long]
    {
        assert!(of(host).is_err(), "{host:?}");
    }
}
