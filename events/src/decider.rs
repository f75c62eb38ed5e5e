//! The shape of every decision.

/// A pure core that decides: commands in, events out, state folded from events.
pub trait Decider: Default + Sized {
    /// What is asked for, in the imperative.
    type Command;
    /// What happened, in the past tense.
    type Event;
    /// The rule that forbids a command; nothing is recorded.
    type Rejection;

    /// Decides a command against the current state.
    fn decide(&self, command: Self::Command) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// Folds one event into the state. Never refuses: what is recorded has happened.
    #[must_use]
    fn evolve(self, event: &Self::Event) -> Self;
}

/// Folds a whole history into a state.
pub fn replay<'a, D: Decider>(events: impl IntoIterator<Item = &'a D::Event>) -> D
where
    D::Event: 'a,
{
    events.into_iter().fold(D::default(), D::evolve)
}
