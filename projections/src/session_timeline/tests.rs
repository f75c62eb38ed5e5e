use super::*;
use crate::history::{
    ANA, History, approved, asked, at, created, device, joined, keys, session, set, statement,
};
use crate::text;

const BOTH: &[Action] = &[Action::View, Action::Control];

fn ana() -> Personal<String> {
    "Ana Silva".into()
}

/// The events of session 1, one a second from 0, among those of another.
fn history(events: impl IntoIterator<Item = Event>) -> History {
    let mut history = History::default();
    for (second, event) in (0..).zip(events) {
        history.session(1, second, event).session(2, second, created(2, ANA, Some("another")));
    }
    history
}

fn entries(events: impl IntoIterator<Item = Event>) -> Vec<Entry> {
    let timeline: SessionTimeline = history(events).fold();
    timeline.entries().iter().map(|line| line.entry.clone()).collect()
}

/// The last sentence of the timeline of these events.
fn told(events: impl IntoIterator<Item = Event>) -> String {
    entries(events).last().map(text::sentence).unwrap()
}

fn active() -> Vec<Event> {
    vec![created(1, ANA, None), joined(9), asked(1, BOTH, 62), approved(1, BOTH)]
}

fn then(event: Event) -> String {
    told(active().into_iter().chain([event]))
}

fn ended(by: EndedBy, why: EndReason, suppressed: u32) -> Event {
    Event::Ended { by, why, statement: None, suppressed }
}

fn committed(name: &str) -> Personal<Committed> {
    Committed { salt: beckon_events::Salt([1; 16]), value: name.to_owned() }.into()
}

#[test]
fn a_timeline_is_of_one_session_with_its_places_in_the_log() {
    let history = history(active());
    let timeline: SessionTimeline = history.fold();
    assert_eq!(timeline.session(), Some(session(1)), "the first that it meets");
    let line = |index: u64, entry| TimelineEntry {
        at: at(index),
        actor: Actor::SYSTEM,
        position: 10 + 20 * index,
        version: index,
        entry,
    };
    let actions = set(BOTH);
    let asked = Entry::ApprovalRequested { operator: ana(), actions, continues: false, damped: 0 };
    let approved = Entry::Approved { operator: ana(), actions, left_out: ActionSet::EMPTY };
    let expected = [
        line(0, Entry::Created),
        line(1, Entry::Joined { device: device() }),
        line(2, asked),
        line(3, approved),
    ];
    assert_eq!(timeline.entries(), expected);
    let mut chosen = SessionTimeline::of(session(2));
    history.log().iter().for_each(|event| chosen.apply(event));
    assert_eq!(chosen.entries().len(), 4);
    assert!(chosen.entries().iter().all(|line| line.entry == Entry::Created));
}

#[test]
fn the_beginning_is_told() {
    assert_eq!(told([created(1, ANA, None)]), "The session was created.");
    let sent = Event::InvitationSent { to: "ida@example.org".into() };
    assert_eq!(told([sent]), "The invitation was sent to ida@example.org.");
    assert_eq!(told([Event::InvitationCancelled {}]), "The invitation was cancelled.");
    assert_eq!(
        told([joined(9)]),
        "The user joined from “DESK-7”, signed in as “ida”, with Debian 12 (all as the computer says)."
    );
    let silent = |name: &str| {
        let mut event = joined(9);
        if let Event::Joined { device, .. } = &mut event {
            (device.host, device.user, device.system) = (name.into(), "".into(), String::new());
        }
        event
    };
    assert_eq!(told([silent("a")]), "The user joined from “a” (all as the computer says).");
    assert_eq!(told([silent("")]), "The user joined.");
}

#[test]
fn a_request_is_told_with_everything_that_is_asked_for() {
    let asked = |actions: &[Action], continues, damped| {
        told([Event::ApprovalRequested {
            request: 1,
            operator: ANA,
            operator_name: ana(),
            control: keys(5),
            actions: set(actions),
            continues,
            lapses: at(60),
            damped,
        }])
    };
    assert_eq!(
        asked(BOTH, false, 0),
        "Ana Silva asked to see the screen and use mouse and keyboard."
    );
    assert_eq!(
        asked(&Action::ALL, true, 0),
        "Ana Silva asked to continue and see the screen, use mouse and keyboard, chat, \
         send and receive files, share the clipboard, use the camera and \
         read system information."
    );
    assert_eq!(
        asked(&[Action::Chat], false, 1),
        "Ana Silva asked to chat. One earlier request was not shown to the user."
    );
    assert_eq!(
        asked(&[Action::Chat], false, 2),
        "Ana Silva asked to chat. 2 earlier requests were not shown to the user."
    );
}

