//! What the keys of egui mean.

use beckon_peer::{Key, KeyCode, LogicalKey, Modifiers};

/// The modifier that a key is, and its place on the keyboard.
pub(super) fn modifier(key: egui::Key) -> Option<(Modifiers, u16)> {
    use egui::Key as E;
    Some(match key {
        E::ShiftLeft => (Modifiers::SHIFT, 42),
        E::ShiftRight => (Modifiers::SHIFT, 54),
        E::ControlLeft => (Modifiers::CONTROL, 29),
        E::ControlRight => (Modifiers::CONTROL, 97),
        E::AltLeft => (Modifiers::ALT, 56),
        E::AltRight => (Modifiers::ALT, 100),
        E::SuperLeft => (Modifiers::SUPER, 125),
        E::SuperRight => (Modifiers::SUPER, 126),
        _ => return None,
    })
}

/// Whether a modifier has this place on the keyboard.
pub fn is_modifier(code: KeyCode) -> bool {
    [29, 42, 54, 56, 97, 100, 125, 126].contains(&code.number())
}

/// What a key means by itself; `None` where it means nothing to another computer. Locks have had
/// their effect here already.
pub(super) fn meaning(key: egui::Key) -> Option<LogicalKey> {
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
