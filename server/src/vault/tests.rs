use std::net::IpAddr;
use std::time::Duration;

use beckon_events::{OperatorId, SessionId};
use uuid::Uuid;

use super::throttle::WaitKey;
use super::*;

struct Desk {
    folder: tempfile::TempDir,
    vault: Vault,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let vault = open(folder.path(), 7);
        Self { folder, vault }
    }

    /// What a kill -9 leaves: nothing is closed, the file is opened anew.
    fn restart(mut self) -> Self {
        let old = std::mem::replace(&mut self.vault, open(self.folder.path(), 7));
        std::mem::forget(old);
        self
    }
}

fn open(folder: &Path, pepper: u8) -> Vault {
    Vault::open(&folder.join("vault.db"), &Pepper::new(&[pepper; 32]), &Random::new()).unwrap()
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_micros(1_800_000_000_000_000).plus(Duration::from_secs(seconds))
}

fn operator(number: u128) -> OperatorId {
    OperatorId(Uuid::from_u128(number))
}

fn source() -> IpAddr {
    "2001:db8::7".parse().unwrap()
}

fn attempt(vault: &Vault, ticket: Option<&str>, now: Timestamp) -> Attempt {
    match vault.begin_attempt(ticket, source(), now).unwrap() {
        Verdict::Allowed(attempt) => attempt,
        Verdict::Wait(wait) => panic!("has to wait: {wait:?}"),
    }
}

#[test]
fn a_password_is_known_to_its_operator_only_and_is_not_in_the_file() {
    let desk = Desk::new();
    let password = "correct horse battery";
    desk.vault.set_password(operator(1), password).unwrap();
    let verify = |who, text: &str| desk.vault.verify_password(who, text).unwrap();
    assert!(verify(Some(operator(1)), password));
    assert!(!verify(Some(operator(1)), "correct horse batterz"));
    assert!(!verify(Some(operator(2)), password));
    assert!(!verify(None, password));
    assert!(!verify(None, ""));
    for name in ["vault.db", "vault.db-wal"] {
        let bytes = std::fs::read(desk.folder.path().join(name)).unwrap();
        assert!(!bytes.windows(8).any(|w| w == b"correct "), "{name}");
    }
    desk.vault.forget_password(operator(1)).unwrap();
    assert!(!verify(Some(operator(1)), password));
    assert!(!desk.vault.has_password(operator(1)).unwrap());
}

#[test]
fn a_password_has_12_to_128_characters_however_many_bytes() {
    let desk = Desk::new();
    let set = |text: &str| desk.vault.set_password(operator(1), text);
    assert!(matches!(set(&"ü".repeat(11)), Err(VaultError::PasswordLength)));
    assert!(matches!(set(&"x".repeat(129)), Err(VaultError::PasswordLength)));
    assert!(set(&"漢".repeat(128)).is_ok());
    assert!(desk.vault.verify_password(Some(operator(1)), &"漢".repeat(128)).unwrap());
}

#[test]
fn a_setup_link_opens_in_one_browser_once_and_in_time() {
    let desk = Desk::new();
    let quarter = Duration::from_mins(15);
    let vault = &desk.vault;
    let void = vault.issue_setup(operator(1), quarter, at(0)).unwrap();
    let token = vault.issue_setup(operator(1), quarter, at(0)).unwrap();
    assert_eq!(vault.claim_setup(void.as_str(), at(1)).unwrap(), None);
    assert_eq!(vault.claim_setup(token.as_str(), at(900)).unwrap(), None);
    let claim = vault.claim_setup(token.as_str(), at(1)).unwrap().unwrap();
    assert_eq!(claim.operator, operator(1));
    assert_eq!(vault.claim_setup(token.as_str(), at(1)).unwrap(), None);
    let browser = claim.browser.as_str();
    assert_eq!(vault.setup_of(token.as_str(), at(2)).unwrap(), None);
    assert_eq!(vault.setup_of(browser, at(2)).unwrap(), Some(operator(1)));
    assert_eq!(vault.finish_setup(browser, at(900)).unwrap(), None);
    assert_eq!(vault.finish_setup(browser, at(3)).unwrap(), Some(operator(1)));
    assert_eq!(vault.finish_setup(browser, at(3)).unwrap(), None);
}

