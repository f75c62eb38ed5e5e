use std::cell::RefCell;
use std::rc::Rc;

use beckon_peer::{
    Button, InputEvent, Key, KeyCode, LogicalKey, Modifiers, Monitor, Point, Press, Text,
};

use super::hand::{Hand, Injector};
use super::{CLOSED, Command, carry_out};
use crate::monitors::Monitors;
use crate::own_window::Surroundings;

/// Writes down what is done.
#[derive(Clone, Default)]
struct Paper {
    lines: Rc<RefCell<Vec<String>>>,
    place: Rc<RefCell<Option<(i32, i32)>>>,
}

impl Paper {
    fn write(&self, line: String) {
        self.lines.borrow_mut().push(line);
    }

    fn take(&self) -> Vec<String> {
        self.lines.take()
    }
}

impl Injector for Paper {
    fn move_to(&mut self, place: (i32, i32)) -> Result<(), String> {
        *self.place.borrow_mut() = Some(place);
        self.write(format!("move {place:?}"));
        Ok(())
    }
    fn location(&self) -> Option<(i32, i32)> {
        *self.place.borrow()
    }
    fn button(&mut self, button: Button, press: Press) -> Result<(), String> {
        self.write(format!("{button:?} {press:?}"));
        Ok(())
    }
    fn scroll(&mut self, right: i32, down: i32) -> Result<(), String> {
        self.write(format!("scroll {right} {down}"));
        Ok(())
    }
    fn text(&mut self, text: &str) -> Result<(), String> {
        self.write(format!("text {text}"));
        Ok(())
    }
    fn key(&mut self, key: Key, press: Press) -> Result<(), String> {
        self.write(format!("{key:?} {press:?}"));
        Ok(())
    }
    fn symbol(&mut self, symbol: char, press: Press) -> Result<(), String> {
        self.write(format!("{symbol} {press:?}"));
        Ok(())
    }
    fn physical(&mut self, code: KeyCode, press: Press) -> Result<(), String> {
        self.write(format!("#{} {press:?}", code.number()));
        Ok(())
    }
}

/// The own window covers everything left of 50; it has the focus or not.
#[derive(Clone, Default)]
struct Desk {
    focused: Rc<RefCell<bool>>,
}

impl Surroundings for Desk {
    fn pointer_is_free(&mut self, (x, _): (i32, i32)) -> bool {
        x >= 50
    }
    fn keys_are_free(&mut self) -> bool {
        !*self.focused.borrow()
    }
}

fn hand() -> (Hand<Paper, Desk>, Paper, Desk) {
    let monitors = Monitors::default();
    monitors.replace(vec![Monitor {
        id: 1,
        name: "M".to_owned(),
        x: 10,
        y: 20,
        width: 100,
        height: 100,
        scale_percent: 100,
        primary: true,
    }]);
    let (paper, desk) = (Paper::default(), Desk::default());
    (Hand::new(paper.clone(), desk.clone(), monitors), paper, desk)
}

fn to(x: u32) -> InputEvent {
    InputEvent::PointerMove(Point { monitor: 1, x, y: 0 })
}

fn button(button: Button, press: Press) -> InputEvent {
    InputEvent::Button { button, press }
}

fn key(key: Key, press: Press) -> InputEvent {
    InputEvent::Key { key, press }
}

#[test]
fn a_place_is_the_monitor_s_corner_plus_physical_pixels() {
    let (mut hand, paper, _) = hand();
    hand.carry_out(&to(99));
    hand.carry_out(&to(100));
    assert_eq!(paper.take(), ["move (109, 20)"], "outside of the monitor nothing happens");
}

#[test]
fn nothing_touches_the_own_window_but_what_was_pressed_elsewhere_is_released() {
    let (mut hand, paper, desk) = hand();
    hand.carry_out(&to(39));
    assert_eq!(paper.take(), [""; 0]);
    hand.carry_out(&to(40));
    hand.carry_out(&button(Button::Left, Press::Down));
    *paper.place.borrow_mut() = Some((0, 0));
    hand.carry_out(&button(Button::Right, Press::Down));
    hand.carry_out(&InputEvent::Wheel { dx: 0, dy: 120 });
    hand.carry_out(&button(Button::Left, Press::Up));
    hand.carry_out(&button(Button::Right, Press::Up));
    assert_eq!(paper.take(), ["move (50, 20)", "Left Down", "Left Up"]);
    hand.carry_out(&key(Key::Shift, Press::Down));
    *desk.focused.borrow_mut() = true;
    hand.carry_out(&key(Key::Enter, Press::Down));
    hand.carry_out(&InputEvent::Text(Text::new("x").unwrap()));
    let shortcut =
        InputEvent::Shortcut { modifiers: Modifiers::CONTROL, key: LogicalKey::Symbol('v') };
    hand.carry_out(&shortcut);
    hand.carry_out(&key(Key::Shift, Press::Up));
    assert_eq!(paper.take(), ["Shift Down", "Shift Up"]);
}

