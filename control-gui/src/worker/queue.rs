//! What waits to be sent, in its order.

use std::collections::VecDeque;
use std::time::Duration;

use beckon_peer::{ControlMessage, InputEvent};

/// So many messages wait at most.
const MOST: usize = 1_024;
/// Between two moves of the pointer: 125 a second are as smooth as a mouse.
const PAUSE: Duration = Duration::from_millis(8);
/// So many moves may be on their way, so that a slow link is not full of them.
const ON_THE_WAY: u64 = 64;
/// After so many moves the agent is asked whether it has them.
const ASK_AFTER: u64 = 16;
/// Without an answer for so long a move goes out all the same.
const AT_LEAST: Duration = Duration::from_millis(250);

/// Messages to the agent. Nothing overtakes anything; of several moves of the pointer in a row
/// only the newest waits.
#[derive(Default)]
pub struct Queue {
    messages: VecDeque<ControlMessage>,
    closed: bool,
    /// How many moves were sent, and how many of them have arrived for certain.
    moves: u64,
    arrived: u64,
    /// The pings that are not answered: their nonces, and how many moves were sent before.
    asked: VecDeque<(u64, u64)>,
    last_move: Option<Duration>,
}

/// What comes next.
#[derive(Debug, PartialEq)]
pub enum Next {
    /// This message, now.
    Message(ControlMessage),
    /// Something, but not before this time has passed.
    In(Duration),
    /// Nothing waits.
    Nothing,
    /// Nothing waits and nothing will.
    Closed,
}

impl Queue {
    /// Queues `message`; false where too much waits.
    pub fn push(&mut self, message: ControlMessage) -> bool {
        if self.closed {
            return true;
        }
        if let Some(last) = self.messages.back_mut()
            && let Some(both) = joined(last, &message)
        {
            *last = both;
            return true;
        }
        let fits = self.messages.len() < MOST;
        if fits {
            self.messages.push_back(message);
        }
        fits
    }

    /// Takes nothing more.
    pub fn close(&mut self) {
        self.closed = true;
    }

    /// The next message at `now` (since the computer was started).
    pub fn next(&mut self, now: Duration) -> Next {
        // A click after a move never waits for it.
        let holds = self.messages.len() == 1
            && !self.closed
            && self.messages.front().is_some_and(is_passing);
        let left = if holds { self.left(now) } else { Duration::ZERO };
        if left > Duration::ZERO {
            return Next::In(left);
        }
        match (self.messages.pop_front(), self.closed) {
            (Some(message), _) => Next::Message(message),
            (None, true) => Next::Closed,
            (None, false) => Next::Nothing,
        }
    }

    /// `message` was sent; says whether a ping is due.
    pub fn sent(&mut self, message: &ControlMessage, now: Duration) -> bool {
        if let ControlMessage::Ping { nonce } = message {
            self.asked.push_back((*nonce, self.moves));
            // More are never of use.
            self.asked.truncate(MOST);
        }
        if is_passing(message) {
            self.moves += 1;
            self.last_move = Some(now);
        }
        let asked = self.asked.back().map_or(self.arrived, |(_, moves)| *moves);
        self.moves - asked.max(self.arrived) >= ASK_AFTER
    }

    /// The ping with `nonce` was answered, so what was sent before it has arrived.
    pub fn answered(&mut self, nonce: u64) {
        if let Some(at) = self.asked.iter().position(|(asked, _)| *asked == nonce) {
            let before = self.asked.drain(..=at).map(|(_, moves)| moves).max();
            self.arrived = self.arrived.max(before.unwrap_or(0));
        }
    }

    /// How long a move has to wait.
    fn left(&self, now: Duration) -> Duration {
        let full = self.moves - self.arrived >= ON_THE_WAY;
        let pause = if full { AT_LEAST } else { PAUSE };
        self.last_move.map_or(Duration::ZERO, |last| (last + pause).saturating_sub(now))
    }
}

/// Whether a newer message of the same kind takes its place.
pub fn is_passing(message: &ControlMessage) -> bool {
    matches!(message, ControlMessage::Input(InputEvent::PointerMove(_) | InputEvent::Wheel { .. }))
}

