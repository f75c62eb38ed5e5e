//! What Windows says of the desktop as a whole.
#![expect(unsafe_code, reason = "questions to Windows, into memory of the right size")]

use windows::Win32::Foundation::{E_ACCESSDENIED, HANDLE};
use windows::Win32::Media::{TIMERR_NOERROR, timeBeginPeriod, timeEndPeriod};
use windows::Win32::System::RemoteDesktop::{
    WTS_CURRENT_SESSION, WTSFreeMemory, WTSINFOEXW, WTSQuerySessionInformationW, WTSSessionInfoEx,
};
use windows::Win32::System::StationsAndDesktops::{
    DESKTOP_CONTROL_FLAGS, DESKTOP_READOBJECTS, GetThreadDesktop, GetUserObjectInformationW, HDESK,
    OpenInputDesktop, UOI_NAME,
};
use windows::Win32::System::Threading::GetCurrentThreadId;
use windows::Win32::UI::WindowsAndMessaging::{
    GetSystemMetrics, SM_CMONITORS, SM_CXVIRTUALSCREEN, SM_CYVIRTUALSCREEN, SM_XVIRTUALSCREEN,
    SM_YVIRTUALSCREEN,
};
use windows::core::{Owned, PWSTR};

use super::hidden::{InputDesktop, hidden, is_locked};
use super::wide::text;
use crate::capture::CaptureError;

/// In milliseconds.
const TICK: u32 = 1;

/// How many monitors there are, and around what: the corner, the sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extents([i32; 5]);

/// While there is one, this program sleeps to the millisecond, and not to the 16 that Windows
/// allows itself.
pub struct FineClock(());

impl Extents {
    /// Those of now.
    pub fn now() -> Self {
        let all = [
            SM_CMONITORS,
            SM_XVIRTUALSCREEN,
            SM_YVIRTUALSCREEN,
            SM_CXVIRTUALSCREEN,
            SM_CYVIRTUALSCREEN,
        ];
        // SAFETY: takes and gives a number.
        Self(all.map(|one| unsafe { GetSystemMetrics(one) }))
    }
}

impl FineClock {
    /// Begins; `None` where that is not possible.
    pub fn begin() -> Option<Self> {
        // SAFETY: takes and gives a number.
        (unsafe { timeBeginPeriod(TICK) } == TIMERR_NOERROR).then_some(Self(()))
    }
}

impl Drop for FineClock {
    fn drop(&mut self) {
        // SAFETY: the same number as at the beginning.
        unsafe { timeEndPeriod(TICK) };
    }
}

/// What Windows shows its user alone; `None` where that is nothing.
pub fn shown_to_its_user_alone() -> Option<CaptureError> {
    let own = own_desktop()?;
    match input_desktop() {
        // The usual answer, without a question about the session.
        InputDesktop::Named(name) if name == own => None,
        input => hidden(&input, &own, is_session_locked()),
    }
}

fn input_desktop() -> InputDesktop {
    // SAFETY: takes numbers, gives a handle that is ours to close.
    let opened = unsafe {
        OpenInputDesktop(DESKTOP_CONTROL_FLAGS::default(), false, DESKTOP_READOBJECTS)
            .map(|desk| Owned::new(desk))
    };
    match opened {
        Ok(desktop) => name(*desktop).map_or(InputDesktop::Unknown, InputDesktop::Named),
        Err(error) if error.code() == E_ACCESSDENIED => InputDesktop::Denied,
        Err(error) => {
            tracing::debug!(%error, "the desktop of the user's input cannot be asked for");
            InputDesktop::Unknown
        }
    }
}

fn own_desktop() -> Option<String> {
    // SAFETY: takes a number, gives a handle that is not to be closed.
    name(unsafe { GetThreadDesktop(GetCurrentThreadId()) }.ok()?)
}

fn name(desktop: HDESK) -> Option<String> {
    let mut wide = [0_u16; 256];
    let length = u32::try_from(size_of_val(&wide)).ok()?;
    let to = Some(wide.as_mut_ptr().cast());
    // SAFETY: writes at most `length` bytes into `wide`, which has that many.
    unsafe { GetUserObjectInformationW(HANDLE(desktop.0), UOI_NAME, to, length, None) }.ok()?;
    Some(text(&wide))
}

fn is_session_locked() -> Option<bool> {
    let (mut answer, mut length) = (PWSTR::null(), 0);
    // SAFETY: both are written to and live longer than the call.
    unsafe {
        let (to, used) = (&raw mut answer, &raw mut length);
        WTSQuerySessionInformationW(None, WTS_CURRENT_SESSION, WTSSessionInfoEx, to, used)
    }
    .ok()?;
    if answer.is_null() {
        return None;
    }
    let is_whole = usize::try_from(length).is_ok_and(|length| length >= size_of::<WTSINFOEXW>());
    // SAFETY: Windows has allocated `length` bytes there, which hold the structure if they are
    // enough for one; of its union there is one variant only. It is given back once.
    unsafe {
        let told = is_whole.then(|| answer.0.cast::<WTSINFOEXW>().read_unaligned());
        WTSFreeMemory(answer.0.cast());
        told.filter(|told| told.Level == 1)
            .and_then(|told| is_locked(told.Data.WTSInfoExLevel1.SessionFlags))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_desktop_hides_nothing_and_has_a_monitor() {
        assert_eq!(own_desktop().as_deref(), Some("Default"));
        assert_eq!(input_desktop(), InputDesktop::Named("Default".to_owned()));
        assert_eq!(shown_to_its_user_alone(), None);
        let Extents([count, _, _, width, height]) = Extents::now();
        assert!(count > 0 && width > 0 && height > 0);
        assert_ne!(is_session_locked(), Some(true));
        assert!(FineClock::begin().is_some());
    }
}
