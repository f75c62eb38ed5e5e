//! What the agent leaves on the user's computer.

use std::path::PathBuf;

use beckon_protocol::JoinCode;
use beckon_tests::desk::Desk;
use beckon_tests::server::Server;
use beckon_tests::session::COMPANY;
use beckon_tests::stage::Stage;
use beckon_tests::user::User;

use super::opening::signed_up;

/// Every file in a folder of the user.
fn files(desk: &Desk, folder: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(desk.scratch().folder(folder)).unwrap();
    files.map(|file| file.unwrap().path()).collect()
}

#[test]
fn a_download_removes_itself_and_what_it_wrote() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let operator = signed_up(&office, &server);
    let invitation = operator.creates("Printer", "");
    let before = files(&home, "tmp");
    let mut user = User::starts_download(&home, &invitation);
    let wrong = JoinCode::from_random(&[3; JoinCode::USUAL]).to_string();
    user.window().fill("Code", &wrong);
    user.window().click("Start");
    user.window().sees("4 attempts left.");
    assert_eq!(files(&home, "tmp").len(), before.len() + 1, "a ticket is kept");
    user.window().fill("Code", &invitation.code);
    user.joins(COMPANY);
    user.ends();
    let window = user.window();
    window.sees("Removed from this computer:");
    window.sees(&user.program().display().to_string());
    window.sees("Nothing of this session is left on this computer.");
    assert_eq!(files(&home, "home/Downloads"), [""; 0].map(PathBuf::from));
    assert_eq!(files(&home, "tmp"), before);
    operator.sees(&invitation, "ended");
    server.log().tells(&["Created", "Joined", "Ended", "AgentRemoved", "HeadSigned"]);
    window.click("Close");
    assert!(user.agent().ends().success());
    assert_eq!(files(&home, "home/Downloads"), [""; 0].map(PathBuf::from));
}

#[test]
fn an_installed_agent_stays_and_says_so() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let operator = signed_up(&office, &server);
    let invitation = operator.creates("Printer", "");
    let mut user = User::starts_installed(&home, &[&invitation.link]);
    user.joins(COMPANY);
    user.ends();
    let window = user.window();
    window.sees("The program itself stays, because it was not started as a download.");
    window.sees("The server has recorded the end.");
    assert!(!window.text().contains("Removed from this computer:"), "{}", window.text());
    server.log().tells(&["Created", "Joined", "Ended", "AgentRemoved", "HeadSigned"]);
    window.click("Close");
    assert!(user.agent().ends().success());
    assert!(user.program().exists());
}

#[test]
fn a_log_out_ends_the_session_and_removes_the_download() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let operator = signed_up(&office, &server);
    let invitation = operator.creates("Printer", "");
    let mut user = User::starts_download(&home, &invitation);
    user.joins(COMPANY);
    assert!(user.agent().terminate().success());
    assert!(!user.program().exists());
    operator.sees(&invitation, "ended");
    operator.browser().row_says("Printer", "Ended by the user");
    server.log().tells(&["Created", "Joined", "Ended", "AgentRemoved", "HeadSigned"]);
}
