//! The main scenario, and what a power cut of the server does to it.

use beckon_tests::canvas::{Canvas, Done, pattern};
use beckon_tests::clock::Deadline;
use beckon_tests::desk::Desk;
use beckon_tests::operator::Wish;
use beckon_tests::play;
use beckon_tests::server::Server;
use beckon_tests::session::Session;
use beckon_tests::shot::Shot;
use beckon_tests::stage::Stage;
use beckon_tests::user::Border;

#[test]
fn an_operator_is_let_in_sees_controls_and_is_sent_away() {
    let _stage = Stage::take();
    let log = play::perform(&|step| eprintln!("• {step}"));
    assert!(log.iter().any(|line| line.contains("AgentRemoved")), "{log:#?}");
}

#[test]
fn a_power_cut_of_the_server_interrupts_a_session_and_does_not_end_it() {
    let _stage = Stage::take();
    let mut server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let Session { operator, mut user, invitation, control } =
        Session::begins(&server, &office, &home, Wish::Control);
    control.shows_exactly();
    let before = Canvas::show(&home, "Before", (30, 40), pattern(300, 200));
    control.shows(before.picture());
    user.border_becomes(Border::Controlled);
    let events = server.log().lines();

    server.kill();
    control.window().sees("The connection was lost.");
    user.window().sees("Reconnecting…");
    user.border_becomes(Border::None);
    // Another picture, so that what Control shows later cannot be the old one.
    drop(before);
    let mirrored = pattern(300, 200);
    let mirrored = Shot::drawn(300, 200, |x, y| mirrored.colour(299 - x, y));
    let after = Canvas::show(&home, "After", (30, 40), mirrored);
    assert_eq!(office.picture().find(after.picture()), None);

    server.start_again();
    let back = Deadline::after(std::time::Duration::ZERO);
    let shown = control.shows(after.picture());
    println!("view was back {} ms after the server", back.elapsed().as_millis());
    control.controls();
    println!("control was back {} ms after the server", back.elapsed().as_millis());
    office.hand().click((shown.0 + 77, shown.1 + 33));
    after.notices("a click", |done| *done == Done::Press(1, 77, 33));
    user.border_becomes(Border::Controlled);
    user.window().sees_no_longer("Reconnecting…");

    assert_eq!(server.log().lines()[..events.len()], events[..], "nothing is lost");
    operator.looks_at_list();
    operator.sees(&invitation, "in-session");
    operator.browser().sees_no_longer("Reconnecting");
    control.ends();
    control.window().sees("You ended it.");
    user.window().sees("Your helper ended it.");
    assert!(user.agent().ended().is_none());
    operator.sees(&invitation, "ended");
    let connected = ["OperatorConnected", "ActionStarted", "ActionStarted"];
    let stopped = ["ActionStopped", "ActionStopped"];
    let begun = ["Created", "Joined", "ApprovalRequested", "Approved"];
    let over = ["Ended", "AgentRemoved", "HeadSigned", "HeadSigned"];
    server.log().tells(&[&begun[..], &connected, &stopped, &connected, &stopped, &over].concat());
}
