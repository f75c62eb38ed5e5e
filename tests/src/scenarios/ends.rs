//! Every way in which a session ends, or is left.

use beckon_tests::control::Control;
use beckon_tests::desk::Desk;
use beckon_tests::log::{Log, signed_last};
use beckon_tests::operator::Wish;
use beckon_tests::server::Server;
use beckon_tests::session::{COMPANY, OPERATOR};
use beckon_tests::stage::Stage;
use beckon_tests::user::Border;

use super::opening::Opening;

/// What the log says of a session with control: everything that was in use stops before the end.
fn ended_in_use(log: &Log) {
    log.signs_off(2);
    let story = signed_last(log.story());
    let begun = ["Created", "Joined", "ApprovalRequested", "Approved"];
    assert_eq!(story[..4], begun, "{story:?}");
    assert_eq!(story[story.len() - 4], "Ended", "{story:?}");
    let count = |name: &str| story.iter().filter(|known| *known == name).count();
    assert_eq!(count("OperatorConnected"), 1, "{story:?}");
    assert_eq!((count("ActionStarted"), count("ActionStopped")), (2, 2), "{story:?}");
}

/// What both people see after the end.
fn is_over(opening: &mut Opening<'_>, control: Control<'_>, [user, operator, list]: [&str; 3]) {
    let window = opening.user.window();
    window.sees("The session has ended");
    window.sees(user);
    window.sees(&format!("{OPERATOR} from {COMPANY} was connected."));
    window.sees("Used: see your screen, use mouse and keyboard.");
    window.sees("The server has recorded the end.");
    opening.user.border_becomes(Border::None);
    assert!(!opening.user.program().exists(), "the agent has removed itself");
    control.window().sees("The session has ended");
    control.window().sees(operator);
    opening.operator.sees(&opening.invitation, "ended");
    opening.operator.browser().sees(list);
    window.click("Close");
    assert!(opening.user.agent().ends().success());
}

#[test]
fn end_session_and_yes_in_the_portal_ends_it_for_both() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let mut opening = Opening::joined(&server, &office, &home);
    let (control, _process) = opening.helps(Wish::Control);
    opening.user.border_becomes(Border::Controlled);
    let browser = opening.operator.browser();
    browser.click("End session: Printer");
    browser.sees("End the session “Printer”?");
    browser.click("No");
    opening.operator.sees(&opening.invitation, "in-session");
    opening.operator.ends(&opening.invitation);
    let seen = [
        "Your helper ended it in the portal.",
        "It was ended in the portal.",
        "Ended in the portal",
    ];
    is_over(&mut opening, control, seen);
    ended_in_use(&server.log());
}

#[test]
fn end_and_end_session_in_control_ends_it_for_both() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let mut opening = Opening::joined(&server, &office, &home);
    let (control, _process) = opening.helps(Wish::Control);
    control.ends();
    is_over(&mut opening, control, ["Your helper ended it.", "You ended it.", "Ended in Control"]);
    ended_in_use(&server.log());
}

#[test]
fn end_session_in_the_agent_ends_it_for_both() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let mut opening = Opening::joined(&server, &office, &home);
    let (control, _process) = opening.helps(Wish::Control);
    let window = opening.user.window();
    window.click("End Session");
    window.sees("End this session?");
    window.click("Cancel");
    window.sees_no_longer("End this session?");
    control.controls();
    opening.user.ends();
    is_over(&mut opening, control, ["You ended it.", "The user ended it.", "Ended by the user"]);
    ended_in_use(&server.log());
}

#[test]
fn a_user_ends_it_before_anybody_has_asked() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let mut opening = Opening::joined(&server, &office, &home);
    opening.user.ends();
    let window = opening.user.window();
    window.sees("You ended it.");
    window.sees("Nothing was shared.");
    opening.operator.sees(&opening.invitation, "ended");
    server.log().tells(&["Created", "Joined", "Ended", "AgentRemoved", "HeadSigned"]);
    assert!(!opening.user.program().exists());
    window.close();
    assert!(opening.user.agent().ends().success());
}

#[test]
fn an_operator_leaves_and_comes_back_with_one_click_of_the_user() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let opening = Opening::joined(&server, &office, &home);
    let (control, mut process) = opening.helps(Wish::Control);
    control.leaves();
    assert!(process.ends().success());
    let window = opening.user.window();
    window.sees("Olga Ruiz has left. Nothing is shared.");
    opening.user.border_becomes(Border::None);
    opening.operator.sees(&opening.invitation, "available");
    server.log().records("OperatorLeft");

    let (control, _process) =
        super::opening::open(&opening.operator, &opening.invitation, Wish::Control);
    window.sees("Continue with Olga Ruiz?");
    window.sees("They may again: see your screen, use mouse and keyboard.");
    assert_eq!(opening.user.border(), Border::None, "not before the click");
    window.click("Continue");
    window.pressable("Pause");
    control.controls();
    opening.user.border_becomes(Border::Controlled);
    opening.operator.sees(&opening.invitation, "in-session");
    let timeline = opening.operator.timeline(&opening.invitation).join("\n");
    assert!(timeline.contains("Olga Ruiz left. The session stays available."), "{timeline}");
    assert!(timeline.contains("Olga Ruiz asked to continue and see the screen"), "{timeline}");
}
