//! From the invitation to the end.

use super::*;

#[test]
fn a_session_is_created_once_and_keeps_what_was_typed() {
    let events = Session::default().decide(create()).unwrap();
    let expected = Event::Created {
        session: SESSION,
        account: AccountId(Uuid::from_u128(4)),
        operator: ANA,
        name: None,
        note: Some("printer".into()),
        code: Digest([1; 32]),
        token: Digest([2; 32]),
        expires: at(7_200),
    };
    assert_eq!(events, [expected]);
    assert_eq!(created().operator(), Some(ANA));
    assert_eq!(created().deadline(), at(7_200));
    assert_eq!(refused(&created(), create()), Rejection::Exists);
    assert_eq!(refused(&ended(), create()), Rejection::Exists);
}

#[test]
fn an_invitation_that_was_mailed_stays_open() {
    let sent = Command::RecordInvitation { to: "ida@example.org".into() };
    let events = created().decide(sent.clone()).unwrap();
    assert_eq!(events, [Event::InvitationSent { to: "ida@example.org".into() }]);
    assert_eq!(after(created(), sent).phase(), Phase::Created);
}

#[test]
fn a_cancelled_invitation_lets_nobody_in() {
    let cancelled = after(created(), Command::CancelInvitation);
    assert_eq!(cancelled.phase(), Phase::Ended);
    assert_eq!(refused(&cancelled, join()), Rejection::Over);
}

#[test]
fn nobody_joins_from_the_moment_the_invitation_expires() {
    let last = Timestamp::from_micros(at(7_200).micros() - 1);
    assert!(created().decide(join_at(last, at(9_000))).is_ok());
    assert_eq!(refused(&created(), join_at(at(7_200), at(9_000))), Rejection::TooLate);
}

#[test]
fn a_code_lets_one_agent_in() {
    let joined = available();
    assert_eq!(joined.phase(), Phase::Available);
    assert_eq!(joined.agent().map(|keys| keys.ed25519), Some(public(1)));
    assert_eq!(joined.deadline(), at(7_210), "the wait counts from the join");
    assert_eq!(refused(&joined, join()), Rejection::NotNow);
}

#[test]
fn an_invitation_expires_at_its_time_and_not_before() {
    let expire = |second| Command::Expire { now: at(second) };
    assert_eq!(refused(&created(), expire(7_199)), Rejection::TooEarly);
    let events = created().decide(expire(7_200)).unwrap();
    assert_eq!(events, [Event::Expired { what: Waited::Invitation }]);
    assert_eq!(after(created(), expire(7_200)).phase(), Phase::Expired);
}

#[test]
fn a_wait_expires_at_its_time_and_not_before() {
    let expire = |second| Command::Expire { now: at(second) };
    assert_eq!(refused(&available(), expire(7_209)), Rejection::TooEarly);
    let events = available().decide(expire(7_210)).unwrap();
    assert_eq!(events, [Event::Expired { what: Waited::Wait }]);
}

#[test]
fn nothing_expires_while_the_user_is_asked_or_the_operator_is_in() {
    let expire = || Command::Expire { now: at(9_999_999) };
    assert_eq!(refused(&requested(), expire()), Rejection::NotNow);
    assert_eq!(refused(&active(), expire()), Rejection::NotNow);
    assert_eq!(refused(&expired(), expire()), Rejection::Over);
}

#[test]
fn the_wait_is_not_over_before_a_suspended_grant_can_no_longer_be_continued() {
    let late = Command::LoseOperator { why: LeftReason::Left, now: at(8_000) };
    let left = after(active(), late);
    assert_eq!(left.deadline(), at(8_000).plus(CONTINUE_WITHIN));
    assert_eq!(refused(&left, Command::Expire { now: at(8_001) }), Rejection::TooEarly);
    assert_eq!(after(active(), leave()).deadline(), at(7_210), "an earlier one changes nothing");
}

