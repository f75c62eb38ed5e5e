//! The log of the play, followed live by somebody else's program: a Python client of KurrentDB.

use std::net::TcpListener;

use crate::authority::Authority;
use crate::follower::{Follower, ReadAt};
use crate::log::connected_first;
use crate::scratch::{Scratch, workspace};
use crate::server::Server;

/// A server that offers its log over EventStoreDB's protocol, and what a client needs for it.
pub struct Followed {
    pub server: Server,
    at: (String, Authority),
    _certificates: Scratch,
}

impl Followed {
    /// Starts the server.
    pub fn start() -> Self {
        let certificates = Scratch::new("certificates");
        let authority = Authority::new(certificates.path(), "demo");
        let (chain, key) = authority.certify(certificates.path());
        let (chain, key) = (chain.display().to_string(), key.display().to_string());
        let free = TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr());
        let address = free.expect("a free port").to_string();
        let server = Server::start_with(&[
            ("BECKON_FACE__LISTEN", &address),
            ("BECKON_FACE__CERTIFICATE", &chain),
            ("BECKON_FACE__KEY", &key),
        ]);
        Self { server, at: (address, authority), _certificates: certificates }
    }

    /// Follows the next session that is created.
    pub fn follow(&self) -> Follower {
        let (status, said) = self.server.verb(&["token", "add", "the demo's follower"]);
        assert!(status.success(), "{said}");
        let token = said.split_whitespace().find(|word| word.starts_with("beckon_"));
        let token = token.unwrap_or_else(|| panic!("no token in: {said}")).to_owned();
        let (address, authority) = &self.at;
        let at = ReadAt { address: address.clone(), token, ca: authority.ca.clone() };
        Follower::start(&at, None)
    }
}

/// What the follower printed must be the story; it stays in `target/demo/followed.txt`.
pub fn tells(follower: Follower, story: &[&str], tell: &dyn Fn(&str)) {
    let printed = follower.ends();
    let kept = workspace().join("target/demo");
    std::fs::create_dir_all(&kept).expect("target can be written");
    std::fs::write(kept.join("followed.txt"), &printed).expect("target can be written");
    let lines: Vec<&str> = printed.lines().filter(|line| line.starts_with("session-")).collect();
    assert_eq!(lines.len(), story.len(), "{printed}");
    let names = lines.iter().map(|line| line.split(' ').nth(2).unwrap_or_default().to_owned());
    assert_eq!(connected_first(names.collect()), story, "{printed}");
    tell("A Python client of KurrentDB has printed the session while it happened:");
    for line in lines {
        let shown: String = line.chars().take(150).collect();
        tell(&format!("    {shown}{}", if shown.len() < line.len() { "…" } else { "" }));
    }
}