#[test]
fn a_web_session_ends_after_15_idle_minutes_and_after_12_hours_whatever_is_done() {
    let desk = Desk::new();
    let idle = desk.vault.sign_in(operator(1), at(0)).unwrap().id;
    let look = |now| desk.vault.web_session(idle.as_str(), at(now)).unwrap();
    assert!(look(899).is_some());
    assert!(look(900).is_none(), "looking is no activity");

    let busy = desk.vault.sign_in(operator(1), at(0)).unwrap().id;
    let touch = |now| desk.vault.touch_web_session(busy.as_str(), at(now)).unwrap();
    for now in (0..43_200).step_by(600) {
        assert!(touch(now).is_some(), "{now}");
    }
    assert!(touch(43_199).is_some());
    assert!(touch(43_200).is_none());
    desk.vault.sweep(at(43_200)).unwrap();
    assert!(look(0).is_none(), "swept");
}

#[test]
fn web_sessions_are_listed_renewed_and_revoked() {
    let desk = Desk::new();
    let first = desk.vault.sign_in(operator(1), at(0)).unwrap();
    let second = desk.vault.sign_in(operator(1), at(1)).unwrap();
    let other = desk.vault.sign_in(operator(2), at(1)).unwrap();
    let desk = desk.restart();
    let vault = &desk.vault;
    let listed = vault.web_sessions_of(operator(1), at(2)).unwrap();
    assert_eq!(listed, [second.session.clone(), first.session.clone()]);

    let renewed = vault.renew_web_session(first.id.as_str(), at(3)).unwrap().unwrap();
    assert_ne!(renewed.session.csrf, first.session.csrf);
    assert_eq!(renewed.session.created, first.session.created);
    assert_eq!(vault.web_session(first.id.as_str(), at(3)).unwrap(), None);

    assert!(!vault.revoke_web_session(operator(2), second.session.key).unwrap());
    assert!(vault.revoke_web_session(operator(1), second.session.key).unwrap());
    assert_eq!(vault.revoke_web_sessions_of(operator(1)).unwrap(), 1);
    assert!(vault.web_session(other.id.as_str(), at(3)).unwrap().is_some());
    vault.sign_out(other.id.as_str()).unwrap();
    assert_eq!(vault.web_session(other.id.as_str(), at(3)).unwrap(), None);
}

#[test]
fn an_invitation_is_found_by_code_and_token_until_it_is_closed_and_is_sealed_on_disk() {
    let desk = Desk::new();
    let session = SessionId(Uuid::from_u128(9));
    let invitation = Invitation { code: "K7QFM2XWTR".to_owned(), token: "tokentoken".to_owned() };
    desk.vault.keep_invitation(session, &invitation).unwrap();
    let twice = desk.vault.keep_invitation(SessionId(Uuid::from_u128(10)), &invitation);
    assert!(matches!(twice, Err(VaultError::CodeTaken)));
    let desk = desk.restart();
    let vault = &desk.vault;
    assert_eq!(vault.session_by_code("K7QFM2XWTR").unwrap(), Some(session));
    assert_eq!(vault.session_by_token("tokentoken").unwrap(), Some(session));
    assert_eq!(vault.session_by_code("tokentoken").unwrap(), None);
    assert_eq!(vault.invitation(session).unwrap(), Some(invitation));
    assert_eq!(vault.invitations().unwrap(), [session]);
    for name in ["vault.db", "vault.db-wal"] {
        let bytes = std::fs::read(desk.folder.path().join(name)).unwrap();
        assert!(!bytes.windows(10).any(|w| w == b"K7QFM2XWTR" || w == b"tokentoken"), "{name}");
    }
    let elsewhere = open(desk.folder.path(), 8);
    assert!(matches!(elsewhere.invitation(session), Err(VaultError::Sealed)));
    assert_eq!(elsewhere.session_by_code("K7QFM2XWTR").unwrap(), None);
    vault.close_invitation(session).unwrap();
    assert_eq!(vault.session_by_code("K7QFM2XWTR").unwrap(), None);
    assert_eq!(vault.invitation(session).unwrap(), None);
}

