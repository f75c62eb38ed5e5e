//! From places in the window to places on the other screen.

use beckon_peer::{Button, InputEvent, Key, Modifiers, Point, Press};
use egui::{Event, MouseWheelUnit, PointerButton, Pos2, Rect, Vec2};

use crate::keys;

/// 1/120 of a notch, times this, is one notch.
const NOTCH: f32 = 120.0;
/// So many points of smooth scrolling are one notch.
const POINTS: f32 = 40.0;

/// Where the picture is in the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// The monitor that it shows.
    pub monitor: u32,
    /// Its size in pixels.
    pub size: [u32; 2],
    /// Its place in the window, in points.
    pub rect: Rect,
}

impl Placement {
    /// The pixel under `pos`, or the nearest one of the picture.
    pub fn pixel(&self, pos: Pos2) -> Point {
        let along = |offset: f32, length: f32, pixels: u32| {
            // Multiplied first, so that one point to one pixel is exact.
            let pixel = f64::from(offset.max(0.0)) * f64::from(pixels) / f64::from(length.max(1.0));
            #[expect(clippy::cast_possible_truncation, reason = "between 0 and a u32")]
            #[expect(clippy::cast_sign_loss, reason = "between 0 and a u32")]
            let pixel = pixel.min(f64::from(u32::MAX)) as u32;
            pixel.min(pixels.saturating_sub(1))
        };
        let offset = pos - self.rect.min;
        let [width, height] = self.size;
        Point {
            monitor: self.monitor,
            x: along(offset.x, self.rect.width(), width),
            y: along(offset.y, self.rect.height(), height),
        }
    }
}

/// What the mouse does over the picture.
#[derive(Debug, Default)]
pub struct Pointer {
    /// INVARIANT: the buttons for which Down was sent and Up was not.
    down: Vec<Button>,
    /// INVARIANT: the modifier keys for which Down was sent and Up was not.
    held: Vec<Key>,
}

impl Pointer {
    /// What `events`, in their order, mean for the picture at `placement`. Only what begins over
    /// the picture counts.
    pub fn moved(&mut self, events: &[Event], placement: &Placement) -> Vec<InputEvent> {
        let mut out = Vec::new();
        for event in events {
            match event {
                Event::PointerMoved(pos)
                    if placement.rect.contains(*pos) || !self.down.is_empty() =>
                {
                    out.push(InputEvent::PointerMove(placement.pixel(*pos)));
                }
                Event::PointerButton { pos, button, pressed, modifiers } => {
                    let at = InputEvent::PointerMove(placement.pixel(*pos));
                    let button = named(*button);
                    if *pressed && placement.rect.contains(*pos) {
                        out.push(at);
                        self.press(button, keys::held(*modifiers), &mut out);
                    } else if !*pressed && self.down.contains(&button) {
                        out.push(at);
                        self.let_go(button, &mut out);
                    }
                }
                Event::MouseWheel { unit, delta, modifiers, .. } => {
                    if let Some(turned) = turned(*unit, *delta) {
                        // They stay down for the turns that follow, which so become one.
                        self.hold(keys::held(*modifiers), &mut out);
                        out.push(turned);
                    }
                }
                Event::PointerMoved(_)
                | Event::PointerGone
                | Event::WindowFocused(_)
                | Event::ModifiersChanged(_)
                | Event::Text(_)
                | Event::Ime(_)
                | Event::Key { repeat: false, .. } => out.extend(self.stop_holding()),
                _ => {}
            }
        }
        out
    }

    /// Lets go of the modifiers that are held for a button or the wheel, unless a button is down:
    /// the pointer is somewhere else now, or something else is done.
    pub fn stop_holding(&mut self) -> Vec<InputEvent> {
        if self.is_dragging() {
            return Vec::new();
        }
        let held = self.held.drain(..).rev();
        held.map(|key| InputEvent::Key { key, press: Press::Up }).collect()
    }

    /// Whether a button is held that was pressed over the picture.
    pub fn is_dragging(&self) -> bool {
        !self.down.is_empty()
    }

    /// Forgets what is held; whoever calls this says [`InputEvent::ReleaseAll`].
    pub fn release(&mut self) {
        *self = Self::default();
    }

    fn press(&mut self, button: Button, modifiers: Modifiers, out: &mut Vec<InputEvent>) {
        self.hold(modifiers, out);
        self.down.push(button);
        out.push(InputEvent::Button { button, press: Press::Down });
    }

    fn hold(&mut self, modifiers: Modifiers, out: &mut Vec<InputEvent>) {
        for (modifier, key) in [
            (Modifiers::SHIFT, Key::Shift),
            (Modifiers::CONTROL, Key::Control),
            (Modifiers::ALT, Key::Alt),
        ] {
            if modifiers.contains(modifier) && !self.held.contains(&key) {
                self.held.push(key);
                out.push(InputEvent::Key { key, press: Press::Down });
            }
        }
    }

    fn let_go(&mut self, button: Button, out: &mut Vec<InputEvent>) {
        self.down.retain(|down| *down != button);
        out.push(InputEvent::Button { button, press: Press::Up });
        out.extend(self.stop_holding());
    }
}

fn named(button: PointerButton) -> Button {
    match button {
        PointerButton::Primary => Button::Left,
        PointerButton::Secondary => Button::Right,
        PointerButton::Middle => Button::Middle,
        PointerButton::Extra1 => Button::Back,
        PointerButton::Extra2 => Button::Forward,
    }
}

