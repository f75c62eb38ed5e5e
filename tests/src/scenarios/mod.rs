//! Scenarios: real programs on real desks; what each person sees, and what the log says.

mod refused_start;
