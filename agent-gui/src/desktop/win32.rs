//! The desktop of Windows.
#![expect(unsafe_code, reason = "questions to the window system, without any memory of ours")]

use windows::Win32::Foundation::{HWND, POINT};
use windows::Win32::System::Threading::GetCurrentProcessId;
use windows::Win32::UI::WindowsAndMessaging::{
    GA_ROOT, GetAncestor, GetCursorPos, GetForegroundWindow, GetWindowThreadProcessId,
    WindowFromPoint,
};

use super::Focus;

/// Stands for every window of this program: also a menu of its window, or a box with an error.
const OWN: u32 = u32::MAX;

/// The desktop of this session of Windows. A window is the lower half of its handle: only that
/// half has a meaning (Windows' "Interprocess Communication between 32-bit and 64-bit").
pub struct Desktop;

impl Desktop {
    /// It is always there.
    #[expect(clippy::unnecessary_wraps, reason = "an X server may be missing")]
    pub fn connect() -> Option<Self> {
        Some(Self)
    }

    /// The outermost window that would get a click at a place; 0 where there is none.
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "an X server is asked")]
    pub fn window_at(&self, (x, y): (i32, i32)) -> Option<u32> {
        // SAFETY: takes numbers, gives a handle that is only compared.
        let window = unsafe { WindowFromPoint(POINT { x, y }) };
        Some(root_of(window))
    }

    /// The outermost window around `window`.
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "an X server is asked")]
    pub fn frame_of(&self, window: u32) -> Option<u32> {
        Some(root_of(handle(window)))
    }

    /// Who has the keyboard; nobody while another window comes to the front.
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "an X server is asked")]
    pub fn focus(&self) -> Option<Focus> {
        // SAFETY: takes nothing, gives a handle that is only compared.
        let front = unsafe { GetForegroundWindow() };
        let is_own = front.is_invalid() || root_of(front) == OWN;
        Some(if is_own { Focus::Own } else { Focus::Window(root_of(front)) })
    }

    /// Where the pointer is.
    #[expect(clippy::unused_self, reason = "an X server is asked")]
    pub fn pointer(&self) -> Option<(i32, i32)> {
        let mut point = POINT::default();
        // SAFETY: writes into `point`, which lives longer than the call.
        unsafe { GetCursorPos(&raw mut point) }.ok()?;
        Some((point.x, point.y))
    }
}

fn handle(window: u32) -> HWND {
    // Handles are sign-extended from 32 bits.
    HWND(std::ptr::without_provenance_mut((window.cast_signed() as isize).cast_unsigned()))
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is the handle")]
fn root_of(window: HWND) -> u32 {
    // SAFETY: takes any handle, also one of a window that is gone, and gives one or null.
    let root = unsafe { GetAncestor(window, GA_ROOT) };
    let root = if root.is_invalid() { window } else { root };
    let mut process = 0;
    // SAFETY: takes any handle, and writes into `process`.
    unsafe { GetWindowThreadProcessId(root, Some(&raw mut process)) };
    // SAFETY: takes nothing.
    let is_own = process == unsafe { GetCurrentProcessId() };
    if is_own { OWN } else { root.0.addr() as u32 }
}
