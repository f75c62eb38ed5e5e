//! How pictures of a monitor are got.

use std::time::Duration;

use crate::capture::CaptureError;

/// A duplication that has ended is back within so long, most often: the size of the picture has
/// changed, or the user has answered a question.
const PATIENCE: Duration = Duration::from_secs(1);
/// A duplication that was refused is tried again after so long.
const AGAIN: Duration = Duration::from_secs(10);

/// What a call to the duplication came to, where that is no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing new within the time.
    Nothing,
    /// Windows has taken the picture away: another desktop, another size, another driver.
    Lost,
    /// The graphics card is gone or was started anew.
    DeviceGone,
    /// This program may not, now.
    Denied,
    /// This system never will.
    Unsupported,
    /// Something else.
    Other(i32),
}

/// The way to the next picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The duplication that there is.
    Duplication,
    /// A new duplication, if it can be had.
    Anew,
    /// Stills.
    Stills,
}

/// From one way to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course(State);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    Open,
    /// There was a duplication until then.
    Lost(Duration),
    /// Until then, or for ever.
    Stills(Option<Duration>),
}

impl Refusal {
    /// That of an `HRESULT`.
    pub fn of(code: i32) -> Self {
        match code.cast_unsigned() {
            0x887A_0027 => Self::Nothing,
            // Also a call that is not allowed now: the duplication is no longer what it was.
            0x887A_0026 | 0x887A_0001 => Self::Lost,
            0x887A_0005..=0x887A_0007 | 0x887A_0020 => Self::DeviceGone,
            0x8007_0005 | 0x887A_002B => Self::Denied,
            // Not known, not implemented, no such interface.
            0x887A_0004 | 0x8000_4001 | 0x8000_4002 => Self::Unsupported,
            _ => Self::Other(code),
        }
    }
}

impl Course {
    /// Nothing was tried yet.
    pub fn new() -> Self {
        Self(State::New)
    }

    /// The way to the next picture.
    pub fn way(self, now: Duration) -> Way {
        match self.0 {
            State::Open => Way::Duplication,
            State::New | State::Lost(_) => Way::Anew,
            State::Stills(again) if again.is_some_and(|again| now >= again) => Way::Anew,
            State::Stills(_) => Way::Stills,
        }
    }

    /// There is a duplication.
    pub fn opened(&mut self) {
        self.0 = State::Open;
    }

    /// There is no duplication to be had, while Windows shows its user alone what `hidden` says.
    /// Without an error it is stills from now on.
    pub fn refused(
        &mut self,
        refusal: Refusal,
        hidden: Option<CaptureError>,
        now: Duration,
    ) -> Result<(), CaptureError> {
        if let Some(hidden) = hidden {
            self.0 = State::Lost(now);
            return Err(hidden);
        }
        self.0 = match (refusal, self.0) {
            (Refusal::Unsupported, _) => State::Stills(None),
            (_, State::Lost(since)) if now.saturating_sub(since) < PATIENCE => {
                return Err(CaptureError::Changed);
            }
            _ => State::Stills(Some(now + AGAIN)),
        };
        Ok(())
    }

    /// There are other monitors than when it was refused.
    pub fn begin_again(&mut self) {
        if let State::Stills(_) = self.0 {
            self.0 = State::New;
        }
    }

