use beckon_events::Action;
use proptest::prelude::*;

use super::*;
use crate::identity::tests::fixed;
use crate::mandate::tests::grant;
use crate::{Button, InputEvent, Key, KeyCode, LogicalKey, Modifiers, Point, Press, Text};

const POINT: Point = Point { monitor: 1, x: 2, y: u32::MAX };

fn inputs() -> Vec<InputEvent> {
    let mut all = vec![
        InputEvent::PointerMove(POINT),
        InputEvent::Wheel { dx: -120, dy: 12_000 },
        InputEvent::Text(Text::new("Grüße ß é 漢 €").unwrap()),
        InputEvent::Shortcut {
            modifiers: Modifiers::CONTROL.with(Modifiers::SHIFT),
            key: LogicalKey::Symbol('ß'),
        },
        InputEvent::Shortcut { modifiers: Modifiers::ALT, key: LogicalKey::Named(Key::F4) },
        InputEvent::ReleaseAll,
        InputEvent::Physical { code: KeyCode::new(1).unwrap(), press: Press::Down },
        InputEvent::Physical { code: KeyCode::new(767).unwrap(), press: Press::Up },
    ];
    for button in [Button::Left, Button::Middle, Button::Right, Button::Back, Button::Forward] {
        all.push(InputEvent::Button { button, press: Press::Down });
    }
    all.extend(Key::ALL.iter().map(|key| InputEvent::Key { key: *key, press: Press::Up }));
    all
}

fn from_control() -> Vec<ControlMessage> {
    let mut all: Vec<_> = inputs().into_iter().map(ControlMessage::Input).collect();
    for action in Action::ALL {
        all.push(ControlMessage::StartAction(action));
        all.push(ControlMessage::StopAction(action));
    }
    all.push(ControlMessage::Ack { update: 7 });
    all.push(ControlMessage::RequestFullPicture);
    all.push(ControlMessage::SelectMonitor(8));
    all.push(ControlMessage::Ping { nonce: u64::MAX });
    all.push(ControlMessage::ShareClipboard { out: true, back: false });
    all
}

fn monitor() -> Monitor {
    Monitor {
        id: 3,
        name: "Büro".into(),
        x: -1_920,
        y: 0,
        width: 1_920,
        height: 1_080,
        scale_percent: 150,
        primary: true,
    }
}

fn shape() -> PointerShape {
    PointerShape { name: "xterm".into(), hot: (2, 0), size: (3, 1), rgba: (1..=12).collect() }
}

fn from_agent() -> Vec<AgentMessage> {
    let mut all = vec![
        AgentMessage::Granted(fixed(1).grant(&grant(1, &[Action::Control]))),
        AgentMessage::Monitors(vec![]),
        AgentMessage::Monitors(vec![monitor(), Monitor { primary: false, ..monitor() }]),
        AgentMessage::Paused,
        AgentMessage::Continued,
        AgentMessage::Cursor(None),
        AgentMessage::Cursor(Some(POINT)),
        AgentMessage::Pong { nonce: 1, clock_ms: u32::MAX, newest: 7, behind: true },
        AgentMessage::Pointer(shape()),
        AgentMessage::Screen(ScreenState::Shown),
    ];
    all.extend(LostWhy::ALL.map(|why| AgentMessage::Screen(ScreenState::Lost(why))));
    for why in [Why::NotGranted, Why::Withdrawn, Why::Unavailable, Why::Finished] {
        all.push(AgentMessage::Stopped { action: Action::View, why });
    }
    all
}

#[test]
fn every_message_reads_back_as_it_was_written() {
    for message in from_control() {
        assert_eq!(ControlMessage::from_bytes(&message.to_bytes()), Ok(message));
    }
    for message in from_agent() {
        assert_eq!(AgentMessage::from_bytes(&message.to_bytes()), Ok(message));
    }
}

#[test]
fn the_bytes_of_a_message_are_these() {
    let shortcut =
        InputEvent::Shortcut { modifiers: Modifiers::CONTROL, key: LogicalKey::Symbol('c') };
    let bytes = ControlMessage::Input(shortcut).to_bytes();
    assert_eq!(bytes, [1, 5, 2, 1, 0, 0, 0, 99]);
    let move_to = InputEvent::PointerMove(Point { monitor: 1, x: 2, y: 3 });
    let bytes = ControlMessage::Input(move_to).to_bytes();
    assert_eq!(bytes, [1, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]);
    let text = InputEvent::Text(Text::new("€").unwrap());
    assert_eq!(ControlMessage::Input(text).to_bytes(), [1, 4, 0, 3, 0xe2, 0x82, 0xac]);
    let stopped = AgentMessage::Stopped { action: Action::Control, why: Why::Withdrawn };
    assert_eq!(stopped.to_bytes(), [3, 2, 2]);
    assert_eq!(ControlMessage::Ack { update: 258 }.to_bytes(), [4, 0, 0, 1, 2]);
}

