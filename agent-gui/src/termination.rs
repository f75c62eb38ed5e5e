//! When the system asks the program to end.

#[cfg(target_os = "windows")]
mod win32;

use std::sync::Arc;

use crate::input::Input;
use crate::shared::Shared;

/// Feeds [`Input::Terminated`] each time the system asks, while it is held. What Windows asks at a
/// log-off waits until this is dropped, a few seconds at most.
pub struct Termination {
    signals: tokio::task::JoinHandle<()>,
    #[cfg(target_os = "windows")]
    _session: Option<win32::SessionEnd>,
}

impl Termination {
    /// Begins to listen.
    pub fn watch(shared: &Arc<Shared>) -> Self {
        #[cfg(target_os = "windows")]
        let session = {
            let ending = Arc::clone(shared);
            win32::SessionEnd::watch(move || ending.feed(Input::Terminated))
                .inspect_err(|error| tracing::warn!(%error, "a log-off will not be noticed"))
                .ok()
        };
        let ending = Arc::clone(shared);
        let signals = tokio::spawn(async move {
            while asked().await {
                ending.feed(Input::Terminated);
            }
        });
        Self {
            signals,
            #[cfg(target_os = "windows")]
            _session: session,
        }
    }
}

impl Drop for Termination {
    fn drop(&mut self) {
        self.signals.abort();
    }
}

/// Waits until a signal asks the program to end; `false` where none ever will.
#[cfg(unix)]
async fn asked() -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = kinds.map(signal) else {
        return false;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
    true
}

/// Waits until the terminal that the program was started from asks it to end; `false` where none
/// ever will.
#[cfg(target_os = "windows")]
async fn asked() -> bool {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};
    let (Ok(mut interrupt), Ok(mut stop), Ok(mut close)) = (ctrl_c(), ctrl_break(), ctrl_close())
    else {
        return false;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = stop.recv() => {}
        _ = close.recv() => {}
    }
    true
}

/// Waits until the user asks the program to end; `false` where none ever will.
#[cfg(not(any(unix, target_os = "windows")))]
async fn asked() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}
