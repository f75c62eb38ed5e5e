//! What Control was told about the pointer.

use std::time::Duration;

use beckon_peer::{AgentMessage, PointerShape};
use tokio::sync::mpsc;

use crate::monitors::Monitors;

/// The place is told at most so often.
const EVERY: Duration = Duration::from_millis(16);

/// Tells each shape and each place once.
pub struct Pointer {
    tell: mpsc::Sender<Vec<u8>>,
    place: Option<(i32, i32)>,
    shape: Option<PointerShape>,
    due: Duration,
    /// Whether there was no room for the last place, or for the last shape.
    owes_place: bool,
    owes_shape: bool,
}

impl Pointer {
    /// Nothing was told yet.
    pub fn new(tell: mpsc::Sender<Vec<u8>>) -> Self {
        let (owes_place, owes_shape) = (false, false);
        Self { tell, place: None, shape: None, due: Duration::ZERO, owes_place, owes_shape }
    }

    /// Everything is told again.
    pub fn forget(&mut self) {
        self.shape = None;
        self.forget_place();
    }

    /// The place is told again: it is elsewhere on another monitor.
    pub fn forget_place(&mut self) {
        (self.place, self.due) = (None, Duration::ZERO);
    }

    /// When the place, and what did not fit, may be told.
    pub fn due(&self) -> Duration {
        self.due
    }

    /// Whether the place has to be told again because there was no room for it.
    pub fn owes_place(&self) -> bool {
        self.owes_place
    }

    /// The same of the shape.
    pub fn owes_shape(&self) -> bool {
        self.owes_shape
    }

    /// The pointer is there on the desktop.
    pub fn tell_place(&mut self, place: Option<(i32, i32)>, monitors: &Monitors, now: Duration) {
        self.due = now + EVERY;
        // What is only good to know does not fill the queue.
        let has_room = self.tell.capacity() * 2 > self.tell.max_capacity();
        self.owes_place = place != self.place && !has_room;
        if place != self.place && has_room {
            self.place = place;
            let shown = place.and_then(|place| monitors.find(place));
            self.owes_place = !self.say(&AgentMessage::Cursor(shown));
        }
    }

    /// The pointer looks like that.
    pub fn tell_shape(&mut self, shape: Option<PointerShape>, now: Duration) {
        self.owes_shape = false;
        if let Some(shape) = shape.filter(|shape| self.shape.as_ref() != Some(shape)) {
            if self.say(&AgentMessage::Pointer(shape.clone())) {
                self.shape = Some(shape);
            } else {
                (self.shape, self.owes_shape, self.due) = (None, true, now + EVERY);
            }
        }
    }

    /// Whether there was room for it.
    fn say(&self, message: &AgentMessage) -> bool {
        let sent = self.tell.try_send(message.to_bytes());
        if let Err(error) = &sent {
            tracing::debug!(%error, "Control is not told about the pointer");
        }
        sent.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(name: &str) -> PointerShape {
        let name = name.to_owned();
        PointerShape { name, hot: (0, 0), size: (1, 1), rgba: vec![0; 4] }
    }

    #[test]
    fn each_shape_and_place_is_told_once() {
        let (tell, mut told) = mpsc::channel(8);
        let mut pointer = Pointer::new(tell);
        let (monitors, now) = (Monitors::default(), Duration::from_secs(1));
        for name in ["arrow", "arrow", "hand"] {
            pointer.tell_shape(Some(shape(name)), now);
        }
        pointer.tell_shape(None, now);
        for place in [(1, 1), (1, 1), (2, 1)] {
            pointer.tell_place(Some(place), &monitors, now);
        }
        assert_eq!(pointer.due(), now + EVERY);
        let kinds: Vec<_> = std::iter::from_fn(|| told.try_recv().ok()).collect();
        assert_eq!(kinds.len(), 4);
        pointer.forget();
        pointer.tell_shape(Some(shape("hand")), now);
        assert!(told.try_recv().is_ok(), "on another connection it is told again");
    }

    #[test]
    fn places_leave_room_for_what_matters() {
        let (tell, mut told) = mpsc::channel(8);
        let mut pointer = Pointer::new(tell);
        for x in 0..100 {
            pointer.tell_place(Some((x, 0)), &Monitors::default(), Duration::ZERO);
        }
        assert_eq!(std::iter::from_fn(|| told.try_recv().ok()).count(), 4);
        assert!(pointer.owes_place(), "the last one comes later");
        pointer.tell_place(Some((99, 0)), &Monitors::default(), Duration::ZERO);
        assert!(told.try_recv().is_ok());
        assert!(!pointer.owes_place());
    }

    #[test]
    fn a_shape_that_does_not_fit_is_owed() {
        let (tell, mut told) = mpsc::channel(1);
        let (mut pointer, now) = (Pointer::new(tell), Duration::from_secs(1));
        pointer.tell_shape(Some(shape("arrow")), now);
        pointer.tell_shape(Some(shape("hand")), now);
        assert!(pointer.owes_shape());
        assert_eq!(pointer.due(), now + EVERY, "it is not tried without a pause");
        told.try_recv().unwrap();
        pointer.tell_shape(Some(shape("hand")), now);
        assert!(told.try_recv().is_ok());
        assert!(!pointer.owes_shape());
    }
}