#[test]
fn every_answer_is_told() {
    let answer = |event| told([asked(1, BOTH, 62), event]);
    assert_eq!(answer(Event::ApprovalCancelled { request: 1 }), "Ana Silva withdrew the request.");
    assert_eq!(
        answer(approved(1, BOTH)),
        "The user allowed Ana Silva to see the screen and use mouse and keyboard."
    );
    assert_eq!(
        answer(approved(1, &[Action::View])),
        "The user allowed Ana Silva to see the screen, but not to use mouse and keyboard."
    );
    let damped_until = Some(at(99));
    assert_eq!(
        answer(Event::Rejected { request: 1, damped_until: None }),
        "The user declined the request of Ana Silva."
    );
    assert_eq!(
        answer(Event::Rejected { request: 1, damped_until }),
        "The user declined the request of Ana Silva. \
         The same request is not shown again for a minute."
    );
    assert_eq!(
        answer(Event::ApprovalLapsed { request: 1, damped_until: None }),
        "The user did not answer the request of Ana Silva."
    );
}

#[test]
fn what_the_operator_does_is_told() {
    let control = keys(5).ed25519;
    let connected = Event::OperatorConnected { operator: ANA, control };
    assert_eq!(then(connected), "Ana Silva connected.");
    let started = Event::ActionStarted { action: Action::View };
    assert_eq!(then(started), "Ana Silva started seeing the screen.");
    for (why, told) in [
        (StopReason::Operator, "Ana Silva stopped chatting."),
        (StopReason::User, "Ana Silva stopped chatting because the user took it back."),
        (StopReason::Lost, "Ana Silva stopped chatting because the connection broke."),
        (StopReason::Left, "Ana Silva stopped chatting on leaving."),
        (StopReason::Ended, "Ana Silva stopped chatting with the end of the session."),
    ] {
        assert_eq!(then(Event::ActionStopped { action: Action::Chat, why }), told);
    }
    let (out, back) = (Direction::ToUser, Direction::ToOperator);
    for (direction, kind, bytes, told) in [
        (out, Copied::Text, 1, "Ana Silva sent what was copied to the user: text, 1 byte."),
        (out, Copied::Text, 9_999, "Ana Silva sent what was copied to the user: text, 9999 bytes."),
        (
            back,
            Copied::Picture,
            10_999,
            "Ana Silva got what the user had copied: a picture, 10 KB.",
        ),
        (
            back,
            Copied::Picture,
            12_000_000,
            "Ana Silva got what the user had copied: a picture, 12 MB.",
        ),
    ] {
        assert_eq!(then(Event::ClipboardShared { direction, kind, bytes }), told);
    }
}

#[test]
fn a_change_of_the_grant_is_told_by_what_changes() {
    let chat = set(&[Action::Chat]);
    let asked = Event::ExtensionRequested { actions: chat };
    assert_eq!(then(asked), "Ana Silva also asked to chat.");
    let actions = set(&[Action::View, Action::Control, Action::Chat]);
    let extended = Event::GrantExtended { n: 2, actions, until: at(99), statement: statement() };
    assert_eq!(then(extended.clone()), "The user also allowed Ana Silva to chat.");
    let refused = Event::ExtensionRefused { actions: chat };
    assert_eq!(then(refused), "The user did not allow Ana Silva to chat.");
    let withdrawn = set(BOTH).minus(set(&[Action::View]));
    let left = set(&[Action::View]);
    let withdrawn =
        Event::GrantWithdrawn { n: 3, withdrawn, actions: left, statement: statement() };
    assert_eq!(
        then(withdrawn.clone()),
        "The user no longer allows Ana Silva to use mouse and keyboard."
    );
    assert_eq!(
        told(active().into_iter().chain([withdrawn, extended])),
        "The user also allowed Ana Silva to use mouse and keyboard and chat.",
        "what was taken back is new again"
    );
}