#[test]
fn an_attempt_is_counted_before_it_is_answered_also_when_the_server_is_killed_each_time() {
    let mut desk = Desk::new();
    let mut ticket = None;
    for left in [4, 3, 2, 1, 0] {
        let counted = attempt(&desk.vault, ticket.as_deref(), at(0));
        assert_eq!(counted.attempts_left, left);
        assert_eq!(counted.wait.map(|w| w.until), (left == 0).then(|| at(900)));
        assert!(ticket.is_none_or(|t| t == counted.ticket), "the ticket stays the same");
        ticket = Some(counted.ticket);
        desk = desk.restart();
    }
    let again = |now| desk.vault.begin_attempt(ticket.as_deref(), source(), at(now)).unwrap();
    let wait = throttle::Wait { until: at(900), key: WaitKey::Ticket };
    assert_eq!(again(899), Verdict::Wait(wait));
    assert!(matches!(again(900), Verdict::Allowed(a) if a.attempts_left == 4));
}

#[test]
fn a_right_code_clears_its_ticket_and_counts_nowhere() {
    let desk = Desk::new();
    for _ in 0..40 {
        let right = attempt(&desk.vault, None, at(0));
        desk.vault.forgive_attempt(&right).unwrap();
        let voided = attempt(&desk.vault, Some(&right.ticket), at(0));
        assert_ne!(voided.ticket, right.ticket);
        assert_eq!(voided.attempts_left, 4);
        desk.vault.forgive_attempt(&voided).unwrap();
    }
}

#[test]
fn a_ticket_of_another_network_or_of_nobody_counts_as_none() {
    let desk = Desk::new();
    let first = attempt(&desk.vault, None, at(0));
    let elsewhere: IpAddr = "2001:db8:0:1::7".parse().unwrap();
    let moved = desk.vault.begin_attempt(Some(&first.ticket), elsewhere, at(0)).unwrap();
    assert!(
        matches!(moved, Verdict::Allowed(a) if a.ticket != first.ticket && a.attempts_left == 4)
    );
    let forged = attempt(&desk.vault, Some("AAAAAAAAAAAAAAAAAAAAAA"), at(0));
    assert_ne!(forged.ticket, "AAAAAAAAAAAAAAAAAAAAAA");
    let same_network: IpAddr = "2001:db8::8".parse().unwrap();
    let neighbour = desk.vault.begin_attempt(Some(&first.ticket), same_network, at(0)).unwrap();
    assert!(matches!(neighbour, Verdict::Allowed(a) if a.attempts_left == 3));
}

#[test]
fn a_clock_set_back_shortens_no_wait_and_a_sweep_keeps_those_that_wait() {
    let desk = Desk::new();
    let mut ticket = None;
    for _ in 0..5 {
        ticket = Some(attempt(&desk.vault, ticket.as_deref(), at(5_000)).ticket);
    }
    desk.vault.sweep(at(0)).unwrap();
    desk.vault.sweep(at(5_001)).unwrap();
    let back = desk.vault.begin_attempt(ticket.as_deref(), source(), at(0)).unwrap();
    assert!(matches!(back, Verdict::Wait(wait) if wait.until == at(5_900)));
    // Nor does a wait that begins then end any earlier.
    let mut late = None;
    for _ in 0..4 {
        late = Some(attempt(&desk.vault, late.as_deref(), at(0)).ticket);
    }
    let fifth = attempt(&desk.vault, late.as_deref(), at(0));
    assert_eq!(fifth.wait.map(|w| w.until), Some(at(5_900)));
    desk.vault.sweep(at(5_000 + 48 * 3_600)).unwrap();
    let forgotten = attempt(&desk.vault, ticket.as_deref(), at(0));
    assert_ne!(Some(forgotten.ticket), ticket);
}

#[test]
fn a_vault_of_the_first_schema_is_brought_up_to_date_and_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.db");
    let first = Kind { version: 1, schema: include_str!("schema.sql"), upgrades: &[], ..KIND };
    let old = database::open(&path, &first).unwrap();
    old.execute("INSERT INTO passwords VALUES (?, 'hash')", [operator(1).0.as_bytes()]).unwrap();
    drop(old);
    assert!(Vault::is_unsealed(&path));
    for _ in 0..2 {
        let vault = open(folder.path(), 7);
        assert!(vault.has_password(operator(1)).unwrap());
        let nobody = beckon_events::Subject::operator(operator(1));
        assert_eq!(vault.subject_key(nobody).unwrap(), None);
        assert!(!Vault::is_unsealed(&path));
    }
}
