//! What is held down there never outlives the window's hold on the keyboard.

use beckon_peer::{Button, Key, KeyCode, Press};
use egui::{Event, ViewportId};

use super::*;
use crate::keys::{Keyboard, Keys};

type Window = Harness<'static, Desk>;

fn did(desk: &Window) -> Vec<InputEvent> {
    let did = desk.state().did.iter();
    let events = did.filter_map(|input| match input {
        Input::Did(event) => Some(event.clone()),
        _ => None,
    });
    events.collect()
}

fn key(key: egui::Key, pressed: bool) -> Event {
    let modifiers = egui::Modifiers::NONE;
    Event::Key { key, physical_key: None, pressed, repeat: false, modifiers }
}

/// A window under whose picture Backspace and the left button are held.
fn holding() -> Window {
    let mut desk = desk(Scene::active(view_and_control()));
    shows(&mut desk, 640, 480);
    let middle = desk.get_by_label(text::PICTURE).rect().center();
    desk.drag_at(middle);
    desk.event(key(egui::Key::Backspace, true));
    desk.run_ok();
    let down = InputEvent::Key { key: Key::Backspace, press: Press::Down };
    assert!(did(&desk).contains(&down), "{:?}", did(&desk));
    desk.state_mut().did.clear();
    desk
}

#[test]
fn a_question_over_the_picture_lets_go_of_what_is_held_there() {
    let mut desk = holding();
    desk.state_mut().scene.does(Input::Close(Wish::End));
    desk.run_ok();
    assert!(sees(&desk, text::LEAVING_HEADING));
    assert_eq!(did(&desk), [InputEvent::ReleaseAll]);
    let sent = desk.state_mut().scene.does(Input::Did(InputEvent::ReleaseAll));
    assert_eq!(sent.len(), 1, "the question does not keep it back");
    desk.state_mut().scene.does(Input::Stay);
    desk.run_ok();
    desk.state_mut().did.clear();
    desk.event(key(egui::Key::Backspace, true));
    desk.run_ok();
    let down = InputEvent::Key { key: Key::Backspace, press: Press::Down };
    assert_eq!(did(&desk), [down], "it goes on");
}

#[test]
fn a_button_alone_is_let_go_by_a_question_too() {
    let mut desk = desk(Scene::active(view_and_control()));
    shows(&mut desk, 640, 480);
    let middle = desk.get_by_label(text::PICTURE).rect().center();
    desk.event(Event::WindowFocused(false));
    desk.input_mut().focused = false;
    desk.run_ok();
    desk.drag_at(middle);
    desk.run_ok();
    let down = InputEvent::Button { button: Button::Left, press: Press::Down };
    assert!(did(&desk).contains(&down), "{:?}", did(&desk));
    desk.state_mut().did.clear();
    desk.state_mut().scene.does(Input::Close(Wish::End));
    desk.run_ok();
    assert_eq!(did(&desk), [InputEvent::ReleaseAll]);
}

#[test]
fn a_window_that_is_covered_or_minimised_lets_go_though_it_is_not_drawn() {
    for (minimized, occluded) in [(true, false), (false, true)] {
        let mut desk = holding();
        let released = Some(Input::Did(InputEvent::ReleaseAll));
        assert_eq!(undrawn(&mut desk, (Some(false), Some(false)), false), None, "it is seen");
        let hidden = (Some(minimized), Some(occluded));
        assert_eq!(undrawn(&mut desk, hidden, false), released);
        assert_eq!(undrawn(&mut desk, hidden, false), None, "once");
        assert!(!desk.state().panes.pointer.is_dragging());
    }
}

#[test]
fn where_nobody_says_what_is_seen_the_keyboard_decides() {
    let mut desk = holding();
    assert_eq!(undrawn(&mut desk, (Some(false), None), true), None);
    let released = Some(Input::Did(InputEvent::ReleaseAll));
    assert_eq!(undrawn(&mut desk, (Some(false), None), false), released);
    assert_eq!(undrawn(&mut desk, (Some(false), None), false), None, "once");
}

/// What follows from a frame in which nothing is drawn.
fn undrawn(
    desk: &mut Window,
    (minimized, occluded): (Option<bool>, Option<bool>),
    focused: bool,
) -> Option<Input> {
    let viewport =
        egui::ViewportInfo { minimized, occluded, focused: Some(focused), ..<_>::default() };
    let raw = egui::RawInput {
        viewports: [(ViewportId::ROOT, viewport)].into_iter().collect(),
        focused,
        ..egui::RawInput::default()
    };
    let (ctx, panes, mut follows) = (desk.ctx.clone(), &mut desk.state_mut().panes, None);
    drop(ctx.run_logic(&raw, |ctx| follows = panes.unseen(ctx)));
    follows
}

/// A keyboard that is grabbed, with what is typed in one frame.
struct Grabbed(Vec<InputEvent>);

impl Keys for Grabbed {
    fn typed(&mut self, _: &[Event]) -> Vec<InputEvent> {
        std::mem::take(&mut self.0)
    }
    fn release(&mut self) {}
    fn sends_all(&self) -> bool {
        true
    }
    fn can_send_all(&self) -> bool {
        true
    }
}

fn place(code: u16, press: Press) -> InputEvent {
    InputEvent::Physical { code: KeyCode::new(code).unwrap(), press }
}

#[test]
fn ctrl_and_a_click_within_one_frame_are_a_click_with_ctrl() {
    let mut desk = desk(Scene::active(view_and_control()));
    shows(&mut desk, 640, 480);
    let middle = desk.get_by_label(text::PICTURE).rect().center();
    desk.hover_at(middle);
    desk.run_ok();
    let strokes = [place(29, Press::Down), place(29, Press::Up)].to_vec();
    desk.state_mut().panes.keys = Keyboard::made_up(Grabbed(strokes));
    desk.state_mut().did.clear();
    for pressed in [true, false] {
        let (button, modifiers) = (egui::PointerButton::Primary, egui::Modifiers::NONE);
        desk.input_mut().events.push(Event::PointerButton {
            pos: middle,
            button,
            pressed,
            modifiers,
        });
    }
    desk.run_ok();
    let all = did(&desk);
    let at = |event: &InputEvent| all.iter().position(|done| done == event);
    let button = |press| InputEvent::Button { button: Button::Left, press };
    let order = [
        at(&place(29, Press::Down)),
        at(&button(Press::Down)),
        at(&button(Press::Up)),
        at(&place(29, Press::Up)),
    ];
    assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{order:?} {all:?}");
}

#[test]
fn the_wheel_with_ctrl_is_let_go_when_the_pointer_leaves_the_picture() {
    let mut desk = desk(Scene::active(view_and_control()));
    shows(&mut desk, 640, 480);
    let middle = desk.get_by_label(text::PICTURE).rect().center();
    desk.hover_at(middle);
    desk.run_ok();
    desk.state_mut().did.clear();
    let turned = Event::MouseWheel {
        unit: egui::MouseWheelUnit::Line,
        delta: vec2(0.0, 1.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: egui::Modifiers::CTRL,
    };
    desk.input_mut().events.extend([turned.clone(), turned]);
    desk.run_ok();
    let control = |press| InputEvent::Key { key: Key::Control, press };
    let wheel = InputEvent::Wheel { dx: 0, dy: -120 };
    assert_eq!(did(&desk), [control(Press::Down), wheel.clone(), wheel]);
    let end = desk.get_by_label(text::END).rect().center();
    desk.hover_at(end);
    desk.run_ok();
    assert_eq!(did(&desk).last(), Some(&control(Press::Up)), "{:?}", did(&desk));
}
