use std::cell::RefCell;
use std::rc::Rc;

use beckon_peer::{
    Button, InputEvent, Key, KeyCode, LogicalKey, Modifiers, Monitor, Point, Press, Text,
};

use super::hand::{Hand, Injector, LOOK};
use super::{Command, Turn, carry_out};
use crate::monitors::Monitors;
use crate::own_window::Surroundings;

/// Writes down what is done.
#[derive(Clone, Default)]
struct Paper {
    lines: Rc<RefCell<Vec<String>>>,
    place: Rc<RefCell<Option<(i32, i32)>>>,
    /// Happens after each character of a text.
    between: Rc<RefCell<Option<Happens>>>,
}

type Happens = Box<dyn Fn(char)>;

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
    fn text(&mut self, text: &str, goes_on: &dyn Fn() -> bool) -> Result<(), String> {
        let mut written = String::new();
        for character in text.chars().take_while(|_| goes_on()) {
            written.push(character);
            if let Some(between) = &*self.between.borrow() {
                between(character);
            }
        }
        self.write(format!("text {written}"));
        Ok(())
    }
    fn key(&mut self, key: Key, press: Press) -> Result<(), String> {
        self.write(format!("{key:?} {press:?}"));
        Ok(())
    }
    fn symbol(
        &mut self,
        symbol: char,
        press: Press,
        _goes_on: &dyn Fn() -> bool,
    ) -> Result<(), String> {
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
    monitors.show(1);
    let (paper, desk) = (Paper::default(), Desk::default());
    (Hand::new(paper.clone(), desk.clone(), monitors), paper, desk)
}

fn always() -> bool {
    true
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
    hand.carry_out(&to(99), &always);
    hand.carry_out(&to(100), &always);
    assert_eq!(paper.take(), ["move (109, 20)"], "outside of the monitor nothing happens");
}

#[test]
fn nothing_touches_the_own_window_but_what_was_pressed_elsewhere_is_released() {
    let (mut hand, paper, desk) = hand();
    hand.carry_out(&to(39), &always);
    assert_eq!(paper.take(), [""; 0]);
    hand.carry_out(&to(40), &always);
    hand.carry_out(&button(Button::Left, Press::Down), &always);
    *paper.place.borrow_mut() = Some((0, 0));
    hand.carry_out(&button(Button::Right, Press::Down), &always);
    hand.carry_out(&InputEvent::Wheel { dx: 0, dy: 120 }, &always);
    hand.carry_out(&button(Button::Left, Press::Up), &always);
    hand.carry_out(&button(Button::Right, Press::Up), &always);
    assert_eq!(paper.take(), ["move (50, 20)", "Left Down", "Left Up"]);
    hand.carry_out(&key(Key::Shift, Press::Down), &always);
    *desk.focused.borrow_mut() = true;
    hand.carry_out(&key(Key::Enter, Press::Down), &always);
    hand.carry_out(&InputEvent::Text(Text::new("x").unwrap()), &always);
    let shortcut =
        InputEvent::Shortcut { modifiers: Modifiers::CONTROL, key: LogicalKey::Symbol('v') };
    hand.carry_out(&shortcut, &always);
    hand.carry_out(&key(Key::Shift, Press::Up), &always);
    assert_eq!(paper.take(), ["Shift Down", "Shift Up"]);
}

#[test]
fn everything_that_is_held_is_released_once_also_when_the_hand_goes() {
    let (mut hand, paper, _) = hand();
    hand.carry_out(&key(Key::Shift, Press::Down), &always);
    hand.carry_out(&key(Key::Shift, Press::Down), &always);
    hand.carry_out(&button(Button::Left, Press::Down), &always);
    hand.carry_out(&InputEvent::ReleaseAll, &always);
    hand.carry_out(&key(Key::Shift, Press::Up), &always);
    assert_eq!(paper.take(), ["Shift Down", "Left Down", "Left Up", "Shift Up"]);
    hand.carry_out(&key(Key::Alt, Press::Down), &always);
    drop(hand);
    assert_eq!(paper.take(), ["Alt Down", "Alt Up"]);
}

