//! From what is typed here to what is meant there.

use std::collections::BTreeSet;

use beckon_peer::{InputEvent, Key, LogicalKey, Modifiers, Press, Text};
use egui::{Event, ImeEvent};

/// A source of typed text, shortcuts and keys.
pub trait Keys {
    /// What `events`, in their order, mean for the other computer.
    fn typed(&mut self, events: &[Event]) -> Vec<InputEvent>;
    /// Forgets what is held: the picture no longer has the keyboard.
    fn release(&mut self);
}

/// Keys as egui reports them.
///
/// Known gaps: what the window manager keeps for itself never arrives; the number pad cannot be
/// told from the main keys; a modifier pressed alone goes nowhere, except the Super key.
#[derive(Debug, Default)]
pub struct EguiKeys {
    held: Modifiers,
    /// INVARIANT: those for which Down was sent and Up was not.
    down: BTreeSet<Key>,
    /// Whether Super went down and nothing else since.
    lone_super: bool,
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
    fn one(&mut self, event: &Event) -> Vec<InputEvent> {
        match event {
            Event::Text(text) if !self.is_command() => {
                self.lone_super = false;
                Text::pieces(text).into_iter().map(InputEvent::Text).collect()
            }
            Event::Ime(ImeEvent::Commit(text)) => {
                Text::pieces(text).into_iter().map(InputEvent::Text).collect()
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
        if matches!(key, egui::Key::SuperLeft | egui::Key::SuperRight) {
            return self.super_key(press, repeat);
        }
        if is_modifier(key) {
            return Vec::new();
        }
        self.lone_super = false;
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

    fn super_key(&mut self, press: Press, repeat: bool) -> Vec<InputEvent> {
        match press {
            Press::Down => {
                self.held = self.held.with(Modifiers::SUPER);
                self.lone_super |= !repeat;
                Vec::new()
            }
            Press::Up => {
                self.held = [Modifiers::SHIFT, Modifiers::CONTROL, Modifiers::ALT]
                    .into_iter()
                    .filter(|modifier| self.held.contains(*modifier))
                    .fold(Modifiers::EMPTY, Modifiers::with);
                let alone = std::mem::take(&mut self.lone_super);
                let pressed = [Press::Down, Press::Up]
                    .map(|press| InputEvent::Key { key: Key::Super, press });
                if alone { pressed.into() } else { Vec::new() }
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

/// The modifiers that egui reports.
pub fn held(modifiers: egui::Modifiers) -> Modifiers {
    [
        (modifiers.shift, Modifiers::SHIFT),
        (modifiers.ctrl, Modifiers::CONTROL),
        (modifiers.alt, Modifiers::ALT),
        (modifiers.mac_cmd, Modifiers::SUPER),
    ]
    .into_iter()
    .filter(|(held, _)| *held)
    .fold(Modifiers::EMPTY, |set, (_, modifier)| set.with(modifier))
}

fn is_modifier(key: egui::Key) -> bool {
    use egui::Key as E;
    matches!(
        key,
        E::ShiftLeft | E::ShiftRight | E::ControlLeft | E::ControlRight | E::AltLeft | E::AltRight
    )
}

/// What a key means by itself; `None` where it means nothing to another computer.
fn meaning(key: egui::Key) -> Option<LogicalKey> {
    use egui::Key as E;
    let named = match key {
        E::ArrowDown => Key::Down,
        E::ArrowLeft => Key::Left,
        E::ArrowRight => Key::Right,
        E::ArrowUp => Key::Up,
        E::Escape => Key::Escape,
        E::Tab => Key::Tab,
        E::Backspace => Key::Backspace,
        E::Enter => Key::Enter,
        E::Insert => Key::Insert,
        E::Delete => Key::Delete,
        E::Home => Key::Home,
        E::End => Key::End,
        E::PageUp => Key::PageUp,
        E::PageDown => Key::PageDown,
        E::CapsLock => Key::CapsLock,
        E::NumLock => Key::NumLock,
        E::ScrollLock => Key::ScrollLock,
        E::PrintScreen => Key::PrintScreen,
        E::Pause => Key::Pause,
        E::Menu => Key::Menu,
        other => return function_key(other).map(LogicalKey::Named).or_else(|| symbol(other)),
    };
    Some(LogicalKey::Named(named))
}

fn function_key(key: egui::Key) -> Option<Key> {
    use egui::Key as E;
    const HERE: [E; 24] = [
        E::F1,
        E::F2,
        E::F3,
        E::F4,
        E::F5,
        E::F6,
        E::F7,
        E::F8,
        E::F9,
        E::F10,
        E::F11,
        E::F12,
        E::F13,
        E::F14,
        E::F15,
        E::F16,
        E::F17,
        E::F18,
        E::F19,
        E::F20,
        E::F21,
        E::F22,
        E::F23,
        E::F24,
    ];
    const THERE: [Key; 24] = [
        Key::F1,
        Key::F2,
        Key::F3,
        Key::F4,
        Key::F5,
        Key::F6,
        Key::F7,
        Key::F8,
        Key::F9,
        Key::F10,
        Key::F11,
        Key::F12,
        Key::F13,
        Key::F14,
        Key::F15,
        Key::F16,
        Key::F17,
        Key::F18,
        Key::F19,
        Key::F20,
        Key::F21,
        Key::F22,
        Key::F23,
        Key::F24,
    ];
    HERE.into_iter().zip(THERE).find(|(here, _)| *here == key).map(|(_, there)| there)
}

fn symbol(key: egui::Key) -> Option<LogicalKey> {
    use egui::Key as E;
    let symbol = match key {
        E::Space => ' ',
        E::Minus => '-',
        E::Copy => 'c',
        E::Cut => 'x',
        E::Paste => 'v',
        other => {
            // Digits and letters are named by their symbol, punctuation by its own.
            let mut name = other.symbol_or_name().chars();
            match (name.next(), name.next()) {
                (Some(symbol), None) => symbol.to_ascii_lowercase(),
                _ => return None,
            }
        }
    };
    Some(LogicalKey::Symbol(symbol))
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn super_alone_is_a_key_and_with_another_it_is_a_shortcut() {
        let mut keys = EguiKeys::default();
        let none = egui::Modifiers::NONE;
        let super_key = |pressed| key(egui::Key::SuperLeft, none, pressed);
        let alone =
            [Press::Down, Press::Up].map(|press| InputEvent::Key { key: Key::Super, press });
        assert_eq!(keys.typed(&[super_key(true), super_key(false)]), alone);
        let events = [super_key(true), key(egui::Key::E, none, true), text("e"), super_key(false)];
        let key = LogicalKey::Symbol('e');
        let shortcut = InputEvent::Shortcut { modifiers: Modifiers::SUPER, key };
        assert_eq!(keys.typed(&events), vec![shortcut]);
        assert_eq!(keys.typed(&[text("e")]).len(), 1, "nothing is held any more");
    }
}
