//! The harness itself: desks, windows, browsers and mail are what they say they are.

mod browsers;
mod desks;
mod logs;
mod mails;
mod servers;
mod viewers;
