//! What tests put on the desktop of Windows.
#![expect(unsafe_code, reason = "windows can be opened by calls to the system only")]

use windows::Win32::Foundation::{COLORREF, HWND, LPARAM, LRESULT, WPARAM};
use windows::Win32::Graphics::Gdi::CreateSolidBrush;
use windows::Win32::System::LibraryLoader::GetModuleHandleW;
use windows::Win32::UI::WindowsAndMessaging::{
    CreateWindowExW, DefWindowProcW, DestroyWindow, DispatchMessageW, IDC_ARROW, IDC_IBEAM,
    LoadCursorW, MSG, PM_REMOVE, PeekMessageW, RegisterClassW, SetCursorPos, WNDCLASSW,
    WS_EX_NOACTIVATE, WS_EX_TOPMOST, WS_POPUP, WS_VISIBLE,
};
use windows::core::{HSTRING, PCWSTR};

/// A window of one colour on top of all others.
pub struct Stage(HWND);

/// What the pointer looks like over it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Over {
    Arrow,
    Beam,
}

impl Stage {
    /// Opens it there: the upper left corner, width and height.
    pub fn open([red, green, blue]: [u8; 3], [x, y, width, height]: [i32; 4], over: Over) -> Self {
        let name = HSTRING::from(format!("BeckonStage{red}-{green}-{blue}-{}", over == Over::Beam));
        // SAFETY: the names live longer than the calls, the brush as long as the class.
        unsafe {
            let own = GetModuleHandleW(None).unwrap().into();
            let cursor = if over == Over::Beam { IDC_IBEAM } else { IDC_ARROW };
            let class = WNDCLASSW {
                lpfnWndProc: Some(answer),
                hInstance: own,
                hCursor: LoadCursorW(None, cursor).unwrap(),
                hbrBackground: CreateSolidBrush(COLORREF(u32::from_le_bytes([
                    red, green, blue, 0,
                ]))),
                lpszClassName: PCWSTR(name.as_ptr()),
                ..WNDCLASSW::default()
            };
            RegisterClassW(&raw const class);
            let (look, style) = (WS_EX_TOPMOST | WS_EX_NOACTIVATE, WS_POPUP | WS_VISIBLE);
            let (none, own) = (PCWSTR::null(), Some(own));
            let window = CreateWindowExW(
                look, &name, none, style, x, y, width, height, None, None, own, None,
            );
            Self(window.unwrap())
        }
    }

    /// Lets the window answer what it was sent.
    pub fn act(&self) {
        let mut message = MSG::default();
        // SAFETY: a window of this thread, a message that is ours.
        unsafe {
            while PeekMessageW(&raw mut message, Some(self.0), 0, 0, PM_REMOVE).as_bool() {
                DispatchMessageW(&raw const message);
            }
        }
    }

    /// Puts the pointer there.
    pub fn point(&self, (x, y): (i32, i32)) {
        // SAFETY: takes numbers.
        unsafe { SetCursorPos(x, y) }.unwrap();
        self.act();
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // SAFETY: a window of this thread.
        unsafe { DestroyWindow(self.0) }.unwrap();
    }
}

extern "system" fn answer(window: HWND, message: u32, first: WPARAM, second: LPARAM) -> LRESULT {
    // SAFETY: hands on what Windows gave.
    unsafe { DefWindowProcW(window, message, first, second) }
}
