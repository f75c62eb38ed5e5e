//! The first picture after an approval, and the memory of a server whose users wait.

use std::time::Duration;

use beckon_events::Action;
use beckon_protocol::{InvitationLink, JoinBy, ToAgent};
use ring::signature::Ed25519KeyPair;

use super::{Figure, Goal, median, millis, now};
use crate::clock::PATIENCE;
use crate::desk::Desk;
use crate::inside::client::Agent;
use crate::inside::ground::Ground;
use crate::inside::probe::Probe;
use crate::programs::Programs;
use crate::server::Server;
use crate::stage::Stage;

const ROUNDS: usize = 5;
const WAITING: usize = 100;

/// Runs both measurements.
pub fn run() -> Vec<Figure> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut figures = first_picture(&runtime);
    figures.push(memory(&runtime));
    figures
}

/// Medians over some sessions: the agent with its real window, the server in this process, a
/// Control without a window.
fn first_picture(runtime: &tokio::runtime::Runtime) -> Vec<Figure> {
    let _stage = Stage::take();
    let desk = Desk::open("user");
    let ground = runtime.block_on(Ground::in_real_time());
    let (mut from_click, mut from_record) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let invited = runtime.block_on(ground.invited());
        let server = ground.address.to_string().parse().expect("an address");
        let (token, code) = (invited.token.clone(), invited.code.clone());
        let link = InvitationLink { server, token, code }.to_string();
        let agent = desk.start("agent", Programs::built().path("beckon-agent"), &[&link]);
        let window = desk.window_of(&agent);
        window.click("Start");
        window.sees("Ready.");
        let probe = Probe::launched(&ground, &invited);
        probe.request([Action::View].into_iter().collect());
        window.becomes("Approve", true);
        let clicked = now();
        window.click("Approve");
        probe.approved();
        let recorded = now();
        probe.start(Action::View);
        let seen = probe.wait_for(PATIENCE, |_| true).expect("a picture");
        assert_eq!(probe.size(), Some((1280, 800)), "the whole screen is shown");
        from_click.push(seen - clicked);
        from_record.push(seen - recorded);
        window.click("End Session");
        window.click("End");
        window.click("Close");
    }
    let figure = |name, took: Vec<Duration>| Figure {
        name,
        value: millis(median(took)),
        unit: "ms",
        peer: "one second",
        limit: 1_000.0,
        goal: Goal::AtMost(1.0),
    };
    vec![
        figure("approval recorded -> first picture decoded", from_record),
        figure("click on Approve -> first picture decoded", from_click),
    ]
}

/// The real server program, with agents that have joined and wait.
fn memory(runtime: &tokio::runtime::Runtime) -> Figure {
    let (folder, invited) = runtime.block_on(async {
        let ground = Ground::in_real_time().await;
        let operator = ground.operator("Ana Silva").await;
        let mut invited = Vec::new();
        for _ in 0..WAITING {
            invited.push(ground.invitation(operator).await);
        }
        (ground.into_folder(), invited)
    });
    let data = folder.path().join("data").display().to_string();
    let server = Server::start_with(&[("BECKON_DATA", &data)]);
    let address = server.address().parse().expect("an address");
    let waiting = runtime.block_on(async {
        let mut waiting = Vec::new();
        for (index, invited) in invited.iter().enumerate() {
            let seed = [u8::try_from(index).expect("few agents"); 32];
            let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("a seed");
            let mut agent = Agent::at(address, pair).await;
            let by = JoinBy::Token(invited.token.as_str().to_owned());
            let answer = agent.try_join(by, None).await;
            assert!(matches!(answer, ToAgent::Joined { .. }), "{answer:?}");
            waiting.push(agent);
        }
        waiting
    });
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process().pid()));
    let status = status.expect("the server runs");
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    let kib: f64 = resident.trim().trim_end_matches(" kB").parse().expect("a number");
    assert_eq!(waiting.len(), WAITING);
    Figure {
        name: "server with 100 waiting agents, resident",
        value: kib / 1_000.0 * 1.024,
        unit: "MB",
        peer: "100 MB",
        limit: 100.0,
        goal: Goal::AtMost(1.0),
    }
}