#[test]
fn everything_in_use_stops_before_the_end_is_recorded() {
    let events = at_work().decide(end(EndedBy::Control)).unwrap();
    let why = StopReason::Ended;
    let over = Event::Ended {
        by: EndedBy::Control,
        why: EndReason::Asked,
        statement: None,
        suppressed: 0,
    };
    let expected = [
        Event::ActionStopped { action: Action::View, why },
        Event::ActionStopped { action: Action::Control, why },
        over,
    ];
    assert_eq!(events, expected);
}

#[test]
fn after_the_end_nothing_is_in_force_or_in_use() {
    let over = after(away(at_work()), end(EndedBy::Portal));
    assert_eq!(over.phase(), Phase::Ended);
    assert!(!over.is_open());
    assert_eq!((over.grant(), over.request(), over.extension()), (None, None, None));
    assert_eq!(over.running(), ActionSet::EMPTY);
    assert!(!over.agent_is_lost(), "nobody waits for the agent any more");
}

#[test]
fn an_end_counts_what_was_too_much_for_the_log() {
    let why = EndReason::Disturbed;
    let command = Command::End { by: EndedBy::Policy, why, statement: None, suppressed: 7 };
    let events = active().decide(command).unwrap();
    let expected = Event::Ended { by: EndedBy::Policy, why, statement: None, suppressed: 7 };
    assert_eq!(events, [expected]);
}

#[test]
fn an_end_in_the_users_hand_is_believed_under_the_agents_key_only() {
    let ends = |statement| Command::End {
        by: EndedBy::User,
        why: EndReason::Asked,
        statement: Some(statement),
        suppressed: 0,
    };
    assert!(active().decide(ends(said(Fact::Ended))).is_ok());
    let stranger = Said::new(SESSION, Fact::Ended).sign(&pair(9));
    let unbelieved = Rejection::Unbelieved(GrantError::Statement(StatementError::OtherKey));
    assert_eq!(refused(&active(), ends(stranger)), unbelieved);
    let other = Said::new(SessionId(Uuid::from_u128(8)), Fact::Ended).sign(&pair(1));
    assert_eq!(refused(&active(), ends(other)), Rejection::Unbelieved(GrantError::OtherSession));
    let removed = said(Fact::removal(&gone()[..1], &[]));
    assert_eq!(refused(&active(), ends(removed)), Rejection::NotAllowed, "it says something else");
    assert_eq!(refused(&created(), ends(said(Fact::Ended))), Rejection::NotNow, "no agent yet");
    assert_eq!(refused(&active(), end(EndedBy::User)), Rejection::NotAllowed, "unsigned");
}

#[test]
fn a_fact_of_another_version_or_shape_is_not_believed() {
    let unreadable = Rejection::Unbelieved(GrantError::Unreadable);
    for said in [
        r#"{"v":2,"session":"00000000-0000-0000-0000-000000000001","said":"ended"}"#,
        r#"{"v":1,"session":"00000000-0000-0000-0000-000000000001","said":"ended","more":1}"#,
        "{}",
        "",
    ] {
        let statement = Some(Statement::sign(said.as_bytes(), &pair(1)));
        let why = EndReason::Asked;
        let command = Command::End { by: EndedBy::User, why, statement, suppressed: 0 };
        assert_eq!(refused(&active(), command), unreadable, "{said}");
    }
}

fn committed(value: &str) -> Committed {
    Committed { salt: Salt([7; 16]), value: value.to_owned() }
}

fn gone() -> Vec<Committed> {
    vec![committed("beckon-agent"), committed("join ticket")]
}

fn kept() -> Vec<Committed> {
    vec![committed("/tmp/x")]
}

fn removal(statement: Statement) -> Command {
    let personal = |things: Vec<Committed>| things.into_iter().map(Personal::Known).collect();
    Command::RecordRemoval { removed: personal(gone()), left: personal(kept()), statement }
}

#[test]
fn the_agent_says_once_what_it_removed_and_only_when_all_is_over() {
    let signed = || said(Fact::removal(&gone(), &kept()));
    for open in [created(), available(), requested(), active()] {
        assert_eq!(refused(&open, removal(signed())), Rejection::NotNow);
    }
    for over in [ended(), expired()] {
        let events = over.decide(removal(signed())).unwrap();
        assert_eq!(events.len(), 1);
        let again = after(over, removal(signed()));
        assert_eq!(again.decide(removal(signed())), Ok(vec![]));
    }
    let removal = removal(signed());
    assert_eq!(refused(&Session::default(), removal), Rejection::Missing);
}

