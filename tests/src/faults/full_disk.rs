//! The disk is full: people hear so, nothing half is stored, and once there is space it goes on.

use super::fault::{ENOSPC, Fault, Faulty};

#[test]
fn a_full_disk_is_named_stores_nothing_and_is_forgotten_once_there_is_space() {
    let mut faulty = Faulty::start();
    for (number, fault) in [Fault::write("log.db", ENOSPC), Fault::tear("log.db", ENOSPC)]
        .into_iter()
        .flat_map(|fault| [fault, fault.after(1), fault.after(3)])
        .enumerate()
    {
        let before = faulty.server.log().lines();
        faulty.fails(&[fault]);
        let said = faulty.cannot_invite(&format!("Nobody {number}"));
        assert!(said.contains("the disk of the event log is full, make space"), "{said}");
        assert_eq!(faulty.server.log().lines(), before);
        faulty.is_well();
        faulty.invites(&format!("Ida {number}"));
    }
    faulty.keeps_its_promises(0);
}

#[test]
fn a_server_whose_disk_is_full_when_it_starts_or_stops_says_so_and_loses_nothing() {
    let mut faulty = Faulty::start();
    faulty.fails(&[Fault::write("log.db", ENOSPC)]);
    let ended = faulty.server.stop();
    assert_eq!(ended.code(), Some(1), "its end could not be recorded");
    let words = faulty.server.process().words();
    assert!(words.contains("the disk of the event log is full"), "{words}");
    let export = faulty.server.scratch().path().join("export").display().to_string();
    for arguments in [[].as_slice(), &["export", &export]] {
        let said = faulty.cannot(arguments);
        assert!(said.contains("full") || said.contains("free space"), "{arguments:?}: {said}");
    }
    faulty.is_well();
    faulty.server.start_again();
    faulty.invites("Ida");
    faulty.keeps_its_promises(0);
}

#[test]
fn everything_full_at_once_is_survived() {
    let mut faulty = Faulty::start();
    faulty.fails(
        &["/data/log.db", "/data/vault.db", "/data/read.db", "/tiles/", "/checkpoints/"]
            .map(|part| Fault::write(part, ENOSPC)),
    );
    let said = faulty.cannot_invite("Nobody");
    assert!(said.contains("is full, make space"), "{said}");
    faulty.is_well();
    faulty.invites("Ida");
    faulty.keeps_its_promises(0);
}
