//! What is beside the log: where it fails, the log goes on, or the person hears why not.

use super::fault::{EIO, ENOSPC, Fault, Faulty};

#[test]
fn a_full_disk_of_the_vault_is_named_and_nothing_is_recorded() {
    let mut faulty = Faulty::start();
    let before = faulty.server.log().lines();
    faulty.fails(&[Fault::write("vault.db", ENOSPC)]);
    let said = faulty.cannot_invite("Nobody");
    assert!(said.contains("the disk of the vault is full, make space"), "{said}");
    assert_eq!(faulty.server.log().lines(), before);
    faulty.is_well();
    faulty.invites("Ida");
    faulty.keeps_its_promises(0);
}

#[test]
fn read_models_that_cannot_be_kept_do_not_keep_events_out() {
    for fault in
        [Fault::write("read.db", ENOSPC), Fault::write("read.db", EIO), Fault::sync("read.db", EIO)]
    {
        let mut faulty = Faulty::start();
        faulty.fails(&[fault]);
        faulty.invites("Ida");
        faulty.invites("Ola");
        faulty.server.kill();
        faulty.is_well();
        faulty.server.start_again();
        faulty.invites("Uma");
        faulty.keeps_its_promises(0);
    }
}

#[test]
fn a_tree_that_cannot_be_kept_does_not_keep_events_out_and_is_made_up_for() {
    for part in ["/tiles/", "/checkpoints/"] {
        for (fault, starts_again) in [
            (Fault::write(part, ENOSPC), false),
            (Fault::tear(part, ENOSPC), true),
            (Fault::sync(part, EIO), true),
        ] {
            let mut faulty = Faulty::start();
            faulty.fails(&[fault]);
            faulty.invites("Ida");
            faulty.invites("Ola");
            if starts_again {
                faulty.server.kill();
            }
            faulty.is_well();
            if starts_again {
                faulty.server.start_again();
            }
            faulty.invites("Uma");
            faulty.keeps_its_promises(0);
        }
    }
}