#[test]
fn a_list_of_removed_things_is_the_one_that_the_agent_has_signed() {
    let other = vec![committed("beckon-agent"), committed("/etc/passwd")];
    for (removed, left) in
        [(&gone()[..1], kept()), (&gone(), vec![]), (&[], vec![]), (&other, kept())]
    {
        let signed = said(Fact::removal(removed, &left));
        assert_eq!(refused(&ended(), removal(signed)), Rejection::NotAllowed);
    }
    assert_eq!(refused(&ended(), removal(said(Fact::Ended))), Rejection::NotAllowed);
    let stranger = Said::new(SESSION, Fact::removal(&gone(), &kept())).sign(&pair(9));
    let unbelieved = Rejection::Unbelieved(GrantError::Statement(StatementError::OtherKey));
    assert_eq!(refused(&ended(), removal(stranger)), unbelieved);
}

#[test]
fn a_session_that_nobody_joined_has_no_agent_that_could_have_removed_itself() {
    let cancelled = after(created(), Command::CancelInvitation);
    let signed = said(Fact::removal(&gone(), &kept()));
    assert_eq!(refused(&cancelled, removal(signed)), Rejection::NotNow);
}

#[test]
fn each_endpoint_signs_the_event_that_closed_the_session_once() {
    let leaf = Digest([3; 32]);
    let sign = |by, statement| Command::SignHead { by, leaf, statement };
    let (agent, control) = (head(ended()), head_by(ended(), 105));
    assert_eq!(refused(&active(), sign(Endpoint::Agent, agent.clone())), Rejection::NotNow);
    let events = ended().decide(sign(Endpoint::Agent, agent.clone())).unwrap();
    let version = ended().closed().unwrap();
    let signed = Event::HeadSigned { by: Endpoint::Agent, version, leaf, statement: agent.clone() };
    assert_eq!(events, [signed]);
    let once = after(ended(), sign(Endpoint::Agent, agent.clone()));
    assert_eq!(once.decide(sign(Endpoint::Agent, agent.clone())), Ok(vec![]));
    assert_eq!(once.closed(), Some(version), "what comes after the end does not move it");
    let unbelieved = Rejection::Unbelieved(GrantError::Statement(StatementError::OtherKey));
    assert_eq!(refused(&once, sign(Endpoint::Control, agent.clone())), unbelieved);
    assert_eq!(refused(&ended(), sign(Endpoint::Agent, control)), unbelieved);
    let elsewhere =
        Command::SignHead { by: Endpoint::Agent, leaf: Digest([4; 32]), statement: agent };
    assert_eq!(refused(&ended(), elsewhere), Rejection::NotAllowed, "another leaf");
    let expired = after(available(), Command::Expire { now: at(7_210) });
    let control = sign(Endpoint::Control, head_by(expired.clone(), 105));
    assert_eq!(refused(&expired, control), Rejection::NotNow, "no Control was ever let in");
    let cancelled = after(created(), Command::CancelInvitation);
    assert_eq!(refused(&cancelled, sign(Endpoint::Agent, head(ended()))), Rejection::NotNow);
}

#[test]
fn a_connection_that_breaks_for_ever_ends_the_session_before_its_log_is_too_long() {
    let nearly = Session { events: LAST_AT - 1, ..available() };
    let lose = || Command::LoseAgent { until: at(400), suppressed: 2 };
    assert_eq!(nearly.decide(lose()), Ok(vec![Event::AgentLost { until: at(400) }]));
    let full = Session { events: LAST_AT, ..available() };
    let events = full.decide(lose()).unwrap();
    let over =
        Event::Ended { by: EndedBy::Policy, why: EndReason::Full, statement: None, suppressed: 2 };
    assert_eq!(events, [over]);
}
