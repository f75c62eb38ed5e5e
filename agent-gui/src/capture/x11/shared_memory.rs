//! Memory that the X server writes into.
#![expect(unsafe_code, reason = "mapped memory is reached through a pointer")]

use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::ptr::{self, NonNull};

use rustix::fs::{MemfdFlags, ftruncate, memfd_create};
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

/// A block of memory shared with the X server, unmapped when dropped.
///
/// The server writes into it only while it answers a request for an image. Whoever holds the
/// block makes such requests with it borrowed mutably, and reads it after the answer.
pub struct SharedMemory {
    /// INVARIANT: `length` bytes, mapped until the drop, readable.
    at: NonNull<u8>,
    length: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mapped,
    SystemV,
}

impl SharedMemory {
    /// A block of `length` bytes, above 0, and the descriptor by which the server attaches it.
    pub fn by_descriptor(length: usize) -> io::Result<(Self, OwnedFd)> {
        let file = memfd_create("beckon", MemfdFlags::CLOEXEC)?;
        ftruncate(&file, u64::try_from(length).map_err(io::Error::other)?)?;
        let (read, shared) = (ProtFlags::READ, MapFlags::SHARED);
        // SAFETY: a new mapping at a place of the kernel's choice, of a file of that length,
        // touches no memory that is in use.
        let at = unsafe { mmap(ptr::null_mut(), length, read, shared, &file, 0) }?;
        let at = NonNull::new(at.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok((Self { at, length, kind: Kind::Mapped }, file))
    }

    /// A block of `length` bytes, above 0, and the System V id by which the server attaches it.
    pub fn by_id(length: usize) -> io::Result<(Self, u32)> {
        // SAFETY: it takes numbers and touches no memory of this process.
        let id = unsafe { libc::shmget(libc::IPC_PRIVATE, length, libc::IPC_CREAT | 0o600) };
        let number = u32::try_from(id).map_err(|_| io::Error::last_os_error())?;
        // SAFETY: a new mapping at a place of the kernel's choice touches no memory in use.
        let at = unsafe { libc::shmat(id, ptr::null(), libc::SHM_RDONLY) };
        // Marked at once, so that it goes with its last user; on Linux it can still be attached.
        // SAFETY: the command takes no buffer.
        unsafe { libc::shmctl(id, libc::IPC_RMID, ptr::null_mut()) };
        if at.addr() == usize::MAX {
            return Err(io::Error::last_os_error());
        }
        let at = NonNull::new(at.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok((Self { at, length, kind: Kind::SystemV }, number))
    }

    /// What is in it.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: `at` points to `length` mapped and readable bytes until the drop (INVARIANT),
        // and the server writes only while this block is borrowed mutably (see above).
        unsafe { std::slice::from_raw_parts(self.at.as_ptr(), self.length) }
    }

    /// Its bytes.
    pub fn length(&self) -> usize {
        self.length
    }
}

impl Drop for SharedMemory {
    fn drop(&mut self) {
        let at = self.at.as_ptr().cast();
        match self.kind {
            // SAFETY: mapped by `by_descriptor` with this length, and no slice of it is left.
            Kind::Mapped => drop(unsafe { munmap(at, self.length) }),
            // SAFETY: attached by `by_id`, and no slice of it is left.
            Kind::SystemV => drop(unsafe { libc::shmdt(at) }),
        }
    }
}

impl fmt::Debug for SharedMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedMemory").field("length", &self.length).finish_non_exhaustive()
    }
}