/// One message for two in a row, where that is the same.
fn joined(first: &ControlMessage, second: &ControlMessage) -> Option<ControlMessage> {
    /// The farthest turn in one event.
    const FARTHEST: i32 = 12_000;
    let (ControlMessage::Input(first), ControlMessage::Input(second)) = (first, second) else {
        return None;
    };
    let event = match (first, second) {
        (InputEvent::PointerMove(_), InputEvent::PointerMove(to)) => InputEvent::PointerMove(*to),
        (InputEvent::Wheel { dx: x, dy: y }, InputEvent::Wheel { dx, dy }) => {
            let (dx, dy) = (x.saturating_add(*dx), y.saturating_add(*dy));
            if dx.abs() > FARTHEST || dy.abs() > FARTHEST {
                return None;
            }
            InputEvent::Wheel { dx, dy }
        }
        _ => return None,
    };
    Some(ControlMessage::Input(event))
}

#[cfg(test)]
mod tests {
    use super::*;
    use beckon_peer::{Button, Point, Press};

    const NOW: Duration = Duration::from_secs(100);

    fn to(x: u32) -> ControlMessage {
        ControlMessage::Input(InputEvent::PointerMove(Point { monitor: 0, x, y: 1 }))
    }

    fn wheel(dy: i32) -> ControlMessage {
        ControlMessage::Input(InputEvent::Wheel { dx: 0, dy })
    }

    fn click(press: Press) -> ControlMessage {
        ControlMessage::Input(InputEvent::Button { button: Button::Left, press })
    }

    fn all(queue: &mut Queue, now: Duration) -> Vec<ControlMessage> {
        let next = || match queue.next(now) {
            Next::Message(message) => Some(message),
            _ => None,
        };
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn moves_are_replaced_turns_are_added_and_neither_passes_a_click() {
        let mut queue = Queue::default();
        let done = [
            to(1),
            to(2),
            click(Press::Down),
            to(3),
            to(4),
            click(Press::Up),
            wheel(60),
            wheel(-180),
            to(5),
        ];
        assert!(done.into_iter().all(|message| queue.push(message)));
        let left = [to(2), click(Press::Down), to(4), click(Press::Up), wheel(-120), to(5)];
        assert_eq!(all(&mut queue, NOW), left);
    }

    #[test]
    fn moves_go_out_at_most_125_times_a_second_and_a_click_at_once() {
        let mut queue = Queue::default();
        queue.sent(&to(1), NOW);
        queue.push(to(2));
        let soon = NOW + Duration::from_millis(3);
        assert_eq!(queue.next(soon), Next::In(Duration::from_millis(5)));
        queue.push(to(3));
        queue.push(click(Press::Down));
        assert_eq!(all(&mut queue, soon), [to(3), click(Press::Down)]);
        queue.push(to(4));
        assert_eq!(all(&mut queue, NOW + PAUSE), [to(4)]);
    }

    #[test]
    fn a_link_that_does_not_take_them_is_not_filled_with_moves() {
        let mut queue = Queue::default();
        let mut pings = 0;
        let mut sent = 0;
        let mut now = NOW;
        // Ten seconds without an answer.
        while now < NOW + Duration::from_secs(10) {
            queue.push(to(sent));
            if let Next::Message(message) = queue.next(now) {
                sent += 1;
                if queue.sent(&message, now) {
                    pings += 1;
                    queue.sent(&ControlMessage::Ping { nonce: pings }, now);
                }
            }
            now += Duration::from_millis(4);
        }
        assert_eq!(pings, u64::from(sent) / ASK_AFTER);
        assert!((95..110).contains(&sent), "64 at once and then 4 a second: {sent}");
        queue.answered(pings);
        queue.push(to(sent));
        assert!(queue.left(now) <= PAUSE, "and on it goes");
    }

    #[test]
    fn a_queue_that_is_full_says_so_and_a_closed_one_takes_nothing() {
        let mut queue = Queue::default();
        assert!((0..MOST).all(|_| queue.push(ControlMessage::RequestFullPicture)));
        assert!(!queue.push(ControlMessage::RequestFullPicture));
        queue.close();
        queue.push(click(Press::Up));
        assert_eq!(all(&mut queue, NOW).len(), MOST);
        assert_eq!(queue.next(NOW), Next::Closed);
    }
}
