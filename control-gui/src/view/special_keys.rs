//! The menu of keys that this computer keeps for itself.

use beckon_desk::theme::{TOUCH, space};
use beckon_desk::widgets;
use beckon_peer::{InputEvent, Key, LogicalKey, Modifiers, Press};
use egui::{Button, Role, Ui, WidgetInfo, vec2};

use super::Panes;
use super::toolbar::room_for;
use crate::input::Input;
use crate::keys::Keys;
use crate::model::{Hands, Model};
use crate::text;

pub(super) fn show(ui: &mut Ui, model: &Model, panes: &mut Panes, inputs: &mut Vec<Input>) {
    let Some((_, active)) = model.active() else { return };
    if active.hands != Hands::On {
        return;
    }
    room_for(ui, text::SPECIAL_KEYS);
    let pressed = ui
        .add_enabled_ui(model.sends_input() && model.question.is_none(), |ui| {
            let button = Button::new(text::SPECIAL_KEYS).min_size(vec2(0.0, TOUCH));
            let menu = egui::containers::menu::MenuButton::from_button(button);
            let (response, shown) = menu.ui(ui, |ui| list(ui, panes));
            response.on_hover_text(text::SPECIAL_KEYS_HOVER);
            shown.and_then(|shown| shown.inner)
        })
        .inner;
    if let Some(pressed) = pressed {
        inputs.extend(pressed);
        // The keyboard is the picture's again.
        panes.sending = false;
    }
    // On the whole screen it is said where it stays.
    if panes.keys.sends_all() && !panes.on_whole_screen {
        widgets::muted(ui, text::SENDS_ALL_KEYS);
    }
}

/// What was chosen.
fn list(ui: &mut Ui, panes: &mut Panes) -> Option<Vec<Input>> {
    let control_alt = Modifiers::CONTROL.with(Modifiers::ALT);
    let control_shift = Modifiers::CONTROL.with(Modifiers::SHIFT);
    let shortcut =
        |modifiers, key| vec![InputEvent::Shortcut { modifiers, key: LogicalKey::Named(key) }];
    let mut chosen = None;
    for (name, events) in [
        (text::CTRL_ALT_DEL, shortcut(control_alt, Key::Delete)),
        (text::SUPER_KEY, tap(Key::Super)),
        (text::ALT_TAB, shortcut(Modifiers::ALT, Key::Tab)),
        (text::ALT_F4, shortcut(Modifiers::ALT, Key::F4)),
        (text::CTRL_SHIFT_ESC, shortcut(control_shift, Key::Escape)),
        (text::PRINT_SCREEN, tap(Key::PrintScreen)),
    ] {
        if ui.add(Button::new(name).min_size(vec2(0.0, TOUCH))).clicked() {
            chosen = Some(events.into_iter().map(Input::Did).collect());
        }
    }
    if panes.keys.can_send_all() {
        ui.add_space(space::XS);
        let on = panes.keys.sends_all();
        let button = Button::selectable(on, text::SEND_ALL_KEYS).min_size(vec2(0.0, TOUCH));
        let response = ui.add(button).on_hover_text(text::SEND_ALL_KEYS_HOVER);
        response
            .widget_info(|| WidgetInfo::selected(Role::CheckBox, true, on, text::SEND_ALL_KEYS));
        if response.clicked() {
            panes.keys.send_all(!on);
            let refused = !on && !panes.keys.sends_all();
            let released = Input::Did(InputEvent::ReleaseAll);
            chosen = Some(
                [released].into_iter().chain(refused.then_some(Input::KeyboardTaken)).collect(),
            );
        }
    }
    if chosen.is_some() {
        ui.close();
    }
    chosen
}

fn tap(key: Key) -> Vec<InputEvent> {
    [Press::Down, Press::Up].map(|press| InputEvent::Key { key, press }).into()
}