/// egui says where the content goes, the wheel says where to look: the other way round.
fn turned(unit: MouseWheelUnit, delta: Vec2) -> Option<InputEvent> {
    let notches = match unit {
        MouseWheelUnit::Line => delta,
        MouseWheelUnit::Point => delta / POINTS,
        MouseWheelUnit::Page => delta * 10.0,
    };
    let turn = |notches: f32| {
        #[expect(clippy::cast_possible_truncation, reason = "clamped")]
        let turn = (-notches * NOTCH).clamp(-12_000.0, 12_000.0).round() as i32;
        turn
    };
    let (dx, dy) = (turn(notches.x), turn(notches.y));
    (dx != 0 || dy != 0).then_some(InputEvent::Wheel { dx, dy })
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{pos2, vec2};

    fn placement() -> Placement {
        let rect = Rect::from_min_size(pos2(100.0, 50.0), vec2(200.0, 100.0));
        Placement { monitor: 7, size: [400, 200], rect }
    }

    fn at(x: u32, y: u32) -> InputEvent {
        InputEvent::PointerMove(Point { monitor: 7, x, y })
    }

    fn button(pos: Pos2, pressed: bool, modifiers: egui::Modifiers) -> Event {
        Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers }
    }

    #[test]
    fn places_are_physical_pixels_of_the_monitor() {
        let placement = placement();
        for (pos, x, y) in [
            (pos2(100.0, 50.0), 0, 0),
            (pos2(100.5, 50.5), 1, 1),
            (pos2(299.9, 149.9), 399, 199),
            (pos2(0.0, 1_000.0), 0, 199),
        ] {
            assert_eq!(placement.pixel(pos), Point { monitor: 7, x, y }, "{pos:?}");
        }
    }

    #[test]
    fn a_drag_goes_on_outside_of_the_picture_and_nothing_begins_there() {
        let (mut pointer, none) = (Pointer::default(), egui::Modifiers::NONE);
        let (inside, outside) = (pos2(150.0, 100.0), pos2(10.0, 10.0));
        let begun_outside = [button(outside, true, none), button(outside, false, none)];
        assert_eq!(pointer.moved(&begun_outside, &placement()), vec![]);
        let dragged = [
            button(inside, true, none),
            Event::PointerMoved(pos2(120.0, 60.0)),
            Event::PointerMoved(outside),
            button(outside, false, none),
        ];
        let left = |press| InputEvent::Button { button: Button::Left, press };
        assert_eq!(
            pointer.moved(&dragged, &placement()),
            vec![at(100, 100), left(Press::Down), at(40, 20), at(0, 0), at(0, 0), left(Press::Up)]
        );
    }

    #[test]
    fn a_click_with_ctrl_holds_ctrl_there_for_as_long() {
        let mut pointer = Pointer::default();
        let (pos, ctrl) = (pos2(100.0, 50.0), egui::Modifiers::CTRL);
        let control = |press| InputEvent::Key { key: Key::Control, press };
        let left = |press| InputEvent::Button { button: Button::Left, press };
        assert_eq!(
            pointer.moved(&[button(pos, true, ctrl), button(pos, false, ctrl)], &placement()),
            vec![
                at(0, 0),
                control(Press::Down),
                left(Press::Down),
                at(0, 0),
                left(Press::Up),
                control(Press::Up)
            ]
        );
    }

    #[test]
    fn the_wheel_with_ctrl_holds_ctrl_there_until_something_else_is_done() {
        let (pos, ctrl) = (pos2(100.0, 50.0), egui::Modifiers::CTRL);
        let wheel = |modifiers| Event::MouseWheel {
            unit: MouseWheelUnit::Line,
            delta: vec2(0.0, -1.0),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers,
        };
        let key = |key, pressed, modifiers| Event::Key {
            key,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers,
        };
        let none = egui::Modifiers::NONE;
        let turned = InputEvent::Wheel { dx: 0, dy: 120 };
        let control = |press| InputEvent::Key { key: Key::Control, press };
        for ends in [
            Event::ModifiersChanged(none),
            key(egui::Key::ControlLeft, false, none),
            key(egui::Key::C, true, ctrl),
            Event::Text("a".to_owned()),
            Event::PointerMoved(pos2(10.0, 10.0)),
            Event::PointerGone,
        ] {
            let mut pointer = Pointer::default();
            let events =
                [wheel(ctrl), Event::PointerMoved(pos), wheel(ctrl), ends.clone(), wheel(none)];
            let done = pointer.moved(&events, &placement());
            let expected = [
                control(Press::Down),
                turned.clone(),
                at(0, 0),
                turned.clone(),
                control(Press::Up),
                turned.clone(),
            ];
            assert_eq!(done, expected, "{ends:?}");
        }
        let mut pointer = Pointer::default();
        let shift = egui::Modifiers::SHIFT;
        let events = [
            button(pos, true, ctrl),
            wheel(shift),
            Event::ModifiersChanged(none),
            button(pos, false, none),
        ];
        let done = pointer.moved(&events, &placement());
        let ups = [Key::Shift, Key::Control].map(|key| InputEvent::Key { key, press: Press::Up });
        assert!(done.ends_with(&ups), "all comes up after the button: {done:?}");
        assert_eq!(done.len(), 9, "and nothing before: {done:?}");
    }

    #[test]
    fn the_wheel_turned_down_is_positive() {
        assert_eq!(
            turned(MouseWheelUnit::Line, vec2(0.0, -1.0)),
            Some(InputEvent::Wheel { dx: 0, dy: 120 })
        );
        assert_eq!(
            turned(MouseWheelUnit::Point, vec2(20.0, 0.0)),
            Some(InputEvent::Wheel { dx: -60, dy: 0 })
        );
        assert_eq!(turned(MouseWheelUnit::Line, vec2(0.0, 0.0)), None);
    }
}
