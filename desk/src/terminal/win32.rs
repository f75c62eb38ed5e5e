//! Terminals and boxes of Windows.

#![expect(unsafe_code, reason = "calls of Windows that have no safe form in a library")]

use windows::Win32::Storage::FileSystem::{FILE_TYPE_UNKNOWN, GetFileType};
use windows::Win32::System::Console::{
    ATTACH_PARENT_PROCESS, AttachConsole, GetStdHandle, STD_ERROR_HANDLE, STD_HANDLE,
    STD_OUTPUT_HANDLE, SetStdHandle,
};
use windows::Win32::UI::WindowsAndMessaging::{
    MB_ICONERROR, MB_OK, MB_SETFOREGROUND, MESSAGEBOX_STYLE, MessageBoxW,
};
use windows::core::HSTRING;

/// Connects with the terminal of the program that started this one, if it has one.
pub(super) fn attach() {
    let redirected = [STD_OUTPUT_HANDLE, STD_ERROR_HANDLE].map(|which| (which, is_open(which)));
    let before = redirected.map(|(which, open)| {
        // SAFETY: takes a number and gives a handle that stays its owner's.
        let handle = unsafe { GetStdHandle(which) };
        (which, handle.ok().filter(|_| open))
    });
    // SAFETY: takes a number. Where there is no terminal it fails and changes nothing.
    if unsafe { AttachConsole(ATTACH_PARENT_PROCESS) }.is_err() {
        return;
    }
    for (which, handle) in before {
        if let Some(handle) = handle {
            // SAFETY: the handle was the standard one before, and nobody has closed it.
            if let Err(error) = unsafe { SetStdHandle(which, handle) } {
                tracing::debug!(%error, "what was redirected goes to the terminal");
            }
        }
    }
}

/// Whether somebody reads what is written to stderr.
pub(super) fn has_stderr() -> bool {
    is_open(STD_ERROR_HANDLE)
}

/// Shows a box with a button, and returns when it was pressed.
pub(super) fn show_box(title: &str, text: &str) {
    let (title, text) = (HSTRING::from(title), HSTRING::from(text));
    let style: MESSAGEBOX_STYLE = MB_OK | MB_ICONERROR | MB_SETFOREGROUND;
    // SAFETY: both texts end with a zero and live until the call returns; no window owns the box.
    unsafe { MessageBoxW(None, &text, &title, style) };
}

/// Whether a standard handle is one that can be written to. The shell may leave something else
/// there.
fn is_open(which: STD_HANDLE) -> bool {
    // SAFETY: takes a number and gives a handle that stays its owner's.
    let handle = unsafe { GetStdHandle(which) };
    handle.is_ok_and(|handle| {
        // SAFETY: an invalid handle is answered with "unknown".
        !handle.is_invalid() && unsafe { GetFileType(handle) } != FILE_TYPE_UNKNOWN
    })
}
