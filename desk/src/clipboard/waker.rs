//! Wakes the thread of the clipboard, which otherwise sleeps until something is copied.

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{Sleep, Waker};
#[cfg(target_os = "linux")]
pub use linux::{Sleep, Waker};

#[cfg(target_os = "linux")]
mod linux {
    use std::io::{self, Read as _, Write as _};
    use std::os::fd::{AsFd as _, BorrowedFd};
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    /// Wakes.
    pub struct Waker(UnixStream);

    /// Sleeps.
    pub struct Sleep(UnixStream);

    impl Waker {
        /// Both ends.
        pub fn new() -> io::Result<(Self, Sleep)> {
            let (waker, sleep) = UnixStream::pair()?;
            waker.set_nonblocking(true)?;
            sleep.set_nonblocking(true)?;
            Ok((Self(waker), Sleep(sleep)))
        }

        /// Ends the sleep, or the next one.
        pub fn wake(&self) {
            // A full pipe wakes as well.
            drop((&self.0).write(&[1]));
        }
    }

    impl Drop for Waker {
        fn drop(&mut self) {
            self.wake();
        }
    }

    impl Sleep {
        /// Sleeps until woken, or until there is something to read from `other`, or for `most`.
        pub fn until(
            &self,
            other: Option<BorrowedFd<'_>>,
            most: Option<Duration>,
        ) -> io::Result<()> {
            let mut ends = vec![PollFd::new(&self.0, PollFlags::IN)];
            let also =
                other.as_ref().map(|other| PollFd::from_borrowed_fd(other.as_fd(), PollFlags::IN));
            ends.extend(also);
            let most = most.and_then(|most| Timespec::try_from(most).ok());
            match poll(&mut ends, most.as_ref()) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            let mut heard = [0; 64];
            while matches!((&self.0).read(&mut heard), Ok(length) if length == heard.len()) {}
            Ok(())
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use std::io;
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::time::Duration;

    /// Wakes.
    pub struct Waker(Sender<()>);

    /// Sleeps.
    pub struct Sleep(Receiver<()>);

    impl Waker {
        /// Both ends.
        #[expect(clippy::unnecessary_wraps, reason = "pipes may be missing on Linux")]
        pub fn new() -> io::Result<(Self, Sleep)> {
            let (waker, sleep) = channel();
            Ok((Self(waker), Sleep(sleep)))
        }

        /// Ends the sleep, or the next one.
        pub fn wake(&self) {
            // Nobody sleeps any more: nobody is woken.
            let _ = self.0.send(());
        }
    }

    impl Sleep {
        /// Sleeps until woken, or for `most`.
        #[expect(clippy::unnecessary_wraps, reason = "pipes may fail on Linux")]
        pub fn until(&self, most: Option<Duration>) -> io::Result<()> {
            match most {
                Some(most) => {
                    let _ = self.0.recv_timeout(most);
                }
                None => {
                    let _ = self.0.recv();
                }
            }
            Ok(())
        }
    }
}
