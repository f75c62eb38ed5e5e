//! What sessions, replays, reports, receipts and comparisons say.
