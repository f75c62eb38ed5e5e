//! Invitations by e-mail.

use beckon_tests::browser::Browser;
use beckon_tests::desk::Desk;
use beckon_tests::server::Server;
use beckon_tests::session::COMPANY;
use beckon_tests::smtp_sink::{Mood, SmtpSink};
use beckon_tests::stage::Stage;
use beckon_tests::user::User;

use super::opening::signed_up;

const TO: &str = "otto@example.org";

fn server_with(sink: &SmtpSink) -> Server {
    let port = sink.port().to_string();
    Server::start_with(&[
        ("BECKON_SMTP__HOST", "127.0.0.1"),
        ("BECKON_SMTP__PORT", &port),
        ("BECKON_SMTP__ENCRYPTION", "none"),
        ("BECKON_SMTP__FROM", "Beckon <help@example.com>"),
    ])
}

fn sends(browser: &Browser<'_>) {
    browser.fill("E-mail address", TO);
    browser.click("Send");
}

#[test]
fn a_mailed_link_opens_the_session_in_the_agent() {
    let _stage = Stage::take();
    let sink = SmtpSink::start(Mood::Takes);
    let server = server_with(&sink);
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let operator = signed_up(&office, &server);
    let invitation = operator.drafts("Printer", "Only blank pages.");
    sends(operator.browser());
    operator.browser().sees("Created and sent to otto@example.org.");
    operator.browser().shot("create-sent");

    let mail = sink.mail_to(TO);
    assert_eq!(mail.from, "help@example.com");
    let subject = "Olga Ruiz from Example Ltd is waiting to help you";
    assert_eq!(mail.header("Subject").unwrap(), subject);
    assert!(mail.text().contains(&invitation.code), "{}", mail.text());
    let link = mail.link().unwrap();
    assert_eq!(link, invitation.link);
    assert_eq!(sink.mails().len(), 1);

    let user = User::starts_installed(&home, &[&link]);
    user.window().sees(&format!("You are connecting to {}", server.address()));
    assert_eq!(user.window().field("Code"), invitation.code);
    user.joins(COMPANY);
    operator.closes_dialog();
    operator.sees(&invitation, "available");
    server.log().tells(&["Created", "InvitationSent", "Joined"]);
    let timeline = operator.timeline(&invitation).join("\n");
    assert!(timeline.contains("The invitation was sent to otto@example.org."), "{timeline}");
}

#[test]
fn a_mail_server_that_is_down_is_named_and_nothing_typed_is_lost() {
    let _stage = Stage::take();
    for (mood, why) in [
        (Mood::OutOfOrder, "out of order, try again later"),
        (Mood::RefusesRecipients, "no such mailbox"),
    ] {
        let sink = SmtpSink::start(mood);
        let server = server_with(&sink);
        let desk = Desk::open("operator");
        let operator = signed_up(&desk, &server);
        let invitation = operator.drafts("Printer", "Only blank pages.");
        let browser = operator.browser();
        sends(browser);
        browser.sees("The session was created, but the e-mail was not sent:");
        browser.sees(why);
        assert_eq!(browser.field("E-mail address"), TO);
        assert_eq!(browser.field("Link"), invitation.link);
        assert_eq!(browser.field("Code"), invitation.code);
        operator.closes_dialog();
        operator.sees(&invitation, "waiting-for-user");
        server.log().tells(&["Created"]);
        assert!(sink.mails().is_empty());
        operator.looks_at(&invitation);
        browser.sees("Only blank pages.");
    }
}

#[test]
fn a_mail_that_could_not_be_sent_is_sent_when_the_mail_server_is_back() {
    let _stage = Stage::take();
    let sink = SmtpSink::start(Mood::Takes);
    let port = sink.port();
    let server = server_with(&sink);
    drop(sink);
    let desk = Desk::open("operator");
    let operator = signed_up(&desk, &server);
    let invitation = operator.drafts("Printer", "");
    let browser = operator.browser();
    sends(browser);
    browser.sees("The session was created, but the e-mail was not sent:");
    browser.sees("The mail server cannot be reached");
    browser.sees("Try again later, or send the link yourself.");
    browser.shot("create-not-sent");
    server.log().tells(&["Created"]);

    let sink = SmtpSink::start_on(port, Mood::Takes);
    assert_eq!(browser.field("E-mail address"), TO);
    browser.click("Send again");
    browser.sees("Sent to otto@example.org.");
    assert_eq!(sink.mail_to(TO).link().unwrap(), invitation.link);
    server.log().tells(&["Created", "InvitationSent"]);
}
