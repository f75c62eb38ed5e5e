//! What the user sees and can press on each page, found by label.

use beckon_desk::theme;
use beckon_events::{Action, ActionSet, Committed, Salt};
use beckon_protocol::{InvitationLink, LinkToken, ToAgent};
use egui::{Event, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use super::draw;
use crate::input::{Input, User};
use crate::model::{Fate, Model, Now, Removal};
use crate::text;
use crate::update::tests::{World, asked, session, who};

fn thing(value: &str) -> Committed {
    Committed { salt: Salt([3; 16]), value: value.to_owned() }
}

type Window<'a> = Harness<'a, (Model, Now, Vec<User>)>;

/// The window of a world, and what its user has done.
fn window<'a>(world: World) -> Window<'a> {
    let size = super::shape(&world.model).size;
    let mut harness = Harness::builder().with_size(size).build_ui_state(
        |ui, (model, now, done): &mut (Model, Now, Vec<User>)| {
            theme::apply(ui.ctx());
            let did = draw(ui, model, *now);
            done.extend(did);
        },
        (world.model, world.now, Vec::new()),
    );
    harness.run();
    harness
}

fn press(harness: &mut Window<'_>, label: &str) -> Vec<User> {
    harness.get_by_label(label).click();
    harness.run();
    std::mem::take(&mut harness.state_mut().2)
}

fn sees(harness: &Window<'_>, label: &str) -> bool {
    harness.query_by_label(label).is_some()
}

fn entry(server: &str, code: &str) -> World {
    let mut world = World::new();
    world.user(User::TypesServer(server.into()));
    world.user(User::TypesCode(code.into()));
    world
}

#[test]
fn the_entry_names_the_server_and_starts() {
    let mut harness = window(entry("localhost:8080", "01234-56789"));
    assert!(sees(&harness, "You are connecting to localhost:8080"));
    assert_eq!(press(&mut harness, text::START), [User::Starts]);
}

#[test]
fn a_wrong_character_is_said_and_start_is_off() {
    let mut harness = window(entry("localhost", "01234-56788"));
    assert!(sees(&harness, "One character seems wrong."));
    assert_eq!(press(&mut harness, text::START), []);
}

#[test]
fn typing_and_pasting_a_link_are_heard() {
    let mut harness = window(World::new());
    harness.get_by_label(text::SERVER).focus();
    harness.run();
    harness.get_by_label(text::SERVER).type_text("a");
    harness.run();
    assert_eq!(harness.state().2, [User::TypesServer("a".into())]);
    harness.state_mut().2.clear();
    let link = InvitationLink {
        server: "localhost:8080".parse().unwrap(),
        token: LinkToken::from_random([1; 16]),
        code: "01234-56789".parse().unwrap(),
    };
    harness.event(Event::Paste(link.to_string()));
    harness.run();
    assert_eq!(harness.state().2, [User::TypesServer(link.to_string())]);
}

#[test]
fn attempts_and_the_wait_are_shown() {
    let mut world = entry("localhost", "01234-56789");
    world.user(User::Starts);
    world.up();
    let ticket = "t".to_owned();
    let wrong = ToAgent::WrongCode { attempts_left: 4, ticket, wait_seconds: None };
    world.server(wrong);
    let harness = window(world);
    assert!(sees(&harness, "This code is not right. 4 attempts left."));
    let mut world = entry("localhost", "01234-56789");
    world.user(User::Starts);
    world.up();
    world.server(ToAgent::Wait { wait_seconds: 899 });
    let mut harness = window(world);
    assert!(sees(&harness, "Too many wrong codes. Please wait 14:59, then try again."));
    assert_eq!(press(&mut harness, text::START), []);
}

#[test]
fn while_the_server_is_reached_one_can_cancel() {
    let mut world = entry("localhost", "01234-56789");
    world.user(User::Starts);
    let mut harness = window(world);
    assert!(sees(&harness, "Connecting to localhost…"));
    assert!(!sees(&harness, text::START));
    assert_eq!(press(&mut harness, text::CANCEL), [User::Cancels]);
}

#[test]
fn ready_says_for_whom_one_waits_and_end_is_there() {
    let mut harness = window(World::joined());
    assert!(sees(&harness, "Ready. Waiting for Acme…"));
    assert_eq!(press(&mut harness, text::END_SESSION), [User::AsksToEnd]);
}

#[test]
fn the_end_is_asked_about_once() {
    let mut world = World::joined();
    world.user(User::AsksToEnd);
    let mut harness = window(world);
    assert!(sees(&harness, text::END_QUESTION));
    assert_eq!(press(&mut harness, text::END), [User::Ends]);
    assert_eq!(press(&mut harness, text::CANCEL), [User::Stays]);
}

#[test]
fn the_dialog_names_operator_and_company_and_every_action() {
    let mut harness = window(World::asked(&[Action::Control]));
    assert!(sees(&harness, "Bo Operator from Acme asks to help you"));
    assert!(sees(&harness, "No answer within 0:59 counts as no."));
    let ticked = press(&mut harness, "Use mouse and keyboard");
    assert_eq!(ticked, [User::Ticks(Action::Control)]);
    assert!(sees(&harness, "See your screen"));
    assert_eq!(press(&mut harness, text::APPROVE), [User::Approves]);
    assert_eq!(press(&mut harness, text::REJECT), [User::Rejects]);
    assert_eq!(press(&mut harness, text::END_SESSION), [User::AsksToEnd]);
}

#[test]
fn approve_is_off_in_the_first_second_and_reject_is_not() {
    let mut world = World::joined();
    world.ask(1, &[Action::View]);
    world.after(500);
    let mut harness = window(world);
    assert_eq!(press(&mut harness, text::APPROVE), []);
    assert_eq!(press(&mut harness, text::REJECT), [User::Rejects]);
}

#[test]
fn an_enter_that_is_held_down_does_not_approve() {
    let enter = |pressed| Event::Key {
        key: egui::Key::Enter,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers: Modifiers::NONE,
    };
    let mut harness = window(World::joined());
    // The key goes down before the dialog is there, and goes on repeating.
    harness.event(enter(true));
    harness.run();
    let asked = World::asked(&[Action::View]);
    *harness.state_mut() = (asked.model, asked.now, Vec::new());
    harness.run();
    harness.get_by_label(text::APPROVE).focus();
    harness.run();
    for _ in 0..3 {
        harness.event(enter(true));
        harness.run();
    }
    assert_eq!(harness.state().2, []);
    harness.event(enter(false));
    harness.event(enter(true));
    harness.run();
    assert_eq!(harness.state().2, [User::Approves], "a new press does");
}

#[test]
fn somebody_who_comes_back_is_one_click() {
    let mut world = World::controlled();
    world.server(ToAgent::OperatorLeft {});
    let ToAgent::Asked { policy, certificate, actions, lapse_seconds, .. } =
        asked(2, &[Action::View])
    else {
        panic!()
    };
    let (request, continues) = (2, true);
    let again = ToAgent::Asked { request, policy, certificate, actions, continues, lapse_seconds };
    world.server(again);
    world.relay(who(7));
    world.after(1_000);
    let mut harness = window(world);
    assert!(sees(&harness, "Continue with Bo Operator?"));
    assert!(sees(&harness, "They may again: see your screen."));
    assert_eq!(press(&mut harness, text::CONTINUE_WITH), [User::Approves]);
}

#[test]
fn while_helped_everything_in_use_can_be_taken_back() {
    let mut world = World::controlled();
    world.after(60_000);
    let mut harness = window(world);
    assert!(sees(&harness, "Bo Operator from Acme"));
    assert!(sees(&harness, "For 1 min"));
    assert!(sees(&harness, "are used now"));
    let taken = press(&mut harness, "Take back mouse and keyboard");
    assert_eq!(taken, [User::Withdraws(Action::Control)]);
    let taken = press(&mut harness, "Stop showing my screen");
    assert_eq!(taken, [User::Withdraws(Action::View)]);
    assert_eq!(press(&mut harness, text::PAUSE), [User::Pauses]);
    assert_eq!(press(&mut harness, text::END_SESSION), [User::AsksToEnd]);
}

#[test]
fn a_pause_is_said_and_ended() {
    let mut world = World::controlled();
    world.user(User::Pauses);
    let mut harness = window(world);
    assert!(sees(&harness, text::PAUSED));
    assert!(!sees(&harness, "is seen now"));
    assert_eq!(press(&mut harness, text::CONTINUE), [User::Continues]);
}

#[test]
fn more_is_asked_with_two_buttons() {
    let mut world = World::active(&[Action::View]);
    let actions = ActionSet::EMPTY.with(Action::Control);
    world.server(ToAgent::ExtensionAsked { actions });
    world.after(1_000);
    let mut harness = window(world);
    assert!(sees(&harness, "Bo Operator also asks to: use mouse and keyboard"));
    assert_eq!(press(&mut harness, text::ALLOW), [User::Allows]);
    assert_eq!(press(&mut harness, text::REFUSE), [User::Refuses]);
}

#[test]
fn a_line_that_is_away_is_said() {
    let mut world = World::controlled();
    world.down();
    let harness = window(world);
    assert!(sees(&harness, text::RECONNECTING));
    let mut world = World::joined();
    world.down();
    assert!(sees(&window(world), text::RECONNECTING));
}

#[test]
fn the_last_page_tells_what_was_done_and_what_is_gone() {
    let mut world = World::controlled();
    world.later(120_000);
    world.user(User::Ends);
    let removed = vec![thing("/home/ana/beckon-agent_localhost_0123456789")];
    world.feed(Input::Removed(Removal { removed, left: vec![], program: Fate::Gone }));
    world.server(ToAgent::RemovalRecorded {});
    let mut harness = window(world);
    for line in [
        text::ENDED,
        text::ENDED_BY_YOU,
        "Bo Operator from Acme was connected.",
        "Used: see your screen, use mouse and keyboard.",
        text::REMOVED,
        "/home/ana/beckon-agent_localhost_0123456789",
        text::TOLD,
    ] {
        assert!(sees(&harness, line), "{line}");
    }
    assert_eq!(press(&mut harness, text::CLOSE), [User::Closes]);
}

#[test]
fn the_last_page_says_that_a_program_which_runs_goes_when_it_is_closed() {
    for (left, then_nothing) in [(vec![], true), (vec![thing("C:\\t (in use)")], false)] {
        let mut world = World::controlled();
        world.user(User::Ends);
        let removed = vec![thing("C:\\beckon-agent.exe")];
        world.feed(Input::Removed(Removal { removed, left, program: Fate::GoesAtClose }));
        let harness = window(world);
        assert!(sees(&harness, text::PROGRAM_GOES));
        assert_eq!(sees(&harness, text::THEN_NOTHING_LEFT), then_nothing);
        assert!(!sees(&harness, text::NOTHING_LEFT));
    }
}

#[test]
fn the_last_page_says_what_stays_and_that_the_server_could_not_be_told() {
    let mut world = World::joined();
    world.server(ToAgent::Expired {});
    let left = vec![thing("/opt/x (permission denied)")];
    world.feed(Input::Removed(Removal { removed: vec![], left, program: Fate::Stays }));
    world.down();
    world.after(5_000);
    let harness = window(world);
    for line in [
        text::EXPIRED,
        text::LEFT,
        "/opt/x (permission denied)",
        text::PROGRAM_STAYS,
        text::NOT_TOLD,
        text::NO_RECEIPT,
    ] {
        assert!(sees(&harness, line), "{line}");
    }
    assert!(!sees(&harness, text::SAVE_RECEIPT));
}

#[test]
fn a_receipt_can_be_saved_and_where_it_is_is_said() {
    let mut world = World::controlled();
    world.user(User::Ends);
    world.feed(Input::Removed(Removal::default()));
    world.server(ToAgent::RemovalRecorded {});
    let harness = window(world);
    assert!(sees(&harness, text::RECEIPT_AWAITED));
    assert!(!sees(&harness, text::SAVE_RECEIPT), "not before it was checked");
    let mut world = World::controlled();
    world.user(User::Ends);
    world.feed(Input::Removed(Removal::default()));
    world.recorded();
    world.feed(Input::Saved(Err("the disk is full".to_owned())));
    let mut harness = window(world);
    let proves = "Your receipt proves that this session and its end stand in the log of Acme.";
    assert!(sees(&harness, proves));
    assert!(sees(&harness, "It could not be saved: the disk is full."));
    assert_eq!(press(&mut harness, text::SAVE_RECEIPT), [User::SavesReceipt]);
    let mut world = World::joined();
    world.user(User::Ends);
    world.recorded();
    world.feed(Input::Saved(Ok("/home/ana/r.txt".to_owned())));
    let harness = window(world);
    assert!(sees(&harness, "Saved: /home/ana/r.txt. This file stays when the program goes."));
    assert!(!sees(&harness, text::SAVE_RECEIPT));
}

#[test]
fn a_receipt_that_does_not_fit_is_said_with_a_note_to_keep() {
    let mut world = World::joined();
    world.user(User::Ends);
    let receipt = Box::new(crate::update::tests::receipt::proof(session(), 7));
    world.server(ToAgent::Receipt { receipt });
    let mut harness = window(world);
    let warning = "The server's receipt does not fit this session. Keep this note";
    assert!(harness.query_by_label_contains(warning).is_some());
    assert!(!sees(&harness, text::SAVE_RECEIPT));
    assert_eq!(press(&mut harness, text::SAVE_NOTE), [User::SavesReceipt]);
}
