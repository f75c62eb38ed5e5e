//! What goes into Windows' own queue of input.
#![expect(unsafe_code, reason = "only the system can be asked to move the pointer and press keys")]

use beckon_peer::{Button, Press};
use windows::Win32::UI::Input::KeyboardAndMouse::{
    GetKeyboardLayout, HKL, INPUT, INPUT_0, INPUT_KEYBOARD, INPUT_MOUSE, KEYBD_EVENT_FLAGS,
    KEYBDINPUT, KEYEVENTF_EXTENDEDKEY, KEYEVENTF_KEYUP, KEYEVENTF_SCANCODE, MAPVK_VK_TO_VSC_EX,
    MAPVK_VSC_TO_VK_EX, MOUSEEVENTF_ABSOLUTE, MOUSEEVENTF_LEFTDOWN, MOUSEEVENTF_LEFTUP,
    MOUSEEVENTF_MIDDLEDOWN, MOUSEEVENTF_MIDDLEUP, MOUSEEVENTF_MOVE, MOUSEEVENTF_RIGHTDOWN,
    MOUSEEVENTF_RIGHTUP, MOUSEEVENTF_VIRTUALDESK, MOUSEEVENTF_XDOWN, MOUSEEVENTF_XUP, MOUSEINPUT,
    MapVirtualKeyExW, SendInput, VIRTUAL_KEY, VkKeyScanExW,
};
use windows::Win32::UI::WindowsAndMessaging::{
    GetForegroundWindow, GetSystemMetrics, GetWindowThreadProcessId, SM_CXVIRTUALSCREEN,
    SM_CYVIRTUALSCREEN, SM_SWAPBUTTON, SM_XVIRTUALSCREEN, SM_YVIRTUALSCREEN, XBUTTON1, XBUTTON2,
};

use super::last_release::{Held, forgive, note, owe};
use crate::hands::scan_code::{ScanCode, along};

