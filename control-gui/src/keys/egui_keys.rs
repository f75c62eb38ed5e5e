//! Keys as egui reports them.

use std::collections::BTreeSet;

use beckon_peer::{InputEvent, Key, LogicalKey, Modifiers, Press, Text};
use egui::{Event, ImeEvent};

use super::table::{meaning, modifier};
use super::{Keys, held, tap};

/// Keys as egui reports them.
///
/// Known gaps: what the window manager keeps for itself never arrives; the number pad cannot be
/// told from the main keys; keys that egui does not know never arrive.
#[derive(Debug, Default)]
pub struct EguiKeys {
    held: Modifiers,
    /// INVARIANT: those for which Down was sent and Up was not.
    down: BTreeSet<Key>,
    /// A modifier that went down, and nothing else since.
    lone: Option<egui::Key>,
}

impl Keys for EguiKeys {
    fn typed(&mut self, events: &[Event]) -> Vec<InputEvent> {
        events.iter().flat_map(|event| self.one(event)).collect()
    }

    fn release(&mut self) {
        *self = Self::default();
    }
}

impl EguiKeys {
    /// Whether `key` went down and has not come up.
    #[cfg(target_os = "linux")]
    pub(super) fn holds(&self, key: Key) -> bool {
        self.down.contains(&key)
    }

    fn one(&mut self, event: &Event) -> Vec<InputEvent> {
        match event {
            Event::Text(text) if !self.is_command() => {
                self.lone = None;
                Text::pieces(text).into_iter().map(InputEvent::Text).collect()
            }
            Event::Ime(ImeEvent::Commit(text)) => {
                self.lone = None;
                Text::pieces(text).into_iter().map(InputEvent::Text).collect()
            }
            // With Shift a click is no longer Shift alone.
            Event::PointerButton { .. } | Event::MouseWheel { .. } => {
                self.lone = None;
                Vec::new()
            }
            Event::ModifiersChanged(modifiers) => {
                self.note(*modifiers);
                Vec::new()
            }
            Event::Key { key, pressed, repeat, modifiers, .. } => {
                self.note(*modifiers);
                self.key(*key, if *pressed { Press::Down } else { Press::Up }, *repeat)
            }
            _ => Vec::new(),
        }
    }

    fn key(&mut self, key: egui::Key, press: Press, repeat: bool) -> Vec<InputEvent> {
        if let Some(modifier) = modifier(key) {
            return self.modifier(key, modifier, press, repeat);
        }
        self.lone = None;
        match (meaning(key), press) {
            (Some(LogicalKey::Named(key)), Press::Up) if self.down.remove(&key) => {
                vec![InputEvent::Key { key, press }]
            }
            (Some(meant), Press::Down) if self.is_command() => {
                vec![InputEvent::Shortcut { modifiers: self.held, key: meant }]
            }
            (Some(meant @ LogicalKey::Named(_)), Press::Down) if !self.held.is_empty() => {
                vec![InputEvent::Shortcut { modifiers: self.held, key: meant }]
            }
            // A key that is held repeats at the other computer by itself.
            (Some(LogicalKey::Named(key)), Press::Down) if self.down.insert(key) => {
                vec![InputEvent::Key { key, press }]
            }
            // Symbols come as text.
            _ => Vec::new(),
        }
    }

    /// A modifier goes with the key that follows; alone it goes as a key of its own.
    fn modifier(
        &mut self,
        key: egui::Key,
        (modifier, code): (Modifiers, u16),
        press: Press,
        repeat: bool,
    ) -> Vec<InputEvent> {
        match press {
            Press::Down => {
                // With another one it is a shortcut of modifiers alone, such as Alt and Shift.
                if !repeat {
                    self.lone = self.lone.is_none().then_some(key);
                }
                if modifier == Modifiers::SUPER {
                    self.held = self.held.with(modifier);
                }
                Vec::new()
            }
            Press::Up => {
                if modifier == Modifiers::SUPER {
                    self.held = [Modifiers::SHIFT, Modifiers::CONTROL, Modifiers::ALT]
                        .into_iter()
                        .filter(|modifier| self.held.contains(*modifier))
                        .fold(Modifiers::EMPTY, Modifiers::with);
                }
                let alone = self.lone.take() == Some(key);
                if alone { tap(code) } else { Vec::new() }
            }
        }
    }

    /// egui reports Shift, Ctrl and Alt with every event; Super it reports as a key only.
    fn note(&mut self, modifiers: egui::Modifiers) {
        let kept = self.held.contains(Modifiers::SUPER).then_some(Modifiers::SUPER);
        self.held = held(modifiers).with(kept.unwrap_or_default());
    }

