//! Those who hold the server to its log: the auditor at the portal, Control at the door.

use std::path::Path;

use beckon_tests::auditor::{Auditor, fingerprint};
use beckon_tests::browser::Look;
use beckon_tests::control::Control;
use beckon_tests::desk::Desk;
use beckon_tests::invitation::Invitation;
use beckon_tests::operator::{Operator, Wish};
use beckon_tests::server::Server;
use beckon_tests::session::{COMPANY, EMAIL, OPERATOR};
use beckon_tests::stage::Stage;
use beckon_tests::user::User;

use super::opening::open;

#[test]
fn an_export_comes_from_the_portal_and_is_recorded_there() {
    let _stage = Stage::take();
    let server = Server::start();
    let office = Desk::open("operator");
    let operator = Operator::sits_at(&office, Look::Headless, &server);
    operator.signs_up(&server.init(COMPANY), OPERATOR, EMAIL);
    let browser = operator.browser();
    browser.click("Audit");
    let said = server.verb(&["key"]).1;
    let key = fingerprint(&said);
    browser.sees(key);
    browser.script("document.getElementById('export-names').click()", &[]);
    browser.script("document.getElementById('export-now').click()", &[]);
    let export = browser.downloaded("beckon-log-");
    browser.reload();
    browser.sees("with names");
    browser.shot("portal-audit");
    assert_eq!(server.log().count("Exported"), 1);
    let auditor = Auditor::new();
    let export = export.display().to_string();
    let said = auditor.audits(&["verify", "--key", key, &export]);
    assert_eq!(said.code, 0, "{}", said.words);
    assert_eq!(auditor.checks_again(&["--key", key, &export]).code, 0);
}

#[test]
fn control_does_not_go_on_with_a_server_whose_log_has_lost_what_it_held() {
    let _stage = Stage::take();
    let mut server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let operator = Operator::sits_at(&office, Look::Headless, &server);
    operator.signs_up(&server.init(COMPANY), OPERATOR, EMAIL);
    server.stop();
    let data = server.scratch().path().join("data");
    let earlier = server.scratch().path().join("earlier");
    copy(&data, &earlier);
    server.start_again();

    operator.looks_at_list();
    let invitation = operator.creates("Printer", "");
    let mut user = User::starts_download(&home, &invitation);
    user.joins(COMPANY);
    operator.sees(&invitation, "available");
    let (control, mut process) = open(&operator, &invitation, Wish::View);
    user.is_asked_by(OPERATOR, COMPANY);
    user.approves();
    control.window().sees("Viewing");
    user.ends();
    control.window().sees("The receipt of this session is kept:");
    server.log().signs_off(2);
    control.window().click("Close");
    process.ends();
    user.window().click("Close");
    user.agent().ends();

    on_paper(&server, &operator, &invitation);

    // Whoever owns the server puts everything back to what it was.
    server.stop();
    std::fs::remove_dir_all(&data).unwrap();
    copy(&earlier, &data);
    server.start_again();
    operator.looks_at_list();
    let invitation = operator.creates("Scanner", "");
    let user = User::starts_download(&home, &invitation);
    user.joins(COMPANY);
    operator.sees(&invitation, "available");
    let link = operator.gets_link(&invitation, Wish::View);
    let (control, _process) = Control::starts(&office, &link);
    let window = control.window();
    window.sees("The log of this server cannot be trusted");
    window.sees("Entries are missing from the log of");
    window.sees("Nothing was asked of the user.");
    window.sees("Tell your auditor, and do not use this server until they have looked into it.");
    window.shot("control-alarm");
    user.window().sees("Ready.");
    assert_eq!(server.log().story(), ["Created", "Joined"], "the user was not asked");
}

/// The work report of the session, as a browser shows and prints it.
fn on_paper(server: &Server, operator: &Operator<'_>, invitation: &Invitation) {
    let auditor = Auditor::new();
    let export = auditor.path("one.zip").display().to_string();
    let session = invitation.session.to_string();
    let one = ["export", &export, "--session", &session, "--with-names", "all"];
    let (status, said) = server.verb(&one);
    assert!(status.success(), "{said}");
    let report = auditor.audits(&["report", "--format", "html", &export, &session]);
    assert_eq!(report.code, 3, "{}", report.words);
    let page = auditor.path("report.html");
    std::fs::write(&page, &report.words).unwrap();
    let browser = operator.browser();
    browser.go(&format!("file://{}", page.display()));
    browser.sees("Report of a remote support session");
    browser.sees("The user ended the session.");
    browser.sees("NOT ANCHORED");
    browser.shot("audit-report");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy(&entry.path(), &target);
        } else if kind.is_file() {
            // Keeps the permissions, which keys need.
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
    let mode = std::fs::metadata(from).unwrap().permissions();
    std::fs::set_permissions(to, mode).unwrap();
}
