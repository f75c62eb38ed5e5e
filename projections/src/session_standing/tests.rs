use beckon_events::session::{Phase, Waited};

use super::*;
use crate::history::{
    ANA, History, approved, asked, at, created, joined, keys, session, set, statement,
};
use crate::{Roster, text};

const BOTH: &[Action] = &[Action::View, Action::Control];

/// The standing after these events of session 1, one a second from 0.
fn standing(events: impl IntoIterator<Item = Event>) -> SessionStanding {
    let mut history = History::default();
    for (second, event) in (0..).zip(events) {
        history.session(1, second, event).session(2, second, created(2, ANA, None));
    }
    let standing: SessionStanding = history.fold();
    let version = standing.version().unwrap();
    assert_eq!(standing.row().map(|row| row.id), Some(session(1)), "the first that it meets");
    let own = history.log().iter().filter(|event| event.metadata().stream.ends_with("a1"));
    let own: Vec<_> = own.cloned().collect();
    let again = SessionStanding::at_version(&own, version);
    assert_eq!((again.powers(at(5)), again.at()), (standing.powers(at(5)), standing.at()));
    standing
}

/// Who may do what, a line each, right after these events.
fn told(events: impl IntoIterator<Item = Event>) -> Vec<String> {
    let standing = standing(events);
    let nobody = Roster::default();
    let line = |(who, powers): (Who, Vec<Power>)| {
        let told = |power: &Power| match power.at() {
            Some(at) => format!("{} ({})", text::power(power), at.micros() / 1_000_000),
            None => text::power(power),
        };
        let powers: Vec<_> = powers.iter().map(told).collect();
        format!("{}: {}", text::who(&who, &nobody), powers.join(", "))
    };
    standing.powers(standing.at()).into_iter().map(line).collect()
}

fn active() -> Vec<Event> {
    let connected = Event::OperatorConnected { operator: ANA, control: keys(5).ed25519 };
    vec![created(1, ANA, None), joined(9_000), asked(1, BOTH, 62), approved(1, BOTH), connected]
}

fn until(events: usize) -> Vec<String> {
    told(active().into_iter().take(events))
}

fn then(events: impl IntoIterator<Item = Event>) -> Vec<String> {
    told(active().into_iter().chain(events))
}

fn ended() -> Event {
    let (by, why) = (EndedBy::Portal, EndReason::Asked);
    Event::Ended { by, why, statement: None, suppressed: 0 }
}

/// What everybody else may do in every state.
const OTHERS: [&str; 3] = [
    "Other operators: ",
    "Administrators: see the session in the portal, export what was recorded",
    "Auditors: see the session in the portal, replay what was recorded, export what was recorded",
];

fn is_told(told: &[String], expected: &[&str]) {
    let expected: Vec<_> = expected.iter().chain(&OTHERS).copied().collect();
    assert_eq!(told, expected);
}

#[test]
fn nobody_may_do_anything_in_a_session_that_does_not_exist() {
    let nothing = SessionStanding::of(session(1));
    assert_eq!((nothing.powers(at(0)), nothing.row()), (vec![], None));
    assert_eq!((nothing.version(), nothing.session().is_open()), (None, false));
}

#[test]
fn the_invited_join_until_the_invitation_is_over() {
    let expected = [
        "Whoever has the code or the link: join with the code or the link (7200)",
        "The operator, whose session it is: cancel the invitation, end the session, see the \
         session in the portal, replay what was recorded",
        "The server, by time: let the session expire (7200)",
    ];
    is_told(&until(1), &expected);
    let late = standing([created(1, ANA, None)]).powers(at(7_200));
    assert_eq!(late[0], (Who::Invited, vec![]));
}

#[test]
fn who_has_joined_is_asked_and_answers() {
    let holder = "The operator, whose session it is: ask the user to be let in, end the session, \
                  see the session in the portal, replay what was recorded";
    let waiting =
        ["The user: end the session", holder, "The server, by time: let the session expire (9000)"];
    is_told(&until(2), &waiting);
    let asked = [
        "The user: allow the operator to see the screen and use mouse and keyboard (62), decline \
         the request, end the session",
        "The operator, whose session it is: withdraw the request, end the session, see the \
         session in the portal, replay what was recorded",
        "The server, by time: count no answer as no (62)",
    ];
    is_told(&until(3), &asked);
    let late = standing(active().into_iter().take(3)).powers(at(62));
    assert_eq!(late[0], (Who::EndUser, vec![Power::Reject, Power::End]));
}

const HOLDER: &str = "The operator, whose session it is: end the session, see the session in the \
                      portal, replay what was recorded";
const NEVER: &str = "The server, by time: ";

#[test]
fn the_grant_in_force_says_what_control_may_do() {
    let user = "The user: take back what is allowed: see the screen and use mouse and keyboard, \
                pause the session, end the session";
    let control = "The operator, in Control: see the screen (36000), use mouse and keyboard \
                   (36000), ask to do more, leave and let the session stay available, end the \
                   session";
    is_told(&until(4), &[user, HOLDER, control, NEVER]);
    is_told(&until(5), &[user, HOLDER, control, NEVER]);
    let all = Event::GrantWithdrawn {
        n: 2,
        withdrawn: set(BOTH),
        actions: ActionSet::EMPTY,
        statement: statement(),
    };
    let user = "The user: pause the session, end the session";
    let control = "The operator, in Control: ask to do more, leave and let the session stay \
                   available, end the session";
    is_told(&then([all]), &[user, HOLDER, control, NEVER]);
}

