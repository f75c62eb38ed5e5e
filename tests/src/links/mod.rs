//! Slow, crowded and broken networks, and a Control that does not behave.

mod age;
mod change;
mod hostile;
mod proxy;
mod slow;
