//! Scenarios: real programs on real desks; what each person sees, and what the log says.

mod all_keys;
mod auditing;
mod clipboard;
mod codes;
mod ends;
mod evidence;
mod expiry;
mod keeping;
mod launch;
mod lost_agent;
mod mails;
mod main_session;
mod no;
mod opening;
mod pointing;
mod refused_start;
mod removal;
mod replaying;
mod strangers;
mod taking_back;
mod typing;
mod watchers;
