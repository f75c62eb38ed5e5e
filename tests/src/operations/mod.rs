//! What an administrator watches: numbers, logs, the terminal and whether the server is there.

mod exposition;
mod logs;
mod monitor;
mod numbers;
mod terminal;