    /// The duplication has ended, while Windows shows its user alone what `hidden` says.
    pub fn ended(&mut self, hidden: Option<CaptureError>, now: Duration) -> CaptureError {
        self.0 = State::Lost(now);
        hidden.unwrap_or(CaptureError::Changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn codes_are_those_of_dxgi() {
        let codes = [
            (0x887A_0027, Refusal::Nothing),
            (0x887A_0026, Refusal::Lost),
            (0x887A_0005, Refusal::DeviceGone),
            (0x887A_0006, Refusal::DeviceGone),
            (0x887A_0007, Refusal::DeviceGone),
            (0x8007_0005, Refusal::Denied),
            (0x887A_0004, Refusal::Unsupported),
            (0x8000_4001, Refusal::Unsupported),
        ];
        for (code, refusal) in codes {
            assert_eq!(Refusal::of(u32::cast_signed(code)), refusal, "{code:x}");
        }
        let busy = u32::cast_signed(0x887A_0022);
        assert_eq!(Refusal::of(busy), Refusal::Other(busy));
    }

    #[test]
    fn a_system_that_cannot_duplicate_gives_stills_from_the_first_picture_on() {
        let mut course = Course::new();
        assert_eq!(course.way(ms(0)), Way::Anew);
        assert_eq!(course.refused(Refusal::Unsupported, None, ms(0)), Ok(()));
        for later in [0, 5_000, 5_000_000] {
            assert_eq!(course.way(ms(later)), Way::Stills);
        }
        course.begin_again();
        assert_eq!(course.way(ms(5_000_000)), Way::Anew, "another mode may be another matter");
        course.opened();
        course.begin_again();
        assert_eq!(course.way(ms(5_000_000)), Way::Duplication);
    }

    #[test]
    fn what_is_refused_at_the_start_gives_stills_and_is_tried_again_later() {
        for refusal in [Refusal::Denied, Refusal::Nothing, Refusal::Other(7), Refusal::DeviceGone] {
            let mut course = Course::new();
            assert_eq!(course.refused(refusal, None, ms(0)), Ok(()));
            assert_eq!(course.way(ms(9_999)), Way::Stills);
            assert_eq!(course.way(ms(10_000)), Way::Anew);
            assert_eq!(course.refused(refusal, None, ms(10_000)), Ok(()));
            assert_eq!(course.way(ms(10_001)), Way::Stills);
            course.opened();
            assert_eq!(course.way(ms(99_999)), Way::Duplication);
        }
    }

    #[test]
    fn another_size_ends_the_duplication_and_it_is_tried_anew_for_a_second() {
        let mut course = Course::new();
        course.opened();
        assert_eq!(course.ended(None, ms(100)), CaptureError::Changed, "list the monitors again");
        assert_eq!(course.way(ms(100)), Way::Anew);
        assert_eq!(course.refused(Refusal::Denied, None, ms(110)), Err(CaptureError::Changed));
        assert_eq!(course.way(ms(1_099)), Way::Anew);
        let mut late = course;
        course.opened();
        assert_eq!(course.way(ms(1_100)), Way::Duplication);
        assert_eq!(late.refused(Refusal::Denied, None, ms(1_100)), Ok(()), "then stills");
        assert_eq!(late.way(ms(1_100)), Way::Stills);
    }

    #[test]
    fn a_question_of_the_system_is_told_however_long_it_takes_and_then_it_goes_on() {
        let mut course = Course::new();
        course.opened();
        let asked = || Some(CaptureError::SecurityPrompt);
        assert_eq!(course.ended(asked(), ms(0)), CaptureError::SecurityPrompt);
        for now in [300, 600, 90_000] {
            assert_eq!(course.way(ms(now)), Way::Anew);
            let told = course.refused(Refusal::Denied, asked(), ms(now));
            assert_eq!(told, Err(CaptureError::SecurityPrompt));
        }
        // The answer was given, and Windows needs a moment.
        let told = course.refused(Refusal::Denied, None, ms(90_300));
        assert_eq!(told, Err(CaptureError::Changed));
        course.opened();
        assert_eq!(course.way(ms(90_400)), Way::Duplication);
    }

    #[test]
    fn a_session_that_begins_behind_a_lock_screen_is_told_so() {
        let mut course = Course::new();
        let told = course.refused(Refusal::Denied, Some(CaptureError::Locked), ms(0));
        assert_eq!(told, Err(CaptureError::Locked));
        assert_eq!(course.way(ms(300)), Way::Anew);
    }
}
