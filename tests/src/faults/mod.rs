//! Disks that fail: nothing that was acknowledged is missing, nothing half is there, nobody is
//! told what is not so.

mod damage;
mod failing_sync;
mod fault;
mod full_disk;
mod kills;
mod side_files;
