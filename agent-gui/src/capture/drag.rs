//! What the user may be dragging.

use beckon_peer::screen::Shift;

/// Follows the pointer while a button is held: what it drags moves as it does.
#[derive(Clone, Copy, Debug, Default)]
pub struct Drag {
    /// Where the pointer was at the last picture, if a button was held.
    held_at: Option<(i32, i32)>,
}

impl Drag {
    /// At this picture the pointer is there; says how far it has moved since the last one, if a
    /// button was held all the time.
    pub fn shift(&mut self, at: (i32, i32), is_held: bool) -> Option<Shift> {
        let before = self.held_at.filter(|_| is_held);
        self.held_at = is_held.then_some(at);
        let shift = before.map(|before| Shift { dx: at.0 - before.0, dy: at.1 - before.1 });
        shift.filter(|shift| (shift.dx, shift.dy) != (0, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dragged_moves_as_the_pointer_does_while_a_button_is_held() {
        let mut drag = Drag::default();
        let steps = [
            ((5, 5), false, None),
            ((9, 9), true, None),
            ((12, 7), true, Some(Shift { dx: 3, dy: -2 })),
            ((12, 7), true, None),
            ((20, 7), false, None),
            ((30, 7), true, None),
        ];
        for (at, is_held, shift) in steps {
            assert_eq!(drag.shift(at, is_held), shift, "{at:?}");
        }
    }
}
