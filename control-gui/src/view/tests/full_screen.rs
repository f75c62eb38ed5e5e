//! The whole screen: the way in, the toolbar behind the edge, the way out.

use egui::{Key, Modifiers, pos2};

use super::*;
use crate::keys::{Keyboard, Keys};

type Window = Harness<'static, Desk>;

fn combination(desk: &mut Window) {
    for pressed in [true, false] {
        desk.event(egui::Event::Key {
            key: Key::Enter,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers: Modifiers { ctrl: true, alt: true, command: true, ..Modifiers::NONE },
        });
    }
    desk.run_ok();
}

/// Lets time pass, with nothing happening.
fn wait(desk: &mut Window, seconds: f64) {
    desk.input_mut().time = Some(desk.ctx.input(|input| input.time) + seconds);
    desk.step();
    desk.input_mut().time = None;
    desk.run_ok();
}

/// A window on the whole screen, with the toolbar gone.
fn whole_screen() -> Window {
    let mut desk = desk(Scene::active(view_and_control()));
    shows(&mut desk, 1_000, 700);
    click(&mut desk, text::FULL_SCREEN);
    let middle = desk.get_by_label(text::PICTURE).rect().center();
    desk.hover_at(middle);
    desk.run_ok();
    wait(&mut desk, 5.0);
    desk
}

#[test]
fn on_the_whole_screen_the_picture_has_all_of_it_and_a_way_out_is_in_sight() {
    let mut desk = desk(Scene::active(view_and_control()));
    shows(&mut desk, 1_000, 700);
    click(&mut desk, text::FULL_SCREEN);
    assert!(sees(&desk, text::LEAVE_FULL_SCREEN), "at first the toolbar is there");
    // The harness itself leaves a margin.
    assert_eq!(desk.get_by_label(text::PICTURE).rect().size(), vec2(984.0, 684.0));
    let mut desk = whole_screen();
    assert!(!sees(&desk, text::LEAVE_FULL_SCREEN) && !sees(&desk, text::END));
    click(&mut desk, text::SHOW_TOOLBAR);
    click(&mut desk, text::LEAVE_FULL_SCREEN);
    assert!(sees(&desk, text::FULL_SCREEN));
    assert!(desk.get_by_label(text::PICTURE).rect().height() < 660.0);
}

#[test]
fn a_pointer_that_rests_at_the_upper_edge_brings_the_toolbar_and_takes_it_away() {
    let mut desk = whole_screen();
    desk.hover_at(pos2(300.0, 1.0));
    desk.step();
    assert!(!sees(&desk, text::END), "passing by is not resting");
    wait(&mut desk, 0.2);
    wait(&mut desk, 0.2);
    for name in [text::END, text::ZOOM_IN, text::LEAVE_FULL_SCREEN, text::LIVE] {
        assert!(sees(&desk, name), "{name}");
    }
    desk.hover_at(pos2(300.0, 30.0));
    wait(&mut desk, 1.0);
    assert!(sees(&desk, text::END), "it is being used");
    desk.hover_at(pos2(300.0, 400.0));
    wait(&mut desk, 1.0);
    wait(&mut desk, 1.0);
    assert!(!sees(&desk, text::END));
}

#[test]
fn the_keys_of_this_computer_go_in_and_out_and_are_not_typed_there() {
    let mut desk = desk(Scene::active(view_and_control()));
    shows(&mut desk, 640, 480);
    desk.state_mut().did.clear();
    combination(&mut desk);
    assert!(desk.state().panes.on_whole_screen);
    let did = &desk.state().did;
    assert!(did.contains(&Input::Did(InputEvent::ReleaseAll)), "Ctrl and Alt are let go");
    let typed = did.iter().filter(|i| matches!(i, Input::Did(InputEvent::Key { .. })));
    assert_eq!(typed.count(), 0, "{did:?}");
    combination(&mut desk);
    assert!(!desk.state().panes.on_whole_screen);
}

#[test]
fn what_is_wrong_is_said_on_the_whole_screen_too() {
    let mut desk = whole_screen();
    assert!(!sees(&desk, text::PAUSED));
    desk.state_mut().scene.happens(TunnelEvent::Told(beckon_peer::AgentMessage::Paused));
    desk.run_ok();
    assert!(sees(&desk, text::PAUSED));
}

/// A keyboard all of whose keys are sent.
struct AllKeys;

impl Keys for AllKeys {
    fn typed(&mut self, _: &[egui::Event]) -> Vec<InputEvent> {
        Vec::new()
    }
    fn release(&mut self) {}
    fn sends_all(&self) -> bool {
        true
    }
}

#[test]
fn while_all_keys_are_sent_the_way_out_stays_in_sight() {
    let mut desk = whole_screen();
    assert!(!sees(&desk, text::SENDS_ALL_KEYS));
    desk.state_mut().panes.keys = Keyboard::made_up(AllKeys);
    desk.run_ok();
    wait(&mut desk, 5.0);
    assert!(!sees(&desk, text::END), "the toolbar is gone");
    let reminder = desk.get_by_label(text::SENDS_ALL_KEYS).rect();
    assert!(reminder.height() < 40.0 && reminder.top() < 60.0, "{reminder:?}");
}

#[test]
fn the_end_of_the_session_ends_the_whole_screen() {
    let mut desk = whole_screen();
    desk.state_mut().scene.hears(ToControl::Ended { by: EndedBy::User, why: EndReason::Asked });
    desk.run_ok();
    assert!(sees(&desk, "The session has ended"));
    assert!(!desk.state().panes.on_whole_screen);
}
