//! What an administrator watches: numbers and logs.

mod exposition;
mod logs;
mod numbers;
