//! All keys of this computer, also those that Windows would take.

#![expect(unsafe_code, reason = "only Windows itself can be asked for them")]

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use beckon_peer::Press;
use windows::Win32::Foundation::{HWND, LPARAM, LRESULT, WPARAM};
use windows::Win32::System::LibraryLoader::GetModuleHandleW;
use windows::Win32::System::Threading::GetCurrentThreadId;
use windows::Win32::UI::Accessibility::{HWINEVENTHOOK, SetWinEventHook, UnhookWinEvent};
use windows::Win32::UI::WindowsAndMessaging::{
    CallNextHookEx, EVENT_SYSTEM_DESKTOPSWITCH, GetForegroundWindow, GetMessageW, HC_ACTION,
    KBDLLHOOKSTRUCT, LLKHF_EXTENDED, LLKHF_INJECTED, LLKHF_UP, MSG, PM_NOREMOVE, PeekMessageW,
    PostQuitMessage, PostThreadMessageW, SetWindowsHookExW, UnhookWindowsHookEx, WH_KEYBOARD_LL,
    WINEVENT_OUTOFCONTEXT, WM_QUIT,
};

use super::held::{Held, Stroke};
use super::places::place;

/// What Windows says of the strokes that it makes up: the Ctrl of `AltGr`, the Shift around a key of
/// the number pad.
const MADE_UP: u32 = 0x200;

/// The keyboard, taken for one window until this is dropped, the window loses the keyboard, or
/// Ctrl+Alt+Home is pressed. It is given back then whatever the window does meanwhile.
pub(super) struct Hook {
    thread: u32,
    strokes: Receiver<Stroke>,
    over: Arc<AtomicBool>,
}

thread_local! {
    /// What the thread with the hook hears with.
    #[allow(clippy::missing_const_for_thread_local, reason = "it is const, which is not always seen")]
    static EAR: RefCell<Option<Ear>> = const { RefCell::new(None) };
}