#[test]
fn a_key_by_its_place_is_held_and_released_like_one_by_its_name() {
    let (mut hand, paper, desk) = hand();
    let physical = |code, press| InputEvent::Physical { code: KeyCode::new(code).unwrap(), press };
    hand.carry_out(&physical(97, Press::Down), &always);
    hand.carry_out(&physical(97, Press::Down), &always);
    let key = LogicalKey::Symbol('c');
    hand.carry_out(&InputEvent::Shortcut { modifiers: Modifiers::CONTROL, key }, &always);
    *desk.focused.borrow_mut() = true;
    hand.carry_out(&physical(30, Press::Down), &always);
    hand.carry_out(&physical(30, Press::Up), &always);
    hand.carry_out(&physical(97, Press::Up), &always);
    let done = ["#97 Down", "c Down", "c Up", "#97 Up"];
    assert_eq!(paper.take(), done, "Ctrl is held already, the agent's own window gets nothing");
    *desk.focused.borrow_mut() = false;
    hand.carry_out(&physical(125, Press::Down), &always);
    hand.carry_out(&InputEvent::ReleaseAll, &always);
    hand.carry_out(&physical(57, Press::Down), &always);
    drop(hand);
    assert_eq!(paper.take(), ["#125 Down", "#125 Up", "#57 Down", "#57 Up"]);
}

#[test]
fn nothing_stays_pressed_when_the_thread_fails() {
    let (lines, written) = std::sync::mpsc::channel();
    let failed = std::thread::spawn(move || {
        let (mut hand, paper, _) = hand();
        hand.carry_out(&key(Key::Shift, Press::Down), &always);
        hand.carry_out(&button(Button::Left, Press::Down), &always);
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
    hand.carry_out(&InputEvent::Shortcut { modifiers, key: LogicalKey::Symbol('V') }, &always);
    assert_eq!(
        paper.take(),
        ["Control Down", "Shift Down", "v Down", "v Up", "Shift Up", "Control Up"]
    );
    hand.carry_out(&key(Key::Control, Press::Down), &always);
    let modifiers = Modifiers::CONTROL;
    hand.carry_out(&InputEvent::Shortcut { modifiers, key: LogicalKey::Named(Key::Home) }, &always);
    assert_eq!(paper.take(), ["Control Down", "Home Down", "Home Up"], "it is held already");
}

#[test]
fn the_wheel_turns_in_notches_and_keeps_what_is_left() {
    let (mut hand, paper, _) = hand();
    for dy in [60, 60, -240, 30] {
        hand.carry_out(&InputEvent::Wheel { dx: 0, dy }, &always);
    }
    hand.carry_out(&InputEvent::Wheel { dx: 120, dy: 90 }, &always);
    assert_eq!(paper.take(), ["scroll 0 1", "scroll 0 -2", "scroll 1 1"]);
}

#[test]
fn a_window_of_the_agent_that_takes_the_keyboard_gets_nothing_of_a_text() {
    let (mut hand, paper, desk) = hand();
    let focused = Rc::clone(&desk.focused);
    *paper.between.borrow_mut() = Some(Box::new(move |character| {
        if character == 'c' {
            *focused.borrow_mut() = true;
            std::thread::sleep(LOOK);
        }
    }));
    hand.carry_out(&InputEvent::Text(Text::new("abcdef").unwrap()), &always);
    assert_eq!(paper.take(), ["text abc"]);
}

#[test]
fn what_waits_when_its_turn_is_over_is_not_carried_out() {
    let turn = Turn::default();
    turn.end();
    let (commands, received) = std::sync::mpsc::channel();
    commands.send(Command::Inject(0, to(1))).unwrap();
    commands.send(Command::Inject(1, to(2))).unwrap();
    commands.send(Command::ReleaseAll).unwrap();
    drop(commands);
    let mut seen = Vec::new();
    let waiting = std::sync::atomic::AtomicUsize::new(2);
    carry_out(&received, &turn, &waiting, |event, _| seen.push(event.cloned()));
    assert_eq!(seen, [Some(to(2)), None]);
    assert_eq!(waiting.into_inner(), 0);
}

#[test]
fn a_text_stops_at_the_character_at_which_its_turn_is_over() {
    let turn = Turn::default();
    let (commands, received) = std::sync::mpsc::channel();
    let text = Text::new("a text of two pieces").unwrap();
    commands.send(Command::Inject(0, InputEvent::Text(text))).unwrap();
    drop(commands);
    let (mut hand, paper, _) = hand();
    let over = turn.clone();
    *paper.between.borrow_mut() = Some(Box::new(move |character| {
        if character == 'x' {
            over.end();
        }
    }));
    let waiting = std::sync::atomic::AtomicUsize::new(1);
    carry_out(&received, &turn, &waiting, |event, goes_on| {
        hand.carry_out(event.unwrap(), goes_on);
    });
    assert_eq!(paper.take(), ["text a tex"]);
}
