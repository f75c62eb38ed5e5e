//! The disk cannot make things durable: the server ends rather than promise what it cannot keep.

use super::fault::{EIO, ENOSPC, Fault, Faulty};

/// The server ends by itself, with these words, and starts again once the disk is well.
fn ends(mut faulty: Faulty, words: &str) {
    let ended = faulty.server.ends();
    assert_eq!(ended.code(), Some(1));
    let said = faulty.server.process().words();
    assert!(said.contains(words) && !said.contains("panicked"), "{said}");
    assert!(said.contains("what was confirmed is safe"), "{said}");
    faulty.is_well();
    faulty.server.start_again();
    faulty.invites("Ida");
    // Whoever was not confirmed may be stored: nobody was told that it is not so.
    faulty.keeps_its_promises(1);
}

#[test]
fn a_log_that_cannot_be_made_durable_ends_the_server_and_nothing_is_confirmed() {
    for fault in [Fault::sync("log.db", EIO), Fault::sync("log.db", ENOSPC)] {
        let mut faulty = Faulty::start();
        faulty.fails(&[fault]);
        let said = faulty.cannot_invite("Nobody");
        assert!(said.contains("the event log failed"), "{said}");
        assert!(said.contains("not known"), "{said}");
        ends(faulty, "log.db");
    }
}

#[test]
fn a_log_that_cannot_be_written_ends_the_server_and_nothing_is_confirmed() {
    for fault in [Fault::write("log.db", EIO), Fault::tear("log.db", EIO)] {
        let mut faulty = Faulty::start();
        faulty.fails(&[fault]);
        let said = faulty.cannot_invite("Nobody");
        assert!(said.contains("the event log failed"), "{said}");
        ends(faulty, "log.db");
    }
}

#[test]
fn a_vault_that_cannot_be_made_durable_ends_the_server_and_nothing_is_confirmed() {
    for fault in [Fault::sync("vault.db", EIO), Fault::write("vault.db", EIO)] {
        let mut faulty = Faulty::start();
        faulty.fails(&[fault]);
        let said = faulty.cannot_invite("Nobody");
        // The answer and the end of the server race each other.
        let heard = ["the vault failed", "ended before it answered"];
        assert!(heard.iter().any(|words| said.contains(words)), "{said}");
        ends(faulty, "vault.db");
    }
}

#[test]
fn a_server_that_starts_on_a_failing_disk_says_so_and_records_nothing() {
    let mut faulty = Faulty::start();
    faulty.server.kill();
    let before = faulty.server.log().lines();
    faulty.fails(&[Fault::sync("log.db", EIO)]);
    let export = faulty.server.scratch().path().join("export").display().to_string();
    for arguments in [[].as_slice(), &["export", &export]] {
        let said = faulty.cannot(arguments);
        assert!(said.contains("log.db"), "{arguments:?}: {said}");
    }
    faulty.is_well();
    assert_eq!(faulty.server.log().lines()[..before.len()], before[..]);
    faulty.server.start_again();
    faulty.invites("Ida");
    faulty.keeps_its_promises(1);
}
