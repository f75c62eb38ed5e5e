//! How far the agent may run ahead of Control.

/// At most three updates are on their way; until one is acknowledged nothing is even captured,
/// so that what is sent next is the newest. Made anew together with its
/// [`Encoder`](super::Encoder).
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    sent: u32,
    acknowledged: u32,
}

/// Control acknowledged what was never sent, or less than before: it is not to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("update {update} was acknowledged, but {acknowledged} to {sent} are on their way")]
pub struct PaceError {
    /// What was acknowledged now.
    pub update: u32,
    /// The last one acknowledged before.
    pub acknowledged: u32,
    /// The last one sent.
    pub sent: u32,
}

impl Pace {
    /// The most updates on their way.
    pub const AHEAD: u32 = 3;

    /// Nothing was sent yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the next update may be captured and sent.
    pub fn may_send(&self) -> bool {
        self.sent.wrapping_sub(self.acknowledged) < Self::AHEAD
    }

    /// Update `number` was sent; numbers rise by one from 1.
    pub fn sent(&mut self, number: u32) {
        self.sent = number;
    }

    /// Control has decoded `update` and all before it.
    pub fn acknowledged(&mut self, update: u32) -> Result<(), PaceError> {
        let ahead = self.sent.wrapping_sub(self.acknowledged);
        let step = update.wrapping_sub(self.acknowledged);
        if step == 0 || step > ahead {
            let Self { sent, acknowledged } = *self;
            return Err(PaceError { update, acknowledged, sent });
        }
        self.acknowledged = update;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_updates_may_be_on_their_way() {
        let mut pace = Pace::new();
        for number in 1..=3 {
            assert!(pace.may_send());
            pace.sent(number);
        }
        assert!(!pace.may_send());
        pace.acknowledged(1).unwrap();
        assert!(pace.may_send());
        pace.sent(4);
        assert!(!pace.may_send());
        pace.acknowledged(4).unwrap();
        assert!(pace.may_send());
    }

    #[test]
    fn nobody_acknowledges_what_was_not_sent_or_already_is() {
        let mut pace = Pace::new();
        assert!(pace.acknowledged(1).is_err());
        pace.sent(1);
        assert!(pace.acknowledged(2).is_err());
        pace.acknowledged(1).unwrap();
        let again = pace.acknowledged(1);
        assert_eq!(again, Err(PaceError { update: 1, acknowledged: 1, sent: 1 }));
    }
}
