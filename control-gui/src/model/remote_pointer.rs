//! The pointer of the other computer.

use std::sync::Arc;
use std::time::Duration;

use beckon_peer::{Point, PointerShape};

/// From so long after the operator's last move on, the other pointer was moved by somebody else.
const QUIET: Duration = Duration::from_millis(400);

/// Where the pointer of the other computer is and what it looks like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemotePointer {
    /// What it looks like, once the agent said it.
    pub shape: Option<Arc<PointerShape>>,
    /// Where it is; nowhere while it is hidden.
    pub place: Option<Point>,
    /// Where the operator moved it last, and when; `None` once somebody else moved it.
    own: Option<(Point, Duration)>,
}

impl RemotePointer {
    /// Whether it is where it is because of the operator.
    pub fn follows(&self) -> bool {
        self.own.is_some()
    }

    /// The operator moved it to `to`.
    pub(crate) fn operator_moved(&mut self, to: Point, now: Duration) {
        self.own = Some((to, now));
    }

    /// The agent says where it is; a message to it and back takes `latency`.
    pub(crate) fn is_at(&mut self, place: Option<Point>, now: Duration, latency: Duration) {
        if place != self.place
            && let Some((point, at)) = self.own
            && now.saturating_sub(at) > QUIET + latency
            && place != Some(point)
        {
            self.own = None;
        }
        self.place = place;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(x: u32) -> Point {
        Point { monitor: 0, x, y: 0 }
    }

    #[test]
    fn a_pointer_that_moves_without_the_operator_is_somebody_elses() {
        let (start, latency) = (Duration::from_secs(9), Duration::from_millis(100));
        let later = |millis| start + Duration::from_millis(millis);
        let mut pointer = RemotePointer::default();
        assert!(!pointer.follows(), "the operator has not moved it yet");
        pointer.operator_moved(at(5), start);
        pointer.is_at(Some(at(3)), later(500), latency);
        assert!(pointer.follows(), "an echo of the operator's own hand");
        pointer.is_at(Some(at(5)), later(900), latency);
        assert!(pointer.follows(), "late, but where the operator wanted it");
        pointer.is_at(Some(at(6)), later(900), latency);
        assert!(!pointer.follows());
        pointer.operator_moved(at(6), later(901));
        assert!(pointer.follows());
        pointer.is_at(Some(at(6)), later(9_000), latency);
        assert!(pointer.follows(), "it has not moved");
    }
}