struct Ear {
    window: u64,
    held: Held,
    sender: Sender<Stroke>,
    over: Arc<AtomicBool>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Hook {
    /// Takes the keyboard for `window`; `None` where Windows does not allow it.
    pub(super) fn take(window: u64, wake: Arc<dyn Fn() + Send + Sync>) -> Option<Self> {
        let ((sender, strokes), (tell, told)) = (channel(), channel());
        let over = Arc::new(AtomicBool::new(false));
        let ear = Ear { window, held: Held::default(), sender, over: Arc::clone(&over), wake };
        let thread = std::thread::Builder::new().name("all keys".to_owned());
        let started = thread.spawn(move || listen(ear, &tell));
        if let Err(error) = started {
            tracing::warn!(%error, "no thread for the keyboard");
            return None;
        }
        let thread = told.recv().ok()?;
        Some(Self { thread, strokes, over })
    }

    /// What was pressed and released since the last time, each key once, and whether it is over.
    pub(super) fn strokes(&self) -> (Vec<Stroke>, bool) {
        // Asked first: what was pressed before the end is there then.
        let over = self.over.load(Ordering::Acquire);
        (self.strokes.try_iter().collect(), over)
    }
}

impl Drop for Hook {
    /// Gives the keyboard back; the thread hears of it and ends.
    fn drop(&mut self) {
        // SAFETY: takes numbers. The thread may be gone; then nobody is told.
        let told = unsafe { PostThreadMessageW(self.thread, WM_QUIT, WPARAM(0), LPARAM(0)) };
        if let Err(error) = told {
            tracing::debug!(%error, "the keyboard was given back before");
        }
    }
}

/// Hears all keys until it is told to quit. Tells its number once it hears.
fn listen(ear: Ear, tell: &Sender<u32>) {
    let over = Arc::clone(&ear.over);
    EAR.set(Some(ear));
    let mut message = MSG::default();
    // SAFETY: `message` lives until the call returns. It makes a queue, so that nothing is missed.
    let _ = unsafe { PeekMessageW(&raw mut message, None, 0, 0, PM_NOREMOVE) };
    // SAFETY: asks for the program itself, which stays loaded.
    let program = unsafe { GetModuleHandleW(None) };
    // SAFETY: `hear` has the form that is asked for, and lives as long as the program.
    let hook = program.and_then(|program| unsafe {
        SetWindowsHookExW(WH_KEYBOARD_LL, Some(hear), Some(program.into()), 0)
    });
    match hook {
        Ok(hook) => {
            // SAFETY: as for `hear`; asks for one event, of all programs.
            let desktops = unsafe {
                let (event, way) = (EVENT_SYSTEM_DESKTOPSWITCH, WINEVENT_OUTOFCONTEXT);
                SetWinEventHook(event, event, None, Some(switched), 0, 0, way)
            };
            // SAFETY: takes nothing.
            if tell.send(unsafe { GetCurrentThreadId() }).is_ok() {
                // SAFETY: `message` lives until the call returns. Windows calls `hear` within.
                while unsafe { GetMessageW(&raw mut message, None, 0, 0) }.0 > 0 {}
            }
            // SAFETY: was set above, where it could be, and is taken away once.
            let _gone = unsafe { UnhookWinEvent(desktops) };
            // SAFETY: the hook was set above, and is taken away once.
            if let Err(error) = unsafe { UnhookWindowsHookEx(hook) } {
                tracing::warn!(%error, "the keyboard could not be given back");
            }
        }
        Err(error) => tracing::warn!(%error, "the keyboard cannot be taken"),
    }
    over.store(true, Ordering::Release);
}

/// Called by Windows on the thread with the hook, for each key before anybody else hears of it.
unsafe extern "system" fn hear(code: i32, message: WPARAM, about: LPARAM) -> LRESULT {
    if u32::try_from(code) == Ok(HC_ACTION) {
        let key = std::ptr::with_exposed_provenance::<KBDLLHOOKSTRUCT>(about.0.cast_unsigned());
        // SAFETY: with this code Windows gives a pointer to such a structure.
        let key = unsafe { *key };
        let taken = EAR.with_borrow_mut(|ear| ear.as_mut().is_some_and(|ear| ear.takes(&key)));
        if taken {
            return LRESULT(1);
        }
    }
    // SAFETY: passes on what was passed here.
    unsafe { CallNextHookEx(None, code, message, about) }
}

/// Called by Windows on the thread with the hook when it shows another desktop, as for Ctrl+Alt+Del:
/// what comes up there is never heard here.
unsafe extern "system" fn switched(
    _: HWINEVENTHOOK,
    _: u32,
    _: HWND,
    _: i32,
    _: i32,
    _: u32,
    _: u32,
) {
    EAR.with_borrow(|ear| ear.as_ref().map(Ear::end));
}

impl Ear {
    /// Takes a key for the other computer; whether nobody here is to hear of it.
    fn takes(&mut self, key: &KBDLLHOOKSTRUCT) -> bool {
        // What a program types is meant for where it is typed; so is what comes after the end.
        if key.flags.contains(LLKHF_INJECTED) || self.over.load(Ordering::Acquire) {
            return false;
        }
        // SAFETY: takes nothing.
        let front = unsafe { GetForegroundWindow() };
        if front.0.expose_provenance() as u64 != self.window {
            self.end();
            return false;
        }
        if key.scanCode & MADE_UP != 0 {
            return true;
        }
        let is_extended = key.flags.contains(LLKHF_EXTENDED);
        let Some(code) = place(key.scanCode, is_extended) else { return false };
        let press = if key.flags.contains(LLKHF_UP) { Press::Up } else { Press::Down };
        let stroke = Stroke { code, press };
        let news = self.held.is_news(stroke);
        // What went down before has to come up here too.
        let taken = news || press == Press::Down;
        if self.held.ends() || (news && self.sender.send(stroke).is_err()) {
            self.end();
        } else if news {
            (self.wake)();
        }
        taken
    }

    fn end(&self) {
        self.over.store(true, Ordering::Release);
        // SAFETY: takes a number, and ends the loop of this thread.
        unsafe { PostQuitMessage(0) };
        (self.wake)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyboard_is_taken_and_given_back() {
        let hook = Hook::take(1, Arc::new(|| ())).unwrap();
        let over = Arc::clone(&hook.over);
        assert_eq!(hook.strokes(), (vec![], false));
        drop(hook);
        let soon = beckon_desk::clock::uptime() + std::time::Duration::from_secs(10);
        while !over.load(Ordering::Acquire) {
            assert!(beckon_desk::clock::uptime() < soon, "it is still taken");
            std::thread::yield_now();
        }
    }
}
