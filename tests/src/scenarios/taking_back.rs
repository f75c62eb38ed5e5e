//! What a user can do in the middle: take back, allow again, pause.

use beckon_tests::canvas::{Canvas, Done, pattern};
use beckon_tests::clock::{WATCH, within};
use beckon_tests::desk::Desk;
use beckon_tests::operator::Wish;
use beckon_tests::server::Server;
use beckon_tests::session::stands_aside;
use beckon_tests::shot::Shot;
use beckon_tests::stage::Stage;
use beckon_tests::user::Border;

use super::opening::Opening;

#[test]
fn what_is_taken_back_stops_at_once_and_comes_back_only_by_the_user() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let opening = Opening::joined(&server, &office, &home);
    let (control, _process) = opening.helps(Wish::Control);
    let (agent, window) = (opening.user.window(), control.window());
    agent.sees("is seen now");
    agent.sees("are used now");
    agent.click("Take back mouse and keyboard");
    opening.user.border_becomes(Border::Seen);
    agent.sees_no_longer("are used now");
    window.sees("The user has taken mouse and keyboard back.");
    window.sees("Viewing");
    server.log().records("GrantWithdrawn");

    window.click("Ask for control");
    agent.sees("Olga Ruiz also asks to: use mouse and keyboard");
    assert_eq!(opening.user.border(), Border::Seen);
    agent.click("Do not allow");
    window.sees("The user does not allow it.");
    server.log().records("ExtensionRefused");
    window.click("Ask for control");
    agent.click("Allow");
    control.controls();
    opening.user.border_becomes(Border::Controlled);
    server.log().records("GrantExtended");

    agent.click("Stop showing my screen");
    opening.user.border_becomes(Border::None);
    window.sees("Not viewing");
    window.sees("The user no longer shows the screen.");
    agent.sees("Nothing is allowed.");
    opening.operator.sees(&opening.invitation, "in-session");
    let timeline = opening.operator.timeline(&opening.invitation).join("\n");
    for sentence in [
        "The user no longer allows Olga Ruiz to use mouse and keyboard.",
        "Olga Ruiz also asked to use mouse and keyboard.",
        "The user did not allow Olga Ruiz to use mouse and keyboard.",
        "The user also allowed Olga Ruiz to use mouse and keyboard.",
        "The user no longer allows Olga Ruiz to see the screen",
    ] {
        assert!(timeline.contains(sentence), "“{sentence}” is not in\n{timeline}");
    }
}

#[test]
fn in_a_pause_nothing_is_seen_or_done() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let opening = Opening::joined(&server, &office, &home);
    let (control, _process) = opening.helps(Wish::Control);
    stands_aside(&opening.user);
    let canvas = Canvas::show(&home, "Open", (30, 40), pattern(300, 200));
    control.shows_exactly();
    let shown = control.shows(canvas.picture());
    let agent = opening.user.window();
    agent.click("Pause");
    agent.sees("Paused. Nothing is seen or done.");
    control.window().sees("The user has paused the session. It goes on when the user continues.");
    control.window().sees("Not viewing");
    control.window().sees_no_longer("Control is active");
    opening.user.border_becomes(Border::None);
    server.log().records("Paused");

    let mirrored = pattern(300, 200);
    let mirrored = Shot::drawn(300, 200, |x, y| mirrored.colour(299 - x, y));
    let secret = Canvas::show(&home, "Secret", (400, 320), mirrored);
    office.hand().click((shown.0 + 20, shown.1 + 20));
    office.hand().press(&["a"]);
    assert!(within(WATCH, || office.picture().find(secret.picture())).is_none(), "it was shown");
    assert_eq!(canvas.done(), [], "the operator's hand went through");
    control.window().shot("control-paused");

    agent.click("Continue");
    control.shows(secret.picture());
    control.controls();
    opening.user.border_becomes(Border::Controlled);
    office.hand().click((shown.0 + 21, shown.1 + 22));
    canvas.notices("a click after the pause", |done| *done == Done::Press(1, 21, 22));
    server.log().records("Continued");
}
