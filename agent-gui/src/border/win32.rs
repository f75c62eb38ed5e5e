//! The border on Windows.
#![expect(unsafe_code, reason = "windows can be opened by calls to the system only")]

use std::sync::Once;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use beckon_peer::Monitor;
use windows::Win32::Foundation::{COLORREF, HINSTANCE, HWND, LPARAM, LRESULT, WPARAM};
use windows::Win32::Graphics::Gdi::CreateSolidBrush;
use windows::Win32::System::LibraryLoader::GetModuleHandleW;
use windows::Win32::System::Threading::GetCurrentThreadId;
use windows::Win32::UI::WindowsAndMessaging::{
    CreateWindowExW, DefWindowProcW, DestroyWindow, DispatchMessageW, GetMessageW, HWND_TOPMOST,
    LWA_ALPHA, MSG, PM_NOREMOVE, PeekMessageW, PostThreadMessageW, RegisterClassW, SWP_NOACTIVATE,
    SWP_NOMOVE, SWP_NOSIZE, SWP_SHOWWINDOW, SetLayeredWindowAttributes, SetWindowDisplayAffinity,
    SetWindowPos, WDA_EXCLUDEFROMCAPTURE, WM_APP, WNDCLASSW, WS_EX_LAYERED, WS_EX_NOACTIVATE,
    WS_EX_TOOLWINDOW, WS_EX_TOPMOST, WS_EX_TRANSPARENT, WS_POPUP,
};
use windows::core::{PCWSTR, w};

use super::{Border, Edge, color, edges};
use crate::outward::Tone;

/// Tells the thread that there is a command.
const KNOCK: u32 = WM_APP + 1;

/// The thread whose windows are the border: a window lives with the thread that opened it, and
/// needs one that takes its messages.
pub struct Win32Border {
    thread: u32,
    commands: Option<Sender<Command>>,
    running: Option<JoinHandle<()>>,
}

/// What it does.
enum Command {
    Show(Monitor, Tone),
    Hide,
}

impl Win32Border {
    /// Starts the thread; nothing is drawn yet.
    pub fn start() -> std::io::Result<Self> {
        let (commands, received) = channel();
        let (ready, is_ready) = channel();
        let running = std::thread::Builder::new().name("border".to_owned()).spawn(move || {
            // SAFETY: asks for the thread's own number; looking for a message makes the queue
            // into which others can post.
            let mut message = MSG::default();
            let thread = unsafe {
                let _waits = PeekMessageW(&raw mut message, None, 0, 0, PM_NOREMOVE);
                GetCurrentThreadId()
            };
            if ready.send(thread).is_ok() {
                Frame::default().run(&received);
            }
        })?;
        let thread = is_ready.recv().map_err(std::io::Error::other)?;
        Ok(Self { thread, commands: Some(commands), running: Some(running) })
    }

    fn knock(&self) {
        // SAFETY: posts numbers to a thread; where it is gone this fails, and nothing is drawn.
        if let Err(error) = unsafe { PostThreadMessageW(self.thread, KNOCK, WPARAM(0), LPARAM(0)) }
        {
            tracing::warn!(%error, "the border is gone");
        }
    }

    fn command(&self, command: Command) {
        if self.commands.as_ref().is_some_and(|commands| commands.send(command).is_ok()) {
            self.knock();
        }
    }
}

impl Border for Win32Border {
    fn show(&mut self, monitor: &Monitor, tone: Tone) {
        self.command(Command::Show(monitor.clone(), tone));
    }

    fn hide(&mut self) {
        self.command(Command::Hide);
    }
}

impl Drop for Win32Border {
    fn drop(&mut self) {
        self.commands = None;
        self.knock();
        if self.running.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread of the border has failed");
        }
    }
}

/// The four windows, on their thread.
#[derive(Default)]
struct Frame {
    windows: Vec<HWND>,
    shown: Option<(Monitor, Tone)>,
}

