//! Wakes a thread that sleeps.

#[cfg(not(unix))]
pub use by_condition::Bell;
#[cfg(unix)]
pub use by_pipe::Bell;

#[cfg(unix)]
mod by_pipe {
    use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
    use std::sync::Arc;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::pipe::{PipeFlags, pipe_with};

    /// Rung by anybody, heard by one. Cheap to clone.
    #[derive(Clone, Debug)]
    pub struct Bell(Arc<Pipe>);

    #[derive(Debug)]
    struct Pipe {
        hears: OwnedFd,
        rings: OwnedFd,
    }

    impl Bell {
        /// A bell that was not rung yet.
        pub fn new() -> std::io::Result<Self> {
            let (hears, rings) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
            Ok(Self(Arc::new(Pipe { hears, rings })))
        }

        /// Wakes who waits, or who will wait next.
        pub fn ring(&self) {
            // A full pipe rings already.
            let _ = rustix::io::write(&self.0.rings, &[0]);
        }

        /// Sleeps until the bell rings, or for `longest`.
        pub fn wait(&self, longest: Option<Duration>) {
            self.sleep(None, longest);
        }

        /// Sleeps until the bell rings, `also` can be read, or for `longest`.
        pub fn wait_also(&self, also: BorrowedFd<'_>, longest: Duration) {
            self.sleep(Some(also), Some(longest));
        }

        fn sleep(&self, also: Option<BorrowedFd<'_>>, longest: Option<Duration>) {
            let hears = self.0.hears.as_fd();
            let timeout = longest.and_then(|longest| Timespec::try_from(longest).ok());
            let other = also.unwrap_or(hears);
            let mut both = [hears, other].map(|one| PollFd::from_borrowed_fd(one, PollFlags::IN));
            let watched = if also.is_some() { &mut both[..] } else { &mut both[..1] };
            // An interruption is a wake-up like any other: who waits looks again.
            if poll(watched, timeout.as_ref()).is_ok() && !both[0].revents().is_empty() {
                let mut rung = [0; 64];
                while rustix::io::read(hears, &mut rung).is_ok_and(|read| read == rung.len()) {}
            }
        }
    }
}

#[cfg(not(unix))]
mod by_condition {
    use std::sync::{Arc, Condvar, Mutex, PoisonError};
    use std::time::Duration;

    /// Rung by anybody, heard by one. Cheap to clone.
    #[derive(Clone, Debug)]
    pub struct Bell(Arc<(Mutex<bool>, Condvar)>);

    impl Bell {
        /// A bell that was not rung yet.
        #[expect(clippy::unnecessary_wraps, reason = "a pipe may be missing")]
        pub fn new() -> std::io::Result<Self> {
            Ok(Self(Arc::default()))
        }

        /// Wakes who waits, or who will wait next.
        pub fn ring(&self) {
            *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
            self.0.1.notify_one();
        }

        /// Whether it was rung and nobody has heard it yet.
        #[cfg(target_os = "windows")]
        pub fn is_rung(&self) -> bool {
            *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
        }

        /// Sleeps until the bell rings, or for `longest`.
        pub fn wait(&self, longest: Option<Duration>) {
            let rung = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
            let longest = longest.unwrap_or(Duration::MAX);
            let waited = self.0.1.wait_timeout_while(rung, longest, |rung| !*rung);
            *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use beckon_desk::clock::uptime;
    use std::time::Duration;

    #[test]
    fn a_bell_wakes_whoever_waits_then_or_next_and_once() {
        let bell = Bell::new().unwrap();
        let began = uptime();
        bell.ring();
        bell.ring();
        bell.wait(None);
        bell.wait(Some(Duration::from_millis(30)));
        assert!(
            uptime().saturating_sub(began) >= Duration::from_millis(30),
            "two rings are heard as one"
        );
        let other = bell.clone();
        let ringing = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            other.ring();
        });
        bell.wait(Some(Duration::from_secs(20)));
        ringing.join().unwrap();
        assert!(uptime().saturating_sub(began) < Duration::from_secs(10));
    }
}
