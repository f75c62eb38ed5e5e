//! What processes and threads take, as the kernel counts it.

use std::path::Path;
use std::time::Duration;

/// The time on the processor of all threads of a process.
pub fn process(pid: u32) -> Duration {
    threads(Path::new(&format!("/proc/{pid}/task")), |_| true)
}

/// The time on the processor of the threads of this process whose name begins so.
pub fn own_threads(prefix: &str) -> Duration {
    threads(Path::new("/proc/self/task"), |name| name.starts_with(prefix))
}

/// Memory of a process that is its own or is shared only with what it maps, in megabytes.
pub fn resident(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kib * 1_024.0 / 1_000_000.0
}

fn threads(folder: &Path, wanted: impl Fn(&str) -> bool) -> Duration {
    let tasks = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let taken = tasks.filter_map(|task| {
        let name = std::fs::read_to_string(task.path().join("comm")).ok()?;
        let times = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        let nanos = times.split_whitespace().next()?.parse().ok()?;
        wanted(name.trim()).then_some(Duration::from_nanos(nanos))
    });
    taken.sum()
}