#[test]
fn a_message_that_is_cut_or_longer_is_refused() {
    for message in from_control() {
        let bytes = message.to_bytes();
        for at in 0..bytes.len() {
            assert!(ControlMessage::from_bytes(&bytes[..at]).is_err(), "{message:?} cut at {at}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(ControlMessage::from_bytes(&longer), Err(MessageError::Trailing));
    }
    for message in from_agent() {
        let bytes = message.to_bytes();
        for at in 0..bytes.len() {
            assert!(AgentMessage::from_bytes(&bytes[..at]).is_err(), "{message:?} cut at {at}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert!(AgentMessage::from_bytes(&longer).is_err(), "{message:?}");
    }
}

#[test]
fn what_is_out_of_bounds_is_refused() {
    let long = vec![5; crate::Stream::Control.longest() + 1];
    assert_eq!(ControlMessage::from_bytes(&long), Err(MessageError::TooLong));
    let wheel = [&[1, 3][..], &12_001_i32.to_be_bytes(), &[0; 4]].concat();
    let refused = MessageError::OutOfBounds { what: "turn of the wheel" };
    assert_eq!(ControlMessage::from_bytes(&wheel), Err(refused));
    let newline = [1, 4, 0, 1, b'\n'];
    let refused = MessageError::OutOfBounds { what: "text" };
    assert_eq!(ControlMessage::from_bytes(&newline), Err(refused));
    let surrogate = [1, 5, 0, 1, 0, 0, 0xd8, 0];
    let refused = MessageError::OutOfBounds { what: "symbol" };
    assert_eq!(ControlMessage::from_bytes(&surrogate), Err(refused));
    assert!(ControlMessage::from_bytes(&[1, 5, 16, 2, 1]).is_err(), "an unknown modifier");
    for none in [[1, 8, 0, 0, 1], [1, 8, 3, 0, 1]] {
        let refused = MessageError::OutOfBounds { what: "key code" };
        assert_eq!(ControlMessage::from_bytes(&none), Err(refused));
    }
    let many = MessageError::OutOfBounds { what: "number of monitors" };
    assert_eq!(AgentMessage::from_bytes(&[2, 17]), Err(many));
}

#[test]
fn a_monitor_that_cannot_be_is_refused() {
    let read =
        |monitor| AgentMessage::from_bytes(&AgentMessage::Monitors(vec![monitor]).to_bytes());
    for spoilt in [
        Monitor { width: 0, ..monitor() },
        Monitor { height: 65_536, ..monitor() },
        Monitor { x: i32::MIN, ..monitor() },
        Monitor { y: 1 << 21, ..monitor() },
        Monitor { scale_percent: 0, ..monitor() },
    ] {
        assert!(matches!(read(spoilt), Err(MessageError::OutOfBounds { .. })));
    }
    let long = Monitor { name: "漢".repeat(65), ..monitor() };
    let cut = Monitor { name: "漢".repeat(64), ..monitor() };
    assert_eq!(read(long), Ok(AgentMessage::Monitors(vec![cut])));
}

#[test]
fn a_pointer_that_cannot_be_is_refused() {
    let read = |shape| AgentMessage::from_bytes(&AgentMessage::Pointer(shape).to_bytes());
    for spoilt in [
        PointerShape { size: (0, 1), rgba: vec![], ..shape() },
        PointerShape { size: (97, 1), rgba: vec![0; 97 * 4], ..shape() },
        PointerShape { hot: (3, 0), ..shape() },
        PointerShape { hot: (0, 1), ..shape() },
        PointerShape { rgba: vec![0; 11], ..shape() },
        PointerShape { rgba: vec![0; 13], ..shape() },
    ] {
        assert!(read(spoilt).is_err());
    }
    let largest = PointerShape { size: (96, 96), rgba: vec![9; 96 * 96 * 4], ..shape() };
    assert_eq!(read(largest.clone()), Ok(AgentMessage::Pointer(largest)));
}

proptest! {
    #[test]
    fn garbage_never_panics_and_what_is_read_is_written_the_same(
        bytes in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        if let Ok(message) = ControlMessage::from_bytes(&bytes) {
            prop_assert_eq!(message.to_bytes(), bytes.clone());
        }
        if let Ok(message) = AgentMessage::from_bytes(&bytes) {
            // JSON may be written in several ways, everything else in one.
            if !matches!(message, AgentMessage::Granted(_)) {
                prop_assert_eq!(message.to_bytes(), bytes);
            }
        }
    }
}
