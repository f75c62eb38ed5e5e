use super::*;
use crate::replay;
use uuid::Uuid;

fn invited(role: Role) -> Event {
    Event::Invited {
        operator: OperatorId(Uuid::from_u128(1)),
        account: AccountId(Uuid::from_u128(2)),
        name: "Ana".into(),
        role,
    }
}

fn registered() -> Event {
    Event::Registered { name: "Ana Silva".into(), email: "ana@example.org".into() }
}

fn keys(n: u8) -> ControlKeys {
    ControlKeys { x25519: PublicKey([n; 32]), ed25519: PublicKey([n; 32]) }
}

fn enrol(n: u8) -> Command {
    Command::EnrolControl { control: keys(n), device: "desk".into() }
}

#[test]
fn nobody_signs_in_before_they_have_registered_or_after_they_are_disabled() {
    let sign_in = || Command::SignIn { address: "::1".into() };
    assert_eq!(Operator::default().decide(sign_in()), Err(Rejection::Missing));
    let invitee: Operator = replay(&[invited(Role::Operator)]);
    assert_eq!(invitee.decide(sign_in()), Err(Rejection::NotRegistered));
    let operator: Operator = replay(&[invited(Role::Operator), registered()]);
    assert!(operator.decide(sign_in()).is_ok());
    let disabled = operator.evolve(&Event::Disabled {});
    assert_eq!(disabled.decide(sign_in()), Err(Rejection::Disabled));
    assert_eq!(disabled.role(), None);
}

#[test]
fn a_setup_link_registers_once() {
    let operator: Operator = replay(&[invited(Role::Admin), registered()]);
    let again = Command::Register { name: "Eve".into(), email: "eve@example.org".into() };
    assert_eq!(operator.decide(again), Err(Rejection::Exists));
}

#[test]
fn a_control_is_enrolled_once_and_an_auditor_has_none() {
    let operator: Operator = replay(&[invited(Role::Operator), registered()]);
    let enrolled = operator.decide(enrol(7)).unwrap();
    let operator = enrolled.iter().fold(operator, Operator::evolve);
    assert!(operator.has_control(&keys(7)));
    assert_eq!(operator.decide(enrol(7)), Ok(vec![]));
    let revoked = operator.evolve(&Event::ControlRevoked { control: keys(7).ed25519 });
    assert!(!revoked.has_control(&keys(7)));
    let auditor: Operator = replay(&[invited(Role::Auditor), registered()]);
    assert_eq!(auditor.decide(enrol(7)), Err(Rejection::Role));
}