#[test]
fn everything_that_is_held_is_released_once_also_when_the_hand_goes() {
    let (mut hand, paper, _) = hand();
    hand.carry_out(&key(Key::Shift, Press::Down));
    hand.carry_out(&key(Key::Shift, Press::Down));
    hand.carry_out(&button(Button::Left, Press::Down));
    hand.carry_out(&InputEvent::ReleaseAll);
    hand.carry_out(&key(Key::Shift, Press::Up));
    assert_eq!(paper.take(), ["Shift Down", "Left Down", "Left Up", "Shift Up"]);
    hand.carry_out(&key(Key::Alt, Press::Down));
    drop(hand);
    assert_eq!(paper.take(), ["Alt Down", "Alt Up"]);
}

#[test]
fn a_key_by_its_place_is_held_and_released_like_one_by_its_name() {
    let (mut hand, paper, desk) = hand();
    let physical = |code, press| InputEvent::Physical { code: KeyCode::new(code).unwrap(), press };
    hand.carry_out(&physical(97, Press::Down));
    hand.carry_out(&physical(97, Press::Down));
    let key = LogicalKey::Symbol('c');
    hand.carry_out(&InputEvent::Shortcut { modifiers: Modifiers::CONTROL, key });
    *desk.focused.borrow_mut() = true;
    hand.carry_out(&physical(30, Press::Down));
    hand.carry_out(&physical(30, Press::Up));
    hand.carry_out(&physical(97, Press::Up));
    let done = ["#97 Down", "c Down", "c Up", "#97 Up"];
    assert_eq!(paper.take(), done, "Ctrl is held already, the agent's own window gets nothing");
    *desk.focused.borrow_mut() = false;
    hand.carry_out(&physical(125, Press::Down));
    hand.carry_out(&InputEvent::ReleaseAll);
    hand.carry_out(&physical(57, Press::Down));
    drop(hand);
    assert_eq!(paper.take(), ["#125 Down", "#125 Up", "#57 Down", "#57 Up"]);
}

#[test]
fn nothing_stays_pressed_when_the_thread_fails() {
    let (lines, written) = std::sync::mpsc::channel();
    let failed = std::thread::spawn(move || {
        let (mut hand, paper, _) = hand();
        hand.carry_out(&key(Key::Shift, Press::Down));
        hand.carry_out(&button(Button::Left, Press::Down));
        let seen = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
            let _hand = hand;
            panic!("on purpose");
        }));
        assert!(seen.is_err());
        lines.send(paper.take()).unwrap();
    });
    failed.join().unwrap();
    let lines = written.recv().unwrap();
    assert_eq!(lines, ["Shift Down", "Left Down", "Left Up", "Shift Up"]);
}

#[test]
fn a_shortcut_is_pressed_and_released_as_one() {
    let (mut hand, paper, _) = hand();
    let modifiers = Modifiers::CONTROL.with(Modifiers::SHIFT);
    hand.carry_out(&InputEvent::Shortcut { modifiers, key: LogicalKey::Symbol('V') });
    assert_eq!(
        paper.take(),
        ["Control Down", "Shift Down", "v Down", "v Up", "Shift Up", "Control Up"]
    );
    hand.carry_out(&key(Key::Control, Press::Down));
    let modifiers = Modifiers::CONTROL;
    hand.carry_out(&InputEvent::Shortcut { modifiers, key: LogicalKey::Named(Key::Home) });
    assert_eq!(paper.take(), ["Control Down", "Home Down", "Home Up"], "it is held already");
}

#[test]
fn the_wheel_turns_in_notches_and_keeps_what_is_left() {
    let (mut hand, paper, _) = hand();
    for dy in [60, 60, -240, 30] {
        hand.carry_out(&InputEvent::Wheel { dx: 0, dy });
    }
    hand.carry_out(&InputEvent::Wheel { dx: 120, dy: 90 });
    assert_eq!(paper.take(), ["scroll 0 1", "scroll 0 -2", "scroll 1 1"]);
}

#[test]
fn what_waits_when_its_turn_is_over_is_not_carried_out() {
    let turn = std::sync::atomic::AtomicU64::new(7);
    let (commands, received) = std::sync::mpsc::channel();
    commands.send(Command::Inject(6, to(1))).unwrap();
    commands.send(Command::Inject(7, to(2))).unwrap();
    commands.send(Command::ReleaseAll).unwrap();
    drop(commands);
    let mut seen = Vec::new();
    let waiting = std::sync::atomic::AtomicUsize::new(2);
    carry_out(&received, &turn, &waiting, |event| seen.push(event.cloned()));
    assert_eq!(seen, [Some(to(2)), None]);
    assert_eq!(waiting.into_inner(), 0);
    assert_ne!(CLOSED, 1, "the first turn is not the closed one");
}

#[test]
fn a_long_text_stops_in_the_middle_when_its_turn_is_over() {
    let turn = std::sync::atomic::AtomicU64::new(7);
    let (commands, received) = std::sync::mpsc::channel();
    let text = Text::new(&"é".repeat(100)).unwrap();
    commands.send(Command::Inject(7, InputEvent::Text(text))).unwrap();
    drop(commands);
    let mut typed = Vec::new();
    carry_out(&received, &turn, &std::sync::atomic::AtomicUsize::new(1), |event| {
        let Some(InputEvent::Text(text)) = event else { panic!("{event:?}") };
        typed.push(text.as_str().chars().count());
        if typed.len() == 2 {
            turn.store(CLOSED, std::sync::atomic::Ordering::Release);
        }
    });
    assert_eq!(typed, [4, 4]);
}