/// Moves the pointer to a place on the desktop of all monitors, in physical pixels.
pub fn pointer((x, y): (i32, i32)) -> Result<(), String> {
    let metrics = [SM_XVIRTUALSCREEN, SM_YVIRTUALSCREEN, SM_CXVIRTUALSCREEN, SM_CYVIRTUALSCREEN];
    // SAFETY: asks for numbers.
    let [left, top, width, height] = metrics.map(|metric| unsafe { GetSystemMetrics(metric) });
    let mi = MOUSEINPUT {
        dx: along(x.saturating_sub(left), width),
        dy: along(y.saturating_sub(top), height),
        dwFlags: MOUSEEVENTF_MOVE | MOUSEEVENTF_ABSOLUTE | MOUSEEVENTF_VIRTUALDESK,
        ..MOUSEINPUT::default()
    };
    send(INPUT { r#type: INPUT_MOUSE, Anonymous: INPUT_0 { mi } })
}

/// Presses or releases a button by what it means.
pub fn button(button: Button, press: Press) -> Result<(), String> {
    noted(Held::Button(button), press)
}

/// Presses or releases a key.
pub fn key(key: ScanCode, press: Press) -> Result<(), String> {
    noted(Held::Key(key), press)
}

/// Releases, and does nothing else.
pub fn up(held: Held) -> Result<(), String> {
    match held {
        Held::Key(key) => send_key(key, Press::Up),
        Held::Button(button) => send_button(button, Press::Up),
    }
}

/// What cannot come up now comes up later: Windows takes nothing while it shows its security prompt.
fn noted(held: Held, press: Press) -> Result<(), String> {
    note(held, press);
    let done = match (held, press) {
        (Held::Key(key), press) => send_key(key, press),
        (Held::Button(button), press) => send_button(button, press),
    };
    match press {
        Press::Down => forgive(held),
        Press::Up if done.is_err() => owe(held),
        Press::Up => {}
    }
    done
}

/// Where the user has exchanged left and right, Windows exchanges what comes from here as well.
fn send_button(button: Button, press: Press) -> Result<(), String> {
    // SAFETY: asks for a number.
    let is_exchanged = unsafe { GetSystemMetrics(SM_SWAPBUTTON) } != 0;
    let device = match button {
        Button::Left if is_exchanged => Button::Right,
        Button::Right if is_exchanged => Button::Left,
        other => other,
    };
    let (down, up, extra) = match device {
        Button::Left => (MOUSEEVENTF_LEFTDOWN, MOUSEEVENTF_LEFTUP, 0),
        Button::Right => (MOUSEEVENTF_RIGHTDOWN, MOUSEEVENTF_RIGHTUP, 0),
        Button::Middle => (MOUSEEVENTF_MIDDLEDOWN, MOUSEEVENTF_MIDDLEUP, 0),
        Button::Back => (MOUSEEVENTF_XDOWN, MOUSEEVENTF_XUP, u32::from(XBUTTON1)),
        Button::Forward => (MOUSEEVENTF_XDOWN, MOUSEEVENTF_XUP, u32::from(XBUTTON2)),
    };
    let flags = if press == Press::Down { down } else { up };
    let mi = MOUSEINPUT { mouseData: extra, dwFlags: flags, ..MOUSEINPUT::default() };
    send(INPUT { r#type: INPUT_MOUSE, Anonymous: INPUT_0 { mi } })
}

fn send_key(key: ScanCode, press: Press) -> Result<(), String> {
    let none = KEYBD_EVENT_FLAGS(0);
    let extended = if key.extended { KEYEVENTF_EXTENDEDKEY } else { none };
    let up = if press == Press::Up { KEYEVENTF_KEYUP } else { none };
    let spelled = u32::from(key.code) | if key.extended { 0xE000 } else { 0 };
    // SAFETY: takes and gives numbers, and a handle that is not kept.
    let by_layout =
        unsafe { MapVirtualKeyExW(spelled, MAPVK_VSC_TO_VK_EX, Some(layout_in_front())) };
    let ki = KEYBDINPUT {
        // Windows finds it out by itself; wine before 9 does not.
        wVk: VIRTUAL_KEY(u16::try_from(by_layout).unwrap_or(0)),
        wScan: key.code,
        dwFlags: KEYEVENTF_SCANCODE | extended | up,
        ..KEYBDINPUT::default()
    };
    send(INPUT { r#type: INPUT_KEYBOARD, Anonymous: INPUT_0 { ki } })
}

/// The key that carries a symbol in the layout of the window in front, and which of Shift (1),
/// Control (2) and Alt (4) have to be held for it.
pub fn key_of(symbol: char) -> Option<(ScanCode, u8)> {
    let mut units = [0; 2];
    let [unit] = *symbol.encode_utf16(&mut units) else { return None };
    // SAFETY: takes and gives numbers and handles, none of which is kept.
    unsafe {
        let layout = layout_in_front();
        let [key, state] = VkKeyScanExW(unit, layout).to_le_bytes();
        // Both are 255 where no key carries it.
        let code = MapVirtualKeyExW(u32::from(key), MAPVK_VK_TO_VSC_EX, Some(layout));
        Some((ScanCode::spelled(code)?, state))
    }
}

/// The layout of the window in front: each has its own.
fn layout_in_front() -> HKL {
    // SAFETY: takes and gives handles, none of which is kept.
    unsafe { GetKeyboardLayout(GetWindowThreadProcessId(GetForegroundWindow(), None)) }
}

fn send(input: INPUT) -> Result<(), String> {
    let size = i32::try_from(size_of::<INPUT>()).unwrap_or_default();
    // SAFETY: one whole event with its size; Windows copies it.
    if unsafe { SendInput(&[input], size) } == 1 {
        Ok(())
    } else {
        Err(windows::core::Error::from_thread().message())
    }
}
