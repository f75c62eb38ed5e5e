//! `beckon-server doctor`: each hop broken in turn by a stand-in, and named.

mod certificates;
mod ground;
mod here;
mod mails;
mod program;
mod proxies;
mod stand_in;
