//! An agent that vanishes, as by a power cut of the user's computer.

use beckon_events::DomainEvent;
use beckon_tests::control::Control;
use beckon_tests::desk::Desk;
use beckon_tests::invitation::Invitation;
use beckon_tests::log::Log;
use beckon_tests::operator::Wish;
use beckon_tests::server::Server;
use beckon_tests::session::COMPANY;
use beckon_tests::stage::Stage;
use beckon_tests::user::{Border, User};

use super::opening::Opening;

/// A server that waits seconds where it would wait minutes.
fn hasty() -> Server {
    Server::start_with(&[("BECKON_SESSION__AGENT_AWAY", "5s")])
}

fn story(log: &Log, invitation: &Invitation) -> Vec<&'static str> {
    log.session(invitation.session).iter().map(DomainEvent::name).collect()
}

/// Kills the agent and waits until it is given up.
fn vanishes(opening: &mut Opening<'_>, control: Option<Control<'_>>) {
    opening.user.agent().kill();
    opening.operator.browser().row_says("Printer", "Reconnecting");
    if let Some(control) = control {
        control.window().sees("Reconnecting… the other computer cannot be reached.");
    }
    opening.operator.sees(&opening.invitation, "ended");
    opening.operator.browser().row_says("Printer", "The user's computer did not come back");
    if let Some(control) = control {
        control.window().sees("The session has ended");
        control.window().sees("The other computer could not be reached any more.");
    }
}

#[test]
fn an_agent_that_vanishes_while_it_waits_is_given_up_and_nobody_else_is() {
    let _stage = Stage::take();
    let server = hasty();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let mut opening = Opening::joined(&server, &office, &home);
    let other = opening.operator.creates("Scanner", "");
    let neighbour = User::starts_download(&home, &other);
    neighbour.joins(COMPANY);
    vanishes(&mut opening, None);
    let log = server.log();
    assert_eq!(story(&log, &opening.invitation), ["Created", "Joined", "AgentLost", "Ended"]);
    opening.operator.sees(&other, "available");
    neighbour.window().sees("Ready. Waiting for Example Ltd…");
    assert_eq!(story(&log, &other), ["Created", "Joined"]);
}

#[test]
fn an_agent_that_vanishes_while_it_is_asked_is_given_up() {
    let _stage = Stage::take();
    let server = hasty();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let mut opening = Opening::joined(&server, &office, &home);
    let (control, _process) = opening.asks(Wish::Control);
    vanishes(&mut opening, Some(control));
    let expected = ["Created", "Joined", "ApprovalRequested", "AgentLost", "Ended"];
    assert_eq!(story(&server.log(), &opening.invitation), expected);
}

#[test]
fn an_agent_that_vanishes_while_it_is_helped_leaves_nothing_in_use() {
    let _stage = Stage::take();
    let server = hasty();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let mut opening = Opening::joined(&server, &office, &home);
    let (control, _process) = opening.helps(Wish::Control);
    opening.user.border_becomes(Border::Controlled);
    vanishes(&mut opening, Some(control));
    assert_eq!(opening.user.border(), Border::None, "the border went with it");
    server.log().records("HeadSigned");
    let story = story(&server.log(), &opening.invitation);
    let tail = ["ActionStopped", "ActionStopped", "AgentLost", "Ended", "HeadSigned"];
    assert!(story.ends_with(&tail), "Control alone signs the end: {story:?}");
    let timeline = opening.operator.timeline(&opening.invitation).join("\n");
    assert!(timeline.contains("The connection to the user's computer broke."), "{timeline}");
}
