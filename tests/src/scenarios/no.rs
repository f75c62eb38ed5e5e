//! Requests that come to nothing: no, no answer, taken back.

use beckon_tests::desk::Desk;
use beckon_tests::operator::Wish;
use beckon_tests::server::Server;
use beckon_tests::session::{COMPANY, OPERATOR};
use beckon_tests::stage::Stage;
use beckon_tests::user::Border;

use super::opening::Opening;

#[test]
fn a_no_is_seen_by_the_operator_who_may_ask_again() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let opening = Opening::joined(&server, &office, &home);
    let (control, _process) = opening.asks(Wish::Control);
    let window = opening.user.window();
    window.sees("See your screen");
    window.sees("Use mouse and keyboard");
    window.click("Reject");
    window.sees("You said no. Nothing is shared.");
    window.sees(&format!("Ready. Waiting for {COMPANY}…"));
    control.window().sees("The user said no");
    opening.operator.sees(&opening.invitation, "available");
    assert_eq!(opening.user.border(), Border::None);
    server.log().tells(&["Created", "Joined", "ApprovalRequested", "Rejected"]);
    let timeline = opening.operator.timeline(&opening.invitation).join("\n");
    assert!(timeline.contains("The user declined the request of Olga Ruiz."), "{timeline}");

    control.window().click("Ask again");
    opening.user.is_asked_by(OPERATOR, COMPANY);
    opening.user.approves();
    control.controls();
    opening.operator.sees(&opening.invitation, "in-session");
    server.log().records("OperatorConnected");
}

#[test]
fn no_answer_in_time_counts_as_no() {
    let _stage = Stage::take();
    let server = Server::start_with(&[("BECKON_SESSION__APPROVAL_TIMEOUT", "3s")]);
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let opening = Opening::joined(&server, &office, &home);
    let (control, _process) = opening.asks(Wish::Control);
    opening.user.window().sees("The request was not answered in time. That counts as no.");
    opening.user.window().sees(&format!("Ready. Waiting for {COMPANY}…"));
    control.window().sees("The user did not answer");
    control.window().sees("Ask again");
    opening.operator.sees(&opening.invitation, "available");
    assert_eq!(opening.user.border(), Border::None);
    server.log().tells(&["Created", "Joined", "ApprovalRequested", "ApprovalLapsed"]);
    let timeline = opening.operator.timeline(&opening.invitation).join("\n");
    assert!(timeline.contains("The user did not answer the request of Olga Ruiz."), "{timeline}");
}

#[test]
fn a_request_that_the_operator_takes_back_closes_the_question() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let opening = Opening::joined(&server, &office, &home);
    let (control, _process) = opening.asks(Wish::View);
    control.window().click("Cancel");
    control.window().sees("You took the request back");
    let window = opening.user.window();
    window.sees("Olga Ruiz has withdrawn the request.");
    window.sees(&format!("Ready. Waiting for {COMPANY}…"));
    assert!(!opening.user.choices().contains(&"Approve".to_owned()));
    opening.operator.sees(&opening.invitation, "available");
    server.log().tells(&["Created", "Joined", "ApprovalRequested", "ApprovalCancelled"]);
    let timeline = opening.operator.timeline(&opening.invitation).join("\n");
    assert!(timeline.contains("Olga Ruiz withdrew the request."), "{timeline}");
}