#[test]
fn departures_are_told() {
    assert_eq!(then(Event::Paused {}), "The user paused the session.");
    assert_eq!(then(Event::Continued {}), "The user let the session go on.");
    let left = |why| Event::OperatorLeft { operator: ANA, why, continue_until: at(99) };
    assert_eq!(then(left(LeftReason::Left)), "Ana Silva left. The session stays available.");
    assert_eq!(
        then(left(LeftReason::Away)),
        "Ana Silva lost the connection. The session is available."
    );
    let lost = Event::AgentLost { until: at(99) };
    assert_eq!(then(lost), "The connection to the user's computer broke.");
    assert_eq!(then(Event::AgentResumed {}), "The user's computer is connected again.");
}

#[test]
fn every_end_is_told() {
    use EndReason::{AgentLost, Asked, Disturbed};
    use EndedBy::{Control, Policy, Portal, User};
    for (by, why, told) in [
        (User, Asked, "The user ended the session."),
        (Portal, Asked, "The session was ended in the portal."),
        (Control, Asked, "Ana Silva ended the session."),
        (Policy, Asked, "The server ended the session."),
        (Policy, AgentLost, "The session ended because the user's computer did not come back."),
        (Control, Disturbed, "The session ended because the connection was disturbed."),
    ] {
        assert_eq!(then(ended(by, why, 0)), told);
    }
    assert_eq!(told([ended(Control, Asked, 0)]), "The operator ended the session.");
    assert_eq!(
        then(ended(User, Asked, 1)),
        "The user ended the session. One more thing happened that was only counted."
    );
    assert_eq!(
        then(ended(User, Asked, 12)),
        "The user ended the session. 12 more things happened that were only counted."
    );
    let expired = |what| told([Event::Expired { what }]);
    assert_eq!(expired(Waited::Invitation), "The invitation expired: nobody joined in time.");
    assert_eq!(expired(Waited::Wait), "The session expired: nobody connected in time.");
}

#[test]
fn what_the_agent_removed_is_told_and_what_it_left_is_named() {
    let removed = |removed: &[&str], left: &[&str]| {
        let things = |names: &[&str]| names.iter().map(|name| committed(name)).collect();
        let (removed, left) = (things(removed), things(left));
        told([Event::AgentRemoved { removed, left, statement: statement() }])
    };
    assert_eq!(
        removed(&["agent", "ticket"], &[]),
        "The agent removed what it had brought: 2 things."
    );
    assert_eq!(removed(&["agent"], &[]), "The agent removed what it had brought: one thing.");
    assert_eq!(
        removed(&[], &["/tmp/a", "/tmp/b"]),
        "The agent removed nothing and had to leave “/tmp/a”, “/tmp/b”."
    );
}

#[test]
fn what_was_erased_is_told_as_erased() {
    let erased = || Personal::Erased;
    let device = Device { host: erased(), user: erased(), ..device() };
    let actions = set(BOTH);
    for (entry, told) in [
        (
            Entry::InvitationSent { to: erased() },
            "The invitation was sent to an address that has been erased.",
        ),
        (
            Entry::Joined { device },
            "The user joined from a name that has been erased, signed in as a name that has \
             been erased, with Debian 12 (all as the computer says).",
        ),
        (
            Entry::OperatorConnected { operator: erased() },
            "An operator whose name has been erased connected.",
        ),
        (
            Entry::Approved { operator: erased(), actions, left_out: ActionSet::EMPTY },
            "The user allowed an operator whose name has been erased to see the screen and use \
             mouse and keyboard.",
        ),
        (
            Entry::AgentRemoved { removed: vec![Personal::Erased], left: vec![Personal::Erased] },
            "The agent removed one thing and had to leave a name that has been erased.",
        ),
    ] {
        assert_eq!(text::sentence(&entry), told);
    }
}

#[test]
fn a_label_is_short_and_hides_nothing() {
    assert_eq!(text::label("Größe 漢"), "Größe 漢");
    assert_eq!(text::label("a\u{202e}b\nc\u{200b}"), "a\\u{202e}b\\u{a}c\\u{200b}");
    let long = "x".repeat(70);
    assert_eq!(text::label(&long), format!("{}…", "x".repeat(64)));
    assert_eq!(text::label(&long[..64]), "x".repeat(64));
}
