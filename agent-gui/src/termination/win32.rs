//! Log-off and shut-down of Windows.
#![expect(unsafe_code, reason = "Windows tells of it by messages to a window")]

use std::sync::mpsc::channel;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use windows::Win32::Foundation::{HINSTANCE, HWND, LPARAM, LRESULT, WPARAM};
use windows::Win32::System::LibraryLoader::GetModuleHandleW;
use windows::Win32::UI::WindowsAndMessaging::{
    CreateWindowExW, DefWindowProcW, DispatchMessageW, GetMessageW, MSG, PostMessageW,
    PostQuitMessage, RegisterClassW, WINDOW_EX_STYLE, WM_CLOSE, WM_DESTROY, WM_ENDSESSION,
    WM_QUERYENDSESSION, WNDCLASSW, WS_OVERLAPPED,
};
use windows::core::w;

/// Windows ends a program that takes five seconds.
const LONGEST: Duration = Duration::from_secs(4);

/// A window that nobody sees, on a thread of its own: only top-level windows are asked. Windows
/// waits with the end of its session until this is dropped, or for four seconds.
pub struct SessionEnd {
    window: usize,
    over: Over,
    thread: Option<JoinHandle<()>>,
}

/// Whether the program has done what it must.
type Over = Arc<(Mutex<bool>, Condvar)>;

/// What the window does when the session ends: there is one in a program.
static ENDING: OnceLock<Box<dyn Fn() + Send + Sync>> = OnceLock::new();

impl SessionEnd {
    /// Opens the window; `ask` is called when Windows is about to end the session.
    pub fn watch(ask: impl Fn() + Send + Sync + 'static) -> std::io::Result<Self> {
        let over = Over::default();
        let waiting = Arc::clone(&over);
        let ending = move || {
            ask();
            let (is_over, told) = &*waiting;
            let is_over = is_over.lock().unwrap_or_else(PoisonError::into_inner);
            drop(told.wait_timeout_while(is_over, LONGEST, |is_over| !*is_over));
        };
        if ENDING.set(Box::new(ending)).is_err() {
            return Err(std::io::Error::other("it is watched already"));
        }
        let (opened, is_open) = channel();
        let thread =
            std::thread::Builder::new().name("session-end".to_owned()).spawn(move || {
                // The handle goes to another thread as a number.
                let window = open().map(|window| window.0.expose_provenance());
                if opened.send(window).is_ok() {
                    take_messages();
                }
            })?;
        let window = is_open.recv().map_err(std::io::Error::other)?;
        let window = window.map_err(std::io::Error::other)?;
        Ok(Self { window, over, thread: Some(thread) })
    }
}

impl Drop for SessionEnd {
    fn drop(&mut self) {
        let (is_over, told) = &*self.over;
        *is_over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        told.notify_all();
        let window = HWND(std::ptr::with_exposed_provenance_mut(self.window));
        // SAFETY: posts a message; where the window is gone, this fails.
        let closes = unsafe { PostMessageW(Some(window), WM_CLOSE, WPARAM(0), LPARAM(0)) }.is_ok();
        if let Some(thread) = self.thread.take().filter(|_| closes)
            && thread.join().is_err()
        {
            tracing::error!("the thread that waits for the end of the session has failed");
        }
    }
}

fn open() -> windows::core::Result<HWND> {
    let name = w!("BeckonSessionEnd");
    // SAFETY: names are static, and the window belongs to the thread that calls this.
    unsafe {
        let own = HINSTANCE::from(GetModuleHandleW(None)?);
        let class = WNDCLASSW {
            lpfnWndProc: Some(answer),
            hInstance: own,
            lpszClassName: name,
            ..WNDCLASSW::default()
        };
        let _registered_before = RegisterClassW(&raw const class) == 0;
        let (look, style) = (WINDOW_EX_STYLE::default(), WS_OVERLAPPED);
        CreateWindowExW(look, name, name, style, 0, 0, 0, 0, None, None, Some(own), None)
    }
}

fn take_messages() {
    let mut message = MSG::default();
    // SAFETY: `message` is ours; messages go to `answer`.
    unsafe {
        while GetMessageW(&raw mut message, None, 0, 0).0 > 0 {
            DispatchMessageW(&raw const message);
        }
    }
}

/// What the window does.
extern "system" fn answer(window: HWND, message: u32, first: WPARAM, second: LPARAM) -> LRESULT {
    match message {
        // It may end.
        WM_QUERYENDSESSION => LRESULT(1),
        WM_ENDSESSION => {
            if let Some(ending) = ENDING.get().filter(|_| first.0 != 0) {
                ending();
            }
            LRESULT(0)
        }
        WM_DESTROY => {
            // SAFETY: ends the loop of this thread.
            unsafe { PostQuitMessage(0) };
            LRESULT(0)
        }
        // SAFETY: hands on what Windows gave.
        _ => unsafe { DefWindowProcW(window, message, first, second) },
    }
}