    fn is_command(&self) -> bool {
        [Modifiers::CONTROL, Modifiers::ALT, Modifiers::SUPER]
            .into_iter()
            .any(|modifier| self.held.contains(modifier))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use beckon_peer::KeyCode;

    fn key(key: egui::Key, modifiers: egui::Modifiers, pressed: bool) -> Event {
        Event::Key { key, physical_key: None, pressed, repeat: false, modifiers }
    }

    fn text(text: &str) -> Event {
        Event::Text(text.to_owned())
    }

    #[test]
    fn text_goes_as_text_and_its_keys_do_not_go_twice() {
        let mut keys = EguiKeys::default();
        let none = egui::Modifiers::NONE;
        let events =
            [key(egui::Key::A, none, true), text("a"), key(egui::Key::A, none, false), text("ß漢")];
        let typed: Vec<_> =
            ["a", "ß漢"].map(|text| InputEvent::Text(Text::new(text).unwrap())).into();
        assert_eq!(keys.typed(&events), typed);
    }

    #[test]
    fn with_a_command_key_it_is_a_shortcut_and_no_text() {
        let mut keys = EguiKeys::default();
        let alt = egui::Modifiers::ALT;
        let ctrl_shift = egui::Modifiers { shift: true, ..egui::Modifiers::CTRL };
        let events = [
            key(egui::Key::C, egui::Modifiers::CTRL, true),
            key(egui::Key::C, egui::Modifiers::CTRL, false),
            key(egui::Key::Num1, ctrl_shift, true),
            key(egui::Key::F4, alt, true),
            key(egui::Key::F, alt, true),
            text("f"),
        ];
        let shortcut = |modifiers, key| InputEvent::Shortcut { modifiers, key };
        let control = Modifiers::CONTROL;
        assert_eq!(
            keys.typed(&events),
            vec![
                shortcut(control, LogicalKey::Symbol('c')),
                shortcut(control.with(Modifiers::SHIFT), LogicalKey::Symbol('1')),
                shortcut(Modifiers::ALT, LogicalKey::Named(Key::F4)),
                shortcut(Modifiers::ALT, LogicalKey::Symbol('f')),
            ]
        );
    }

    #[test]
    fn a_key_without_a_symbol_goes_down_once_and_up_once() {
        let mut keys = EguiKeys::default();
        let none = egui::Modifiers::NONE;
        let events = [
            key(egui::Key::Enter, none, true),
            key(egui::Key::Enter, none, true),
            key(egui::Key::Enter, none, false),
            key(egui::Key::ArrowLeft, egui::Modifiers::SHIFT, true),
            key(egui::Key::ArrowLeft, egui::Modifiers::SHIFT, false),
        ];
        let enter = |press| InputEvent::Key { key: Key::Enter, press };
        let selected = LogicalKey::Named(Key::Left);
        assert_eq!(
            keys.typed(&events),
            vec![
                enter(Press::Down),
                enter(Press::Up),
                InputEvent::Shortcut { modifiers: Modifiers::SHIFT, key: selected },
            ]
        );
    }

    #[test]
    fn a_modifier_alone_is_a_key_and_with_another_it_is_a_shortcut() {
        let mut keys = EguiKeys::default();
        let none = egui::Modifiers::NONE;
        let super_key = |pressed| key(egui::Key::SuperLeft, none, pressed);
        let alone = |code| {
            let code = KeyCode::new(code).unwrap();
            [Press::Down, Press::Up].map(|press| InputEvent::Physical { code, press })
        };
        assert_eq!(keys.typed(&[super_key(true), super_key(false)]), alone(125));
        let right = |pressed| key(egui::Key::AltRight, none, pressed);
        assert_eq!(keys.typed(&[right(true), right(false)]), alone(100), "not the left one");
        let events = [super_key(true), key(egui::Key::E, none, true), text("e"), super_key(false)];
        let shortcut =
            InputEvent::Shortcut { modifiers: Modifiers::SUPER, key: LogicalKey::Symbol('e') };
        assert_eq!(keys.typed(&events), vec![shortcut]);
        assert_eq!(keys.typed(&[text("e")]).len(), 1, "nothing is held any more");
        assert_eq!(keys.typed(&[right(true), text("@"), right(false)]).len(), 1, "Alt Gr");
        let shift = |pressed| key(egui::Key::ShiftLeft, none, pressed);
        let click = Event::PointerButton {
            pos: egui::Pos2::ZERO,
            button: egui::PointerButton::Primary,
            pressed: true,
            modifiers: none,
        };
        assert_eq!(keys.typed(&[shift(true), click, shift(false)]), vec![]);
        let word = Event::Ime(ImeEvent::Commit("漢".to_owned()));
        assert_eq!(keys.typed(&[shift(true), word, shift(false)]).len(), 1, "the word alone");
        let both = [shift(true), right(true), right(false), shift(false)];
        assert_eq!(keys.typed(&both), vec![]);
    }

    #[test]
    fn locks_stay_here_as_text_is_what_was_meant() {
        let mut keys = EguiKeys::default();
        let none = egui::Modifiers::NONE;
        let caps = [true, false].map(|pressed| key(egui::Key::CapsLock, none, pressed));
        let number = [true, false].map(|pressed| key(egui::Key::NumLock, none, pressed));
        assert_eq!(keys.typed(&[&caps[..], &number[..], &[text("A")]].concat()).len(), 1);
    }
}