#[test]
fn what_was_also_asked_for_is_answered_before_more_is_asked() {
    let user = "The user: also allow the operator to chat, decline what was also asked for, take \
                back what is allowed: see the screen and use mouse and keyboard, pause the \
                session, end the session";
    let control = "The operator, in Control: see the screen (36000), use mouse and keyboard \
                   (36000), leave and let the session stay available, end the session";
    let asked = then([Event::ExtensionRequested { actions: set(&[Action::Chat]) }]);
    is_told(&asked, &[user, HOLDER, control, NEVER]);
}

#[test]
fn a_pause_holds_everything_back() {
    let user = "The user: take back what is allowed: see the screen and use mouse and keyboard, \
                let the session go on, end the session";
    let control = "The operator, in Control: ask to do more, leave and let the session stay \
                   available, end the session";
    is_told(&then([Event::Paused {}]), &[user, HOLDER, control, NEVER]);
}

#[test]
fn without_the_agent_nothing_is_used_and_the_server_gives_up_at_its_time() {
    let told = then([Event::AgentLost { until: at(300) }]);
    assert_eq!(
        told[2..4],
        [
            "The operator, in Control: leave and let the session stay available, end the session",
            "The server, by time: end the session because the user's computer does not come back \
             (300)",
        ]
    );
    let waiting = told_server([created(1, ANA, None), joined(9_000)], at(300));
    assert_eq!(waiting, [Power::Expire { at: at(9_000) }, Power::GiveUp { at: at(300) }]);
}

/// What the server may do once the agent is away as well.
fn told_server(events: impl IntoIterator<Item = Event>, until: Timestamp) -> Vec<Power> {
    let mut powers = standing(events.into_iter().chain([Event::AgentLost { until }]))
        .powers(at(9))
        .into_iter()
        .find(|(who, _)| *who == Who::Server)
        .unwrap()
        .1;
    powers.sort_by_key(|power| std::cmp::Reverse(power.at()));
    powers
}

#[test]
fn after_the_end_both_sides_only_sign_and_the_agent_reports() {
    let user = "The user: report what the agent removed, sign the end of the record";
    let holder = "The operator, whose session it is: see the session in the portal, replay what \
                  was recorded";
    let control = "The operator, in Control: sign the end of the record";
    is_told(&then([ended()]), &[user, holder, control, NEVER]);
    let cancelled = told([created(1, ANA, None), Event::InvitationCancelled {}]);
    is_told(&cancelled, &[holder, NEVER]);
    let expired = told([created(1, ANA, None), joined(9), Event::Expired { what: Waited::Wait }]);
    is_told(&expired, &[user, holder, NEVER]);
}

#[test]
fn a_grant_allows_nothing_new_in_its_last_minute() {
    let active = standing(active());
    let used = |now| {
        let powers = active.powers(now).into_iter().flat_map(|(_, powers)| powers);
        powers.filter(|power| matches!(power, Power::Use { .. })).count()
    };
    assert_eq!((used(at(35_939)), used(at(35_940))), (2, 0));
}

#[test]
fn whoever_declined_three_times_may_still_be_asked_for_something_else() {
    let damped_until = Some(at(99));
    let mut events = vec![created(1, ANA, None), joined(9_000)];
    for request in 1..=3 {
        events.extend([
            asked(request, &[Action::View], 62),
            Event::Rejected { request, damped_until },
        ]);
    }
    let powers = standing(events).powers(at(10));
    assert!(powers[1].1.contains(&Power::Ask));
}

#[test]
fn who_is_connected_is_known_until_they_leave_or_the_agent_is_away() {
    let connected = |events: Vec<Event>| standing(events).connected();
    let mut events = active();
    assert_eq!(connected(events[..4].to_vec()), None);
    assert_eq!(connected(events.clone()), Some(ANA));
    events.push(Event::AgentLost { until: at(300) });
    assert_eq!(connected(events.clone()), None);
    events.push(ended());
    assert_eq!(
        (connected(events.clone()), standing(events).session().phase()),
        (None, Phase::Ended)
    );
}

/// The agent's own hand: what is said to be possible is accepted once it is signed.
#[test]
fn what_the_user_may_do_is_accepted_with_a_right_statement() {
    use beckon_events::session::{Fact, Said};
    use beckon_events::{Grant, Limits};
    use ring::signature::Ed25519KeyPair;

    let pair = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
    let mut events = active();
    events.truncate(3);
    if let Event::Joined { agent, .. } = &mut events[1] {
        agent.ed25519 = Statement::sign(b"", &pair).key();
    }
    let standing = standing(events);
    let session = standing.session();
    assert!(standing.powers(at(5))[0].1.contains(&Power::End));
    let said = Said::new(crate::history::session(1), Fact::Ended).sign(&pair);
    let (by, why, statement) = (EndedBy::User, EndReason::Asked, Some(said));
    assert!(session.decide(Command::End { by, why, statement, suppressed: 0 }).is_ok());
    let grant = Grant {
        v: 1,
        session: crate::history::session(1),
        operator: ANA,
        control: keys(5).ed25519,
        actions: set(BOTH),
        until: at(36_000),
        n: 1,
        limits: Limits {},
    };
    let statement = grant.sign(&pair);
    assert!(session.decide(Command::Approve { request: 1, statement, now: at(5) }).is_ok());
    let statement = Statement::unsigned();
    let unsigned = session.decide(Command::Approve { request: 1, statement, now: at(5) });
    assert!(unsigned.is_err(), "what is possible is not done");
}