impl Frame {
    /// Until nobody commands any more.
    fn run(mut self, commands: &Receiver<Command>) {
        let mut message = MSG::default();
        // SAFETY: `message` is ours; messages of this thread's windows go to `DefWindowProcW`.
        while unsafe { GetMessageW(&raw mut message, None, 0, 0) }.0 > 0 {
            if message.message == KNOCK && message.hwnd.is_invalid() {
                loop {
                    match commands.try_recv() {
                        Ok(Command::Show(monitor, tone)) => self.show(monitor, tone),
                        Ok(Command::Hide) => self.take_away(),
                        Err(std::sync::mpsc::TryRecvError::Empty) => break,
                        Err(std::sync::mpsc::TryRecvError::Disconnected) => {
                            self.take_away();
                            return;
                        }
                    }
                }
            } else {
                // SAFETY: as above.
                unsafe { DispatchMessageW(&raw const message) };
            }
        }
    }

    fn show(&mut self, monitor: Monitor, tone: Tone) {
        if self.shown.as_ref() != Some(&(monitor.clone(), tone)) {
            self.take_away();
            for edge in edges(&monitor) {
                match open(edge, tone) {
                    Ok(window) => self.windows.push(window),
                    Err(error) => tracing::warn!(%error, "the border cannot be drawn"),
                }
            }
            self.shown = Some((monitor, tone));
        }
        for window in &self.windows {
            let how = SWP_NOMOVE | SWP_NOSIZE | SWP_NOACTIVATE | SWP_SHOWWINDOW;
            // SAFETY: a window of this thread.
            if let Err(error) =
                unsafe { SetWindowPos(*window, Some(HWND_TOPMOST), 0, 0, 0, 0, how) }
            {
                tracing::debug!(%error, "the border does not come to the top");
            }
        }
    }

    fn take_away(&mut self) {
        self.shown = None;
        for window in self.windows.drain(..) {
            // SAFETY: a window of this thread.
            if let Err(error) = unsafe { DestroyWindow(window) } {
                tracing::warn!(%error, "the border cannot be taken away");
            }
        }
    }
}

/// A window that takes no click, no focus and no place in the task bar, and is in no picture.
fn open(edge: Edge, tone: Tone) -> windows::core::Result<HWND> {
    let class = class(tone)?;
    let look =
        WS_EX_LAYERED | WS_EX_TRANSPARENT | WS_EX_TOPMOST | WS_EX_TOOLWINDOW | WS_EX_NOACTIVATE;
    let [width, height] = [edge.width, edge.height].map(u32::cast_signed);
    // SAFETY: the class is registered and its name static; the window is destroyed by its thread.
    unsafe {
        let (x, y, none) = (edge.x, edge.y, w!(""));
        let own = Some(HINSTANCE::from(GetModuleHandleW(None)?));
        let window = CreateWindowExW(
            look, class, none, WS_POPUP, x, y, width, height, None, None, own, None,
        )?;
        SetLayeredWindowAttributes(window, COLORREF(0), u8::MAX, LWA_ALPHA)?;
        if let Err(error) = SetWindowDisplayAffinity(window, WDA_EXCLUDEFROMCAPTURE) {
            // Before Windows 10 2004 it is black in the picture.
            tracing::debug!(%error, "the border is part of the picture");
        }
        Ok(window)
    }
}

/// The class of the windows of a colour: the background is the class's.
fn class(tone: Tone) -> windows::core::Result<PCWSTR> {
    static REGISTERED: [Once; 2] = [Once::new(), Once::new()];
    let [seen, used] = &REGISTERED;
    let (name, once) = match tone {
        Tone::Seen => (w!("BeckonBorderSeen"), seen),
        Tone::Used => (w!("BeckonBorderUsed"), used),
    };
    let [red, green, blue] = color(tone);
    // SAFETY: takes nothing.
    let own = unsafe { GetModuleHandleW(None)? };
    once.call_once(|| {
        // SAFETY: a name that is static, a brush that lives as long as the class.
        unsafe {
            let color = COLORREF(u32::from_le_bytes([red, green, blue, 0]));
            let class = WNDCLASSW {
                lpfnWndProc: Some(answer),
                hInstance: own.into(),
                hbrBackground: CreateSolidBrush(color),
                lpszClassName: name,
                ..WNDCLASSW::default()
            };
            // Where it fails, no window can be opened, and that is said.
            RegisterClassW(&raw const class);
        }
    });
    Ok(name)
}

/// What every window does.
extern "system" fn answer(window: HWND, message: u32, first: WPARAM, second: LPARAM) -> LRESULT {
    // SAFETY: hands on what Windows gave.
    unsafe { DefWindowProcW(window, message, first, second) }
}
