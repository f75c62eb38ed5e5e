//! The user as Windows knows them.

#![expect(unsafe_code, reason = "calls of Windows that have no safe form in a library")]

use std::os::windows::io::{FromRawHandle, OwnedHandle};
use std::{io, ptr};

use windows::Win32::Foundation::{HANDLE, HLOCAL, LocalFree};
use windows::Win32::Security::Authorization::ConvertSidToStringSidW;
use windows::Win32::Security::{GetTokenInformation, TOKEN_QUERY, TOKEN_USER, TokenUser};
use windows::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};
use windows::Win32::UI::WindowsAndMessaging::AllowSetForegroundWindow;
use windows::core::PWSTR;

/// The number of the user for whom this program runs, such as `S-1-5-21-…-1001`.
pub(super) fn sid() -> io::Result<String> {
    let mut token = HANDLE::default();
    // SAFETY: `token` lives until the call returns.
    unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token)? };
    // SAFETY: the call above succeeded, so the handle is open, and nobody else closes it.
    let _closes = unsafe { OwnedHandle::from_raw_handle(token.0) };
    // With room for the longest number (68 bytes), and aligned for the pointer in it.
    let mut answer = [0_u64; 32];
    let room = u32::try_from(size_of_val(&answer)).unwrap_or_default();
    let (into, mut length) = (answer.as_mut_ptr(), 0);
    // SAFETY: the token is open, and `into` points to `room` bytes that are ours.
    unsafe { GetTokenInformation(token, TokenUser, Some(into.cast()), room, &raw mut length)? };
    // SAFETY: the call above has put a TOKEN_USER at the beginning of `answer`.
    let user = unsafe { ptr::read(answer.as_ptr().cast::<TOKEN_USER>()) };
    let mut text = PWSTR::null();
    // SAFETY: the number lies in `answer`; `text` lives until the call returns.
    unsafe { ConvertSidToStringSidW(user.User.Sid, &raw mut text)? };
    // SAFETY: the call above has made a text that ends with a zero.
    let sid = unsafe { text.to_string() };
    // SAFETY: the text is freed once, with what it was made with, and not used again.
    unsafe { LocalFree(Some(HLOCAL(text.0.cast()))) };
    sid.map_err(io::Error::other)
}

/// Lets `process` bring its window to the front.
pub(super) fn let_come_to_front(process: u32) -> io::Result<()> {
    // SAFETY: takes a number.
    unsafe { AllowSetForegroundWindow(process)? };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_has_a_number() {
        let sid = sid().unwrap();
        assert!(sid.starts_with("S-1-5-"), "{sid}");
    }
}
