//! Codes: typed wrong, guessed, cancelled.

use beckon_protocol::{InvitationLink, JoinCode, LinkToken};
use beckon_tests::clock::eventually;
use beckon_tests::desk::Desk;
use beckon_tests::server::Server;
use beckon_tests::session::COMPANY;
use beckon_tests::stage::Stage;
use beckon_tests::user::User;
use beckon_tests::window::Window;
use serde_json::{Value, json};

use super::opening::signed_up;

/// A code that could be one and is not: its check symbol is right.
fn guess(number: u8) -> String {
    JoinCode::from_random(&[number; JoinCode::USUAL]).to_string()
}

fn tries(user: &User<'_>, code: &str, answer: &str) {
    user.window().fill("Code", code);
    user.window().click("Start");
    user.window().sees(answer);
    user.window().becomes("Start", false);
}

/// The seconds that a window still counts down.
fn countdown(window: Window<'_>) -> u64 {
    eventually("a countdown", || {
        let text = window.text();
        let (_, rest) = text.split_once("Please wait ")?;
        let (minutes, seconds) = rest.split_once(',')?.0.split_once(':')?;
        Some(minutes.parse::<u64>().ok()? * 60 + seconds.parse::<u64>().ok()?)
    })
}

#[test]
fn five_wrong_codes_make_everybody_wait_and_no_restart_shortens_it() {
    let _stage = Stage::take();
    let mut server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let operator = signed_up(&office, &server);
    let invitation = operator.creates("Printer", "");
    let mut user = User::starts_installed(&home, &[]);
    user.window().fill("Server", server.address());
    tries(&user, &guess(1), "This code is not right. 4 attempts left.");
    tries(&user, &guess(2), "3 attempts left.");
    tries(&user, &guess(3), "2 attempts left.");
    server.kill();
    server.start_again();
    tries(&user, &guess(4), "1 attempt left.");
    tries(&user, &guess(5), "Too many wrong codes. Please wait ");
    let first = countdown(user.window());
    assert!((14 * 60..=15 * 60).contains(&first), "{first} s");
    eventually("the countdown moves", || (countdown(user.window()) < first).then_some(()));
    user.window().fill("Code", &invitation.code);
    assert!(!user.window().is_enabled("Start"), "not even with the right code");
    user.window().shot("agent-wait");

    user.agent().kill();
    server.kill();
    server.start_again();
    user.starts_again(&[]);
    user.types(server.address(), &invitation.code);
    let second = countdown(user.window());
    assert!(second < first && second > first.saturating_sub(120), "{first} s, then {second} s");
    assert!(!user.window().is_enabled("Start"));

    // Somebody who makes the agent forget it hears it from the server.
    user.agent().kill();
    let ticket = ticket(&home);
    let mut kept: Value = serde_json::from_slice(&std::fs::read(&ticket).unwrap()).unwrap();
    kept["wait_until"] = Value::Null;
    kept["attempts_left"] = json!(5);
    std::fs::write(&ticket, kept.to_string()).unwrap();
    user.starts_again(&[]);
    user.types(server.address(), &invitation.code);
    user.window().click("Start");
    user.window().sees("Too many wrong codes. Please wait ");
    assert!(countdown(user.window()) <= second);
    operator.browser().reload();
    operator.sees(&invitation, "waiting-for-user");
    server.log().tells(&["Created"]);

    // A link is never throttled, so nobody can be locked out by somebody else.
    user.agent().kill();
    user.starts_again(&[&invitation.link]);
    user.joins(COMPANY);
    operator.sees(&invitation, "available");
    server.log().tells(&["Created", "Joined"]);
}

fn ticket(desk: &Desk) -> std::path::PathBuf {
    let files = std::fs::read_dir(desk.scratch().folder("tmp")).unwrap();
    let mut paths = files.map(|file| file.unwrap().path());
    paths
        .find(|path| path.extension().is_some_and(|kind| kind == "ticket"))
        .expect("the agent keeps a ticket")
}

#[test]
fn a_mistyped_code_is_shown_while_typing_and_does_not_count() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let operator = signed_up(&office, &server);
    let invitation = operator.creates("Printer", "");
    let user = User::starts_installed(&home, &[]);
    let window = user.window();
    window.sees("Get help");
    assert!(!window.is_enabled("Start"));
    let wrong = if invitation.code.starts_with('7') { "8" } else { "7" };
    let mistyped = format!("{wrong}{}", &invitation.code[1..]);
    user.types(server.address(), &mistyped);
    window.sees("One character seems wrong.");
    window.sees(&format!("You are connecting to {}", server.address()));
    assert!(!window.is_enabled("Start"));
    window.never_sees("attempts left");

    // As people type: small letters, no hyphen, O for 0.
    let typed = invitation.code.to_lowercase().replace('-', "").replace('0', "o");
    window.fill("Code", &typed);
    window.sees_no_longer("One character seems wrong.");
    user.joins(COMPANY);
    operator.sees(&invitation, "available");
    server.log().tells(&["Created", "Joined"]);
}

#[test]
fn a_cancelled_invitation_opens_nothing_any_more() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let operator = signed_up(&office, &server);
    let invitation = operator.creates("Printer", "");
    let page = User::opens_link(&home, &invitation);
    let program = User::downloads(&page, &invitation);
    let mut user = User::starts(&home, program, &[]);
    operator.cancels(&invitation);
    operator.sees(&invitation, "ended");
    operator.browser().row_says("Printer", "Invitation cancelled");

    user.window().click("Start");
    user.window().sees("This code is not right. 4 attempts left.");
    user.agent().kill();
    user.starts_again(&[&invitation.link]);
    user.window().click("Start");
    user.window().sees("This invitation is no longer valid. Ask your helper for a new one.");

    let known: InvitationLink = invitation.link.parse().unwrap();
    let forged = InvitationLink { token: LinkToken::from_random([7; 16]), ..known };
    for link in [invitation.link.clone(), forged.to_string()] {
        page.go("about:blank");
        page.go(&link);
        page.sees("This invitation is no longer valid. Ask your helper for a new one.");
        assert!(!page.text().contains("is waiting for you"), "{}", page.text());
        assert!(!page.offers("Download for Linux"));
    }
    page.shot("invitation-invalid");
    server.log().tells(&["Created", "InvitationCancelled"]);
}
