//! Control opened with a link that is used, forged, or none.

use beckon_tests::control::Control;
use beckon_tests::desk::Desk;
use beckon_tests::operator::Wish;
use beckon_tests::server::Server;
use beckon_tests::stage::Stage;

use super::opening::Opening;

const CLICK_AGAIN: &str =
    "This link was used already or is too old. Click View or Control in the portal again.";

#[test]
fn a_used_or_forged_link_opens_nothing_and_disturbs_nobody() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let elsewhere = Desk::open("stranger");
    let opening = Opening::joined(&server, &office, &home);
    let link = opening.operator.gets_link(&opening.invitation, Wish::Control);
    let (control, _process) = Control::starts(&office, &link);
    control.trusts_portal();
    control.window().sees("waiting for the user's approval");

    let (token_at, _) = link.split_once("?t=").unwrap();
    let forged = format!("{token_at}?t={}", "A".repeat(43));
    let nowhere = "beckon://launch/help.example.org/../?t=short";
    for (link, why) in [
        (link.as_str(), CLICK_AGAIN),
        (forged.as_str(), CLICK_AGAIN),
        (nowhere, "This link was not made by a Beckon portal."),
    ] {
        let (stranger, mut process) = Control::starts(&elsewhere, link);
        stranger.trusts_portal();
        stranger.window().sees("This session cannot be opened");
        stranger.window().sees(why);
        stranger.window().click("Close");
        assert!(process.ends().success());
        elsewhere.no_window_titled("Beckon Control");
    }

    opening.user.is_asked_by("Olga Ruiz", "Example Ltd");
    opening.user.approves();
    control.controls();
    opening.operator.sees(&opening.invitation, "in-session");
    assert_eq!(server.log().count("ControlEnrolled"), 1, "{:#?}", server.log().lines());
    assert_eq!(server.log().count("ApprovalRequested"), 1);
}

#[test]
fn a_portal_that_is_not_trusted_is_not_connected_to() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let opening = Opening::joined(&server, &office, &home);
    let link = opening.operator.gets_link(&opening.invitation, Wish::View);
    let (control, _process) = Control::starts(&office, &link);
    control.window().sees("Trust this portal?");
    control.window().sees(server.address());
    control.window().click("Do not trust");
    control.window().sees("Open a session from your portal");
    opening.operator.sees(&opening.invitation, "available");
    server.log().tells(&["Created", "Joined"]);
    assert_eq!(server.log().count("ControlEnrolled"), 0);
}
