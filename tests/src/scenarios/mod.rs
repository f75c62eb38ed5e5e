//! Scenarios: real programs on real desks; what each person sees, and what the log says.

mod codes;
mod ends;
mod launch;
mod mails;
mod main_session;
mod no;
mod opening;
mod refused_start;
