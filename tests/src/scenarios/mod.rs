//! Scenarios: real programs on real desks; what each person sees, and what the log says.

mod ends;
mod main_session;
mod no;
mod opening;
mod refused_start;
