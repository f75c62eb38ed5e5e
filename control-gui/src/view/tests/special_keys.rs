//! The menu of keys that this computer keeps for itself.

use beckon_peer::{Key, LogicalKey, Modifiers, Press};

use super::*;
use crate::keys::{Keyboard, Keys};

fn opens(desk: &mut Harness<'static, Desk>) {
    desk.get_by_role_and_label(Role::Button, text::SPECIAL_KEYS).click();
    desk.run_ok();
}

fn did(desk: &Harness<'static, Desk>) -> Vec<InputEvent> {
    let did = desk.state().did.iter();
    did.filter_map(|input| match input {
        Input::Did(event) => Some(event.clone()),
        _ => None,
    })
    .collect()
}

#[test]
fn the_keys_of_the_menu_are_pressed_there_and_the_picture_has_the_keyboard_again() {
    let mut desk = desk(Scene::active(view_and_control()));
    shows(&mut desk, 640, 480);
    opens(&mut desk);
    desk.state_mut().did.clear();
    desk.get_by_label(text::CTRL_ALT_DEL).click();
    desk.run_ok();
    let modifiers = Modifiers::CONTROL.with(Modifiers::ALT);
    let pressed = InputEvent::Shortcut { modifiers, key: LogicalKey::Named(Key::Delete) };
    assert!(did(&desk).contains(&pressed), "{:?}", did(&desk));
    assert!(!sees(&desk, text::CTRL_ALT_DEL), "the menu is closed");
    desk.state_mut().did.clear();
    desk.event(egui::Event::Text("x".to_owned()));
    desk.run_ok();
    assert_eq!(did(&desk).len(), 1, "typing goes on");

    opens(&mut desk);
    desk.state_mut().did.clear();
    desk.get_by_label(text::SUPER_KEY).click();
    desk.run_ok();
    let tapped = [Press::Down, Press::Up].map(|press| InputEvent::Key { key: Key::Super, press });
    assert!(did(&desk).windows(2).any(|two| two == tapped), "{:?}", did(&desk));
}

#[test]
fn without_control_there_is_no_menu_and_without_an_x_server_not_all_keys() {
    let mut viewing = desk(Scene::active(view()));
    shows(&mut viewing, 640, 480);
    assert!(!sees(&viewing, text::SPECIAL_KEYS));
    let mut desk = desk(Scene::active(view_and_control()));
    shows(&mut desk, 640, 480);
    opens(&mut desk);
    assert!(sees(&desk, text::PRINT_SCREEN) && !sees(&desk, text::SEND_ALL_KEYS));
}

/// A keyboard that another program has.
struct Taken;

impl Keys for Taken {
    fn typed(&mut self, _: &[egui::Event]) -> Vec<InputEvent> {
        Vec::new()
    }
    fn release(&mut self) {}
    fn can_send_all(&self) -> bool {
        true
    }
}

#[test]
fn a_keyboard_that_another_program_has_is_said() {
    let mut desk = desk(Scene::active(view_and_control()));
    shows(&mut desk, 640, 480);
    desk.state_mut().panes.keys = Keyboard::made_up(Taken);
    opens(&mut desk);
    assert_eq!(pressed(&mut desk, text::SEND_ALL_KEYS), vec![Input::KeyboardTaken]);
    desk.state_mut().scene.does(Input::KeyboardTaken);
    desk.run_ok();
    assert!(sees(&desk, text::KEYBOARD_TAKEN));
}
